"""The whole network: ``encode`` a video once, ``denoise`` score indices many times.

Differences from the released forward pass: a batch of samples shares one
memory, and attention outputs are never NaN because at least one frame is valid.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .dit import Dit
from .embedding import sinusoidal_embedding
from .encoder import Encoder, InputLayer
from .latent_mlp import LatentMlp
from .layers import Mlp, masked_position_code, position_code, time_sinusoid
from .options import TIME_WIDTH_DIT, NetworkOptions

TIME_GAIN_DIT = 0.1
"""The DiT denoiser scales its time embedding by this factor."""


class TimeMlp(nn.Module):
    """Linear, SiLU, linear on the sinusoid of a time."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(TIME_WIDTH_DIT, dim), nn.SiLU(), nn.Linear(dim, dim))

    def forward(self, time: Tensor) -> Tensor:
        return self.mlp(time_sinusoid(time, TIME_WIDTH_DIT))


class Denoiser(nn.Module):
    """Score embedding, body and norm: the part before the score head."""

    def __init__(self, options: NetworkOptions) -> None:
        super().__init__()
        dim = options.hidden
        self.dim = dim
        self.norm = nn.LayerNorm(dim)
        if options.embedding == "learned":
            self.noise_embed: nn.Module = nn.Embedding(options.k + 1, dim)
            self.noise_map: nn.Module = Mlp(dim, dim, dim)
        else:
            self.noise_embed = sinusoidal_embedding(options.k, dim)
            self.noise_map = nn.Identity()
        if options.denoiser == "dit":
            self.time_mlp: nn.Module | None = TimeMlp(dim)
            self.layers: Dit | LatentMlp = Dit(options)
        else:
            self.time_mlp = None
            self.layers = LatentMlp(options)

    def embed_scores(self, index: Tensor) -> Tensor:
        """int64 [S, N] in 0..k to float32 [S, N, D]."""
        return self.noise_map(self.noise_embed(index))

    def embed_time(self, time: Tensor) -> Tensor:
        """Time embedding [T, D] of integer times [T], before any gain."""
        if isinstance(self.layers, LatentMlp):
            return self.layers.time_embed(time_sinusoid(time, self.dim))
        assert self.time_mlp is not None  # set whenever the body is DiT
        return self.time_mlp(time)

    def forward(
        self, index: Tensor, time: Tensor, memory: Tensor, pos: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        x = self.embed_scores(index) + pos
        te = self.embed_time(time).unsqueeze(-2)
        if isinstance(self.layers, Dit):
            body, received = self.layers(x, TIME_GAIN_DIT * te, memory, pos, mask)
            return self.norm(body), received
        return self.norm(self.layers(x, te, memory, mask)), None


class Transformer(nn.Module):
    """Encoder, denoiser and score head under the names that checkpoints use."""

    def __init__(self, options: NetworkOptions) -> None:
        super().__init__()
        self.encoder = Encoder(options)
        self.diffusion_decoder = Denoiser(options)
        self.diff_scores_embed = Mlp(options.hidden, options.hidden, 1)


class SummDiffNetwork(nn.Module):
    """A video encoder and a denoiser of quantised importance scores."""

    def __init__(self, options: NetworkOptions) -> None:
        super().__init__()
        self.options = options
        dim, last = options.hidden, options.n_input_proj - 1
        self.input_vid_proj = nn.ModuleList(
            InputLayer(options.dim_in if i == 0 else dim, dim, options.input_dropout, i != last)
            for i in range(options.n_input_proj)
        )
        self.global_rep_token = nn.Parameter(torch.randn(dim))
        self.global_rep_pos = nn.Parameter(torch.randn(dim))
        self.transformer = Transformer(options)

    def project(self, features: Tensor) -> Tensor:
        """Features [..., N, dim_in] to [..., N, hidden]."""
        for layer in self.input_vid_proj:
            features = layer(features)
        return features

    def encode(self, features: Tensor, mask: Tensor | None = None) -> Tensor:
        """Features float32 [B, N, dim_in] to memory [B, N, hidden].

        ``mask`` bool [B, N] is true on real frames of a padded batch; ``None``
        means that every frame of every video is real.
        """
        x = self.project(features)
        token = self.global_rep_token.expand(x.shape[0], 1, -1)
        pos = self.positions(x, mask)
        token_pos = self.global_rep_pos.expand(pos.shape[0], 1, -1)
        if mask is not None:
            mask = torch.cat((torch.ones_like(mask[:, :1]), mask), dim=1)
        encoded = self.transformer.encoder(torch.cat((token, x), dim=1), torch.cat((token_pos, pos), dim=1), mask)
        return encoded[:, 1:]

    def positions(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Position code [1 or B, N, hidden] of a batch [B, N, …]."""
        if mask is not None:
            return masked_position_code(mask, self.options.hidden)
        return position_code(x.shape[1], self.options.hidden, x.device).unsqueeze(0)

    def denoise_with_attention(
        self, index: Tensor, time: Tensor, memory: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """x0 in logit units [S, N], and received attention [S, N] or ``None``.

        ``index`` int64 [S, N] in 0..k, ``time`` int64 [T], ``memory`` [M, N,
        hidden]; T and M are 1 or S.
        """
        pos = self.positions(memory, mask)
        hidden, received = self.transformer.diffusion_decoder(index, time, memory, pos, mask)
        return self.transformer.diff_scores_embed(hidden).squeeze(-1), received

    def denoise(self, index: Tensor, time: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        """x0 in logit units, float32 [S, N]; see :meth:`denoise_with_attention`."""
        return self.denoise_with_attention(index, time, memory, mask)[0]

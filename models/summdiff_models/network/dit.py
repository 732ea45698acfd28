"""The DiT denoiser body: cross-attention blocks modulated frame by frame.

Score tokens attend to the video memory only, never to each other, so the
output at a frame depends on that frame's own score alone (pointwise).
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from .layers import Mlp, attention_weights, merge_heads, mix, split_heads
from .options import DIT_BLOCKS, NetworkOptions

NORM_EPS = 1e-6


class PlainNorm(nn.Module):
    """Layer norm without parameters."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.shape = (dim,)

    def forward(self, x: Tensor) -> Tensor:
        return functional.layer_norm(x, self.shape, eps=NORM_EPS)


class OutProjection(nn.Module):
    """Holds ``out_proj`` under the name that checkpoints give it."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.out_proj = nn.Linear(dim, dim)


class DitBlock(nn.Module):
    """Modulated cross-attention and feed-forward, each behind a gate."""

    def __init__(self, options: NetworkOptions) -> None:
        super().__init__()
        dim = options.hidden
        self.heads = options.heads
        self.width = dim // options.heads
        self.plain_norm = PlainNorm(dim)
        self.q_proj = nn.Linear(dim, dim)
        self.k_proj = nn.Linear(dim, dim)
        self.v_proj = nn.Linear(dim, dim)
        self.attn = OutProjection(dim)
        self.mlp = Mlp(dim, options.feed_forward, dim)
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(dim, 6 * dim))

    def forward(
        self, x: Tensor, memory: Tensor, condition: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        """``x`` [S, N, D], ``memory`` and ``condition`` [1 or S, N, D].

        Returns the new x, and in evaluation the attention that each frame
        receives [S, N]: mean over heads, summed over queries.
        """
        shift_a, scale_a, gate_a, shift_m, scale_m, gate_m = self.adaLN_modulation(condition).chunk(6, dim=-1)
        seen = self.plain_norm(memory) * (1 + scale_a) + shift_a
        query = split_heads(self.q_proj(self.plain_norm(x) * (1 + scale_a) + shift_a), self.heads, self.width)
        key = split_heads(self.k_proj(seen), self.heads, self.width)
        value = split_heads(self.v_proj(seen), self.heads, self.width)
        received = None
        if self.training:
            mixed = mix(query, key, value, mask)
        else:
            weights = attention_weights(query, key, self.width, mask)
            received = weights.sum(dim=-2).mean(dim=1)
            mixed = weights @ value
        x = x + gate_a * self.attn.out_proj(merge_heads(mixed))
        x = x + gate_m * self.mlp(self.plain_norm(x) * (1 + scale_m) + shift_m)
        return x, received


class FinalLayer(nn.Module):
    """A linear layer after a norm that is modulated by time alone."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.plain_norm = PlainNorm(dim)
        self.linear = nn.Linear(dim, dim)
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(dim, 2 * dim))

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        shift, scale = self.adaLN_modulation(time).chunk(2, dim=-1)
        return self.linear(self.plain_norm(x) * (1 + scale) + shift)


class Dit(nn.Module):
    """Two blocks and the final layer."""

    def __init__(self, options: NetworkOptions) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(DitBlock(options) for _ in range(DIT_BLOCKS))
        self.final_layer = FinalLayer(options.hidden)

    def forward(
        self, x: Tensor, time: Tensor, memory: Tensor, pos: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        """``x`` [S, N, D] (embedding plus position), ``time`` [T, 1, D] already
        scaled, ``memory`` and ``pos`` [M, N, D], T and M each 1 or S.

        Returns the body [S, N, D], and in evaluation the attention that each
        frame receives [S, N], mean over blocks: 1 on average over frames.
        """
        total = None
        for block in self.blocks:
            x, received = block(x, memory, time + pos, mask)
            if received is not None:
                total = received if total is None else total + received
        return self.final_layer(x, time), None if total is None else total / len(self.blocks)

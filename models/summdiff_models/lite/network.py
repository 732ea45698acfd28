"""The shipped networks: an encoder over 2-second tokens and a denoiser.

Shapes: N picks, M = ceil(N / 4) score tokens, H hidden, S samples. The denoiser is the paper's block
(adaptive layer norm) with self-attention among the score tokens in place of cross-attention; queries,
keys and values also carry memory, so that one sample can keep one point of view. It takes the score as
one of K + 1 levels.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional

from .look import motion

SCORE_STRIDE = 4
SPREAD_FLOOR = 1e-4  # added under the root: a lone pick must not turn rounding into motion
RECENT_TOKENS = 15  # half a minute: how far back a token is compared to see whether it is new
CHANGES = 2  # spread of the features, motion of the picture
CURVES = 7


@dataclass(frozen=True)
class Sizes:
    """Network sizes."""

    dim_in: int = 256
    hidden: int = 64
    feed_forward: int = 128
    heads: int = 4
    encoder_layers: int = 2
    denoiser_layers: int = 2
    levels: int = 100

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def position_code(count: torch.Tensor, dim: int) -> torch.Tensor:
    """Sine code [M, dim] of positions ``count`` = 1..M relative to the length (NETWORK.md, section
    2).
    """
    angle = count[:, None] / (count[-1] + 1e-6) * (2 * math.pi)
    channel = torch.arange(dim // 2, device=count.device, dtype=torch.float32)
    angle = angle / torch.pow(torch.tensor(10000.0), 2 * channel / dim)
    return torch.stack([angle.sin(), angle.cos()], 2).reshape(-1, dim)


def time_code(time: torch.Tensor, width: int = 256) -> torch.Tensor:
    """[B] steps 0..999 → [B, width], cosines first."""
    rate = torch.exp(-math.log(10000.0) * torch.arange(width // 2, device=time.device) / (width // 2))
    angle = time.float()[:, None] * rate
    return torch.cat([angle.cos(), angle.sin()], 1)


def attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, heads: int) -> torch.Tensor:
    """Multi-head softmax attention over the second-to-last axis; [..., M, H] each."""

    def split(x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(-1, (heads, x.shape[-1] // heads)).transpose(-3, -2)

    q, k, v = split(q), split(k), split(v)
    weights = torch.softmax(q @ k.transpose(-1, -2) * (q.shape[-1] ** -0.5), -1)
    return (weights @ v).transpose(-3, -2).flatten(-2)


class FeedForward(nn.Sequential):
    """Two layers with SiLU."""

    def __init__(self, dim: int, inner: int, out: int | None = None) -> None:
        super().__init__(nn.Linear(dim, inner), nn.SiLU(), nn.Linear(inner, out or dim))


class EncoderLayer(nn.Module):
    """Pre-norm self-attention over tokens."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.heads = sizes.heads
        self.norm1, self.norm2 = nn.LayerNorm(sizes.hidden), nn.LayerNorm(sizes.hidden)
        self.query_key, self.value = (
            nn.Linear(sizes.hidden, 2 * sizes.hidden),
            nn.Linear(sizes.hidden, sizes.hidden),
        )
        self.out = nn.Linear(sizes.hidden, sizes.hidden)
        self.feed = FeedForward(sizes.hidden, sizes.feed_forward)

    def forward(self, x: torch.Tensor, position: torch.Tensor) -> torch.Tensor:
        h = self.norm1(x)
        q, k = self.query_key(h + position).chunk(2, -1)
        x = x + self.out(attention(q, k, self.value(h), self.heads))
        return x + self.feed(self.norm2(x))


def pooled(features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Picks [N, D] → token means [M, D] and changes [M, 2] within each token: ln of the spread of
    its picks, and motion (``look.motion``).

    The last token averages the picks that are left.
    """

    def averaged(x: torch.Tensor) -> torch.Tensor:
        return functional.avg_pool1d(x.T[None], SCORE_STRIDE, SCORE_STRIDE, ceil_mode=True, count_include_pad=False)[
            0
        ].T

    mean = averaged(features)
    energy = averaged((features * features).sum(1, keepdim=True))
    spread = (energy - (mean * mean).sum(1, keepdim=True)).clamp_min(0.0)
    return mean, torch.cat([0.5 * (spread + SPREAD_FLOOR).log(), averaged(motion(features)[:, None])], 1)


def context_curves(mean: torch.Tensor, changes: torch.Tensor) -> torch.Tensor:
    """What a token is among the others of its video, [B, M, 7], each column z-scored over the
    video: spread and motion (``changes``), how typical it is (mean cosine to all tokens), how new
    (distance to the nearest of the last half minute), how much it differs from the token before,
    colour and contrast.

    A projection to a few dozen channels loses the cosines these are made of, so they are given.
    """
    unit = mean / mean.norm(dim=-1, keepdim=True).clamp_min(1e-9)
    cosine = unit @ unit.transpose(-1, -2)
    number = torch.cumsum(torch.ones_like(changes[0, :, 0]), 0)
    back = number[:, None] - number[None, :]
    lowest = cosine.amin((-1, -2), keepdim=True)

    def distance(reach: int) -> torch.Tensor:
        # The first token has nothing before it and counts as far as any two tokens lie apart.
        nearest = torch.where((back >= 1) & (back <= reach), cosine, lowest).amax(-1)
        return torch.sqrt((1 - nearest).clamp_min(0.0))

    context = torch.stack([cosine.mean(-1), distance(RECENT_TOKENS), distance(1)], -1)
    colour_contrast = mean[..., -3:-1] / mean[..., -1:].clamp_min(1e-6)
    curves = torch.cat([changes, context, colour_contrast], -1)
    curves = curves - curves.mean(1, keepdim=True)
    return curves / ((curves * curves).mean(1, keepdim=True) + 1e-6).sqrt()


class Encoder(nn.Module):
    """Token means and changes [B, M, D], [B, M, 2] → memory [B, M, H]."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(sizes.dim_in))
        self.register_buffer("scale", torch.ones(sizes.dim_in))
        self.register_buffer("changes_centre", torch.zeros(CHANGES))
        self.register_buffer("changes_scale", torch.ones(CHANGES))
        self.project = nn.Linear(sizes.dim_in + CHANGES + CURVES, sizes.hidden)
        self.lift = nn.Sequential(nn.LayerNorm(sizes.hidden), nn.SiLU(), nn.Linear(sizes.hidden, sizes.hidden))
        self.layers = nn.ModuleList(EncoderLayer(sizes) for _ in range(sizes.encoder_layers))
        self.norm = nn.LayerNorm(sizes.hidden)
        self.hidden = sizes.hidden

    def forward(self, mean: torch.Tensor, changes: torch.Tensor) -> torch.Tensor:
        return self.attend(self.tokens(mean, changes))

    def tokens(self, mean: torch.Tensor, changes: torch.Tensor) -> torch.Tensor:
        """[B, M, D + 9]: what does not change in training."""
        centred = (mean - self.centre) * self.scale, (changes - self.changes_centre) * self.changes_scale
        return torch.cat([*centred, context_curves(mean, changes)], -1)

    def attend(self, tokens: torch.Tensor) -> torch.Tensor:
        """``tokens`` → memory [B, M, H]."""
        x = self.lift(self.project(tokens))
        count = torch.cumsum(torch.ones_like(tokens[0, :, 0]), 0)
        position = position_code(count, self.hidden)
        x = x + position
        for layer in self.layers:
            x = layer(x, position)
        return self.norm(x)


class DenoiserBlock(nn.Module):
    """Adaptive layer norm, attention among score tokens, feed-forward."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        dim = sizes.hidden
        self.heads = sizes.heads
        self.modulation = nn.Linear(dim, 6 * dim)
        self.query, self.key, self.value = (
            nn.Linear(dim, dim),
            nn.Linear(dim, dim),
            nn.Linear(dim, dim),
        )
        self.query_memory = nn.Linear(dim, dim, bias=False)
        self.key_memory, self.value_memory = nn.Linear(dim, dim, bias=False), nn.Linear(dim, dim, bias=False)
        self.out = nn.Linear(dim, dim)
        self.feed = FeedForward(dim, sizes.feed_forward)
        self.norm = nn.LayerNorm(dim, eps=1e-6, elementwise_affine=False)

    def forward(self, x: torch.Tensor, memory: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        shift1, scale1, gate1, shift2, scale2, gate2 = self.modulation(functional.silu(condition)).chunk(6, -1)
        h = self.norm(x) * (1 + scale1) + shift1
        q = self.query(h) + self.query_memory(memory)
        k, v = self.key(h) + self.key_memory(memory), self.value(h) + self.value_memory(memory)
        x = x + gate1 * self.out(attention(q, k, v, self.heads))
        return x + gate2 * self.feed(self.norm(x) * (1 + scale2) + shift2)


class Denoiser(nn.Module):
    """Score levels [B, M], time [B], memory [B, M, H] → estimate of the clean logit x0 [B, M]."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        dim = sizes.hidden
        self.hidden = dim
        self.levels = nn.Embedding(sizes.levels + 1, dim)
        with torch.no_grad():  # neighbouring levels start out alike
            grid = torch.arange(sizes.levels + 1)[:, None] / sizes.levels * math.pi
            self.levels.weight.copy_(torch.cos(grid * torch.arange(dim)[None] * 0.25 + 0.1))
        self.score = FeedForward(dim, dim)
        self.own_memory = nn.Linear(dim, dim, bias=False)
        self.time = nn.Sequential(nn.Linear(256, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.blocks = nn.ModuleList(DenoiserBlock(sizes) for _ in range(sizes.denoiser_layers))
        self.final = nn.Linear(dim, 2 * dim)
        self.norm = nn.LayerNorm(dim, eps=1e-6, elementwise_affine=False)
        self.head = FeedForward(dim, dim, 1)

    def forward(self, index: torch.Tensor, time: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        count = torch.cumsum(torch.ones_like(memory[0, :, 0]), 0)
        position = position_code(count, self.hidden)
        te = self.time(time_code(time))[:, None]
        x = self.score(self.levels(index)) + position + self.own_memory(memory)
        # The paper's block modulates by time and place; here place enters through the token alone, which halves
        # the cost of the modulation.
        for block in self.blocks:
            x = block(x, memory, te)
        shift, scale = self.final(functional.silu(te)).chunk(2, -1)
        return self.head(self.norm(x) * (1 + scale) + shift)[..., 0]


class SummaryNet(nn.Module):
    """Encoder and denoiser, trained together."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.encoder, self.denoiser = Encoder(sizes), Denoiser(sizes)


class Regressor(nn.Module):
    """The mean regressor: the same encoder, one score per token."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.encoder, self.head = Encoder(sizes), FeedForward(sizes.hidden, sizes.feed_forward, 1)

    def forward(self, mean: torch.Tensor, changes: torch.Tensor) -> torch.Tensor:
        return self.rate(self.encoder(mean, changes))

    def rate(self, memory: torch.Tensor) -> torch.Tensor:
        """Memory [B, M, H] → logits [B, M]."""
        return self.head(memory)[..., 0]


class ExportedEncoder(nn.Module):
    """What ``encoder.onnx`` holds: features [N, D] → memory [M, H]."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        mean, changes = pooled(features)
        return self.encoder(mean[None], changes[None])[0]


class ExportedDenoiser(nn.Module):
    """What ``denoiser.onnx`` holds: score_index [S, M], time [1], memory [M, H] → x0 [S, M]."""

    def __init__(self, denoiser: Denoiser) -> None:
        super().__init__()
        self.denoiser = denoiser

    def forward(self, score_index: torch.Tensor, time: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        return self.denoiser(score_index, time, memory[None])

"""PGL-SUM: global and local multi-head attention with absolute position codes.

Apostolidis et al., "Combining Global and Local Attention with Positional
Encoding for Video Summarization", ISM 2021: 8 global heads; 4 segments with 4
local heads each; the position code is added to the attention energies; global
and local results are added, then a residual, a norm and a two-layer regressor.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..network.layers import merge_heads, split_heads

FREQUENCY = 10000.0
SEGMENTS = 4
GLOBAL_HEADS = 8
LOCAL_HEADS = 4


def position_energies(position: Tensor, column: Tensor, dim: int) -> Tensor:
    """Sine on even columns and cosine on odd ones of row positions: [N, N]."""
    even = torch.div(column, 2, rounding_mode="floor") * 2
    angle = position.unsqueeze(1) / FREQUENCY ** (even / dim)
    return torch.where(column == even, angle.sin(), angle.cos())


class PositionedAttention(nn.Module):
    """Unscaled multi-head attention with a position code on its energies."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.width = dim // heads
        inner = self.width * heads
        self.query = nn.Linear(dim, inner, bias=False)
        self.key = nn.Linear(dim, inner, bias=False)
        self.value = nn.Linear(dim, inner, bias=False)
        self.output = nn.Linear(inner, dim, bias=False)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor, code: Tensor, seen: Tensor | None) -> Tensor:
        """``code`` and ``seen`` [N, N]; ``seen`` is true where a row may look at a column."""
        q, k, v = (split_heads(f(x), self.heads, self.width) for f in (self.query, self.key, self.value))
        energies = q @ k.transpose(-2, -1) + code
        if seen is not None:
            energies = energies.masked_fill(~seen, float("-inf"))
        return self.output(merge_heads(self.dropout(energies.softmax(dim=-1)) @ v))


class PglSum(nn.Module):
    """``features`` [N, D] to scores [N]."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim
        self.global_attention = PositionedAttention(dim, GLOBAL_HEADS)
        self.local_attention = nn.ModuleList(PositionedAttention(dim, LOCAL_HEADS) for _ in range(SEGMENTS))
        self.dropout = nn.Dropout(0.5)
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.hidden = nn.Linear(dim, dim)
        self.norm_hidden = nn.LayerNorm(dim, eps=1e-6)
        self.score = nn.Linear(dim, 1)

    def forward(self, features: Tensor) -> Tensor:
        index = torch.arange(features.shape[0], dtype=torch.float32, device=features.device)
        count = index[-1] + 1
        length = torch.div(count, SEGMENTS, rounding_mode="floor").clamp(min=1)
        segment = torch.div(index, length, rounding_mode="floor").clamp(max=SEGMENTS - 1)
        within = index - segment * length
        same = segment.unsqueeze(1) == segment.unsqueeze(0)
        fused = self.global_attention(features, position_energies(index, index, self.dim), None)
        code = position_energies(within, within, self.dim)
        for number, attention in enumerate(self.local_attention):
            local = attention(features, code, same)
            fused = fused + torch.where((segment == number).unsqueeze(1), local, 0.0)
        y = self.norm(self.dropout(fused + features))
        y = self.norm_hidden(self.dropout(torch.relu(self.hidden(y))))
        return torch.sigmoid(self.score(y)).squeeze(-1)

"""The LatentMLP denoiser body: convolutions over frames and residual MLP blocks.

The output at a frame depends on scores within 1 + dec_layers frames of it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .options import NetworkOptions


class FrameConv(nn.Conv1d):
    """Width-3 cross-correlation over frames with zero padding, on [S, N, D]."""

    def __init__(self, dim: int) -> None:
        super().__init__(dim, dim, kernel_size=3, padding=1)

    def forward(self, x: Tensor) -> Tensor:  # noqa: D102
        return super().forward(x.transpose(-2, -1)).transpose(-2, -1)


class ResidualBlock(nn.Module):
    """Score, time and video context are added, convolved, and mapped back."""

    def __init__(self, dim: int, dropout: float) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(nn.LayerNorm(dim), nn.SiLU(), nn.Linear(dim, dim))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(dim, dim))
        self.context_layers = nn.Sequential(nn.SiLU(), nn.Linear(dim, dim))
        self.convs = FrameConv(dim)
        self.out_layers = nn.Sequential(nn.LayerNorm(dim), nn.SiLU(), nn.Dropout(dropout), nn.Linear(dim, dim))

    def forward(self, x: Tensor, time: Tensor, memory: Tensor, mask: Tensor | None) -> Tensor:
        a = self.in_layers(x) + self.emb_layers(time) + self.context_layers(memory)
        return x + self.out_layers(self.convs(_blank(a, mask)))


class LatentMlp(nn.Module):
    """Input projection, one convolution, residual blocks, output head."""

    def __init__(self, options: NetworkOptions) -> None:
        super().__init__()
        dim = options.hidden
        self.time_embed = nn.Sequential(nn.Linear(dim, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.input_proj = nn.Linear(dim, dim)
        self.conv1d = FrameConv(dim)
        self.res_blocks = nn.ModuleList(ResidualBlock(dim, options.dropout) for _ in range(options.dec_layers))
        self.out = nn.Sequential(nn.LayerNorm(dim, eps=1e-6), nn.SiLU(), nn.Linear(dim, dim))

    def forward(self, x: Tensor, time: Tensor, memory: Tensor, mask: Tensor | None) -> Tensor:
        """``x`` [S, N, D], ``time`` [T, 1, D] embedded, ``memory`` [M, N, D]."""
        x = self.conv1d(_blank(self.input_proj(x), mask))
        for block in self.res_blocks:
            x = block(x, time, memory, mask)
        return self.out(x)


def _blank(x: Tensor, mask: Tensor | None) -> Tensor:
    """Zero padded frames, so that a convolution sees them as the video's outside."""
    return x if mask is None else torch.where(mask.unsqueeze(-1), x, 0.0)

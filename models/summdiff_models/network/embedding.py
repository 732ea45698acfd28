"""Embeddings of quantised scores."""

from __future__ import annotations

import math

from torch import Tensor, nn

from .layers import channel_wavelengths, interleave


class SinusoidOfScore(nn.Module):
    """Fixed code of a score index: cosine on even channels, minus sine on odd ones.

    Input int64 [S, N] in 0..k, output float32 [S, N, dim].
    """

    def __init__(self, k: int, dim: int) -> None:
        super().__init__()
        self.k = k
        self.dim = dim

    def forward(self, index: Tensor) -> Tensor:
        relative = index.float() / (self.k + 1e-6)
        waves = channel_wavelengths(self.dim, index.device)
        angle = (relative * (2 * math.pi)).unsqueeze(-1) / waves
        return interleave(angle[..., 0::2].cos(), -angle[..., 1::2].sin())


def sinusoidal_embedding(k: int, dim: int) -> nn.Sequential:
    """Sinusoid and a two-layer SiLU network; parameters at indices 1 and 3."""
    return nn.Sequential(SinusoidOfScore(k, dim), nn.Linear(dim, dim), nn.SiLU(), nn.Linear(dim, dim))

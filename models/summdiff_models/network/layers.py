"""Small parts shared by the encoder and the denoisers."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class Mlp(nn.Module):
    """Linear layers with ReLU between them, none after the last."""

    def __init__(self, *widths: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths[:-1], widths[1:]))

    def forward(self, x: Tensor) -> Tensor:
        for index, layer in enumerate(self.layers):
            x = layer(x)
            if index + 1 < len(self.layers):
                x = torch.relu(x)
        return x


def channel_wavelengths(dim: int, device: torch.device) -> Tensor:
    """10000^(2 floor(i/2) / dim) for channels i = 0..dim-1, float32 [dim]."""
    channel = torch.arange(dim, dtype=torch.float32, device=device)
    exponent = 2 * torch.div(channel, 2, rounding_mode="floor") / dim
    return 10000.0**exponent


def interleave(even: Tensor, odd: Tensor) -> Tensor:
    """Channels 0, 2, 4… from ``even`` and 1, 3, 5… from ``odd``; both [..., dim / 2]."""
    return torch.stack((even, odd), dim=-1).flatten(-2)


def position_code(length: int, dim: int, device: torch.device) -> Tensor:
    """Sine position code of one unpadded video, float32 [length, dim].

    Frame j = 1..N stands at angle 2 pi j / (N + 1e-6), so positions are relative
    to the length of the video.
    """
    index = torch.arange(length, dtype=torch.float32, device=device) + 1.0
    # index[-1:] is N as a tensor: it keeps the length dynamic in an exported graph.
    return _code_of(index / (index[-1:] + 1e-6), dim)


def masked_position_code(mask: Tensor, dim: int) -> Tensor:
    """Position code of a padded batch; ``mask`` bool [B, N] is true on real frames."""
    index = mask.to(torch.float32).cumsum(dim=1)
    return _code_of(index / (index[:, -1:] + 1e-6), dim)


def _code_of(relative: Tensor, dim: int) -> Tensor:
    angle = (relative * (2 * math.pi)).unsqueeze(-1) / channel_wavelengths(dim, relative.device)
    return interleave(angle[..., 0::2].sin(), angle[..., 1::2].cos())


def time_sinusoid(time: Tensor, width: int) -> Tensor:
    """All cosines, then all sines, of integer times [T]: float32 [T, width]."""
    half = width // 2
    rank = torch.arange(half, dtype=torch.float32, device=time.device)
    frequency = torch.exp(rank * (-math.log(10000.0) / half))
    angle = time.to(torch.float32).unsqueeze(-1) * frequency
    return torch.cat((angle.cos(), angle.sin()), dim=-1)


def split_heads(x: Tensor, heads: int, width: int) -> Tensor:
    """[B, N, heads * width] to [B, heads, N, width]."""
    return x.unflatten(-1, (heads, width)).transpose(-3, -2)


def attention_weights(query: Tensor, key: Tensor, width: int, mask: Tensor | None) -> Tensor:
    """softmax(q k^T / sqrt(width)) over keys: [B, heads, N, N].

    ``query`` and ``key`` are [B, heads, N, width]; batches broadcast. ``mask``
    bool [B, N] is true for keys that may be attended to.
    """
    scores = (query * width**-0.5) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(~mask[:, None, None, :], float("-inf"))
    return functional.softmax(scores, dim=-1)


def mix(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """Attention without its weights [B, heads, N, width], for training: memory grows with N, not N²."""
    seen = None if mask is None else mask[:, None, None, :]
    return functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)


def merge_heads(x: Tensor) -> Tensor:
    """[B, heads, N, width] to [B, N, heads * width]."""
    return x.transpose(-3, -2).flatten(-2)

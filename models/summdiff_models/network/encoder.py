"""The video encoder: input projection and transformer layers with a global token."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .layers import attention_weights, merge_heads, mix, split_heads
from .options import NetworkOptions


class InputLayer(nn.Module):
    """LayerNorm, dropout, linear, and ReLU on all but the last input layer."""

    def __init__(self, dim_in: int, dim_out: int, dropout: float, relu: bool) -> None:
        super().__init__()
        self.LayerNorm = nn.LayerNorm(dim_in)
        self.net = nn.Sequential(nn.Dropout(dropout), nn.Linear(dim_in, dim_out))
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        x = self.net(self.LayerNorm(x))
        return torch.relu(x) if self.relu else x


class SelfAttention(nn.Module):
    """Multi-head attention with one packed in-projection (rows q, k, v)."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.width = dim // heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * dim, dim))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * dim))
        self.out_proj = nn.Linear(dim, dim)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, query_key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        w_q, w_k, w_v = self.in_proj_weight.chunk(3)
        b_q, b_k, b_v = self.in_proj_bias.chunk(3)
        q = split_heads(nn.functional.linear(query_key, w_q, b_q), self.heads, self.width)
        k = split_heads(nn.functional.linear(query_key, w_k, b_k), self.heads, self.width)
        v = split_heads(nn.functional.linear(value, w_v, b_v), self.heads, self.width)
        mixed = mix(q, k, v, mask) if self.training else attention_weights(q, k, self.width, mask) @ v
        return self.out_proj(merge_heads(mixed))


class EncoderLayer(nn.Module):
    """Transformer layer, post-norm or pre-norm, with a one-slope PReLU.

    The position code is added to queries and keys, not to values.
    """

    def __init__(self, options: NetworkOptions) -> None:
        super().__init__()
        dim = options.hidden
        self.pre_norm = options.pre_norm
        self.self_attn = SelfAttention(dim, options.heads)
        self.linear1 = nn.Linear(dim, options.feed_forward)
        self.linear2 = nn.Linear(options.feed_forward, dim)
        self.norm1 = nn.LayerNorm(dim)
        self.norm2 = nn.LayerNorm(dim)
        self.activation = nn.PReLU()
        self.dropout = nn.Dropout(options.dropout)

    def forward(self, x: Tensor, pos: Tensor, mask: Tensor | None) -> Tensor:
        if self.pre_norm:
            u = self.norm1(x)
            x = x + self.dropout(self.self_attn(u + pos, u, mask))
            return x + self.dropout(self._feed_forward(self.norm2(x)))
        x = self.norm1(x + self.dropout(self.self_attn(x + pos, x, mask)))
        return self.norm2(x + self.dropout(self._feed_forward(x)))

    def _feed_forward(self, x: Tensor) -> Tensor:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class Encoder(nn.Module):
    """A stack of layers; a final norm exists in the pre-norm form only."""

    def __init__(self, options: NetworkOptions) -> None:
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer(options) for _ in range(options.enc_layers))
        self.norm = nn.LayerNorm(options.hidden) if options.pre_norm else None

    def forward(self, x: Tensor, pos: Tensor, mask: Tensor | None) -> Tensor:
        for layer in self.layers:
            x = layer(x, pos, mask)
        return x if self.norm is None else self.norm(x)

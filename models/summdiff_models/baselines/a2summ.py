"""A2Summ's visual branch: a transformer over frames with a class token.

He et al., "Align and Attend: Multimodal Summarization with Dual Contrastive
Losses", CVPR 2023, without the text branch and its losses, and with the
frame-importance head only. Positions are a sine code, so any length works.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..network.layers import attention_weights, merge_heads, position_code, split_heads

HIDDEN, HEADS, LAYERS = 128, 8, 2


class Block(nn.Module):
    """Pre-norm self-attention and a four times wider GELU network."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(HIDDEN)
        self.query = nn.Linear(HIDDEN, HIDDEN)
        self.key = nn.Linear(HIDDEN, HIDDEN)
        self.value = nn.Linear(HIDDEN, HIDDEN)
        self.output = nn.Linear(HIDDEN, HIDDEN)
        self.norm2 = nn.LayerNorm(HIDDEN)
        self.feed_forward = nn.Sequential(
            nn.Linear(HIDDEN, 4 * HIDDEN), nn.GELU(), nn.Dropout(0.1), nn.Linear(4 * HIDDEN, HIDDEN)
        )
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor) -> Tensor:
        u = self.norm1(x)
        q, k, v = (split_heads(f(u), HEADS, HIDDEN // HEADS) for f in (self.query, self.key, self.value))
        weights = self.dropout(attention_weights(q, k, HIDDEN // HEADS, None))
        x = x + self.dropout(self.output(merge_heads(weights @ v)))
        return x + self.dropout(self.feed_forward(self.norm2(x)))


class A2SummVisual(nn.Module):
    """``features`` [N, D] to scores [N]."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.project = nn.Sequential(nn.Linear(dim, HIDDEN), nn.Dropout(0.1))
        self.class_token = nn.Parameter(0.02 * torch.randn(1, HIDDEN))
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(HIDDEN)
        self.head = nn.Sequential(nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Dropout(0.5), nn.Linear(HIDDEN, 1))

    def forward(self, features: Tensor) -> Tensor:
        x = self.project(features)
        x = x + position_code(x.shape[0], HIDDEN, x.device)
        x = torch.cat((self.class_token, x)).unsqueeze(0)
        for block in self.blocks:
            x = block(x)
        return torch.sigmoid(self.head(self.norm(x[0, 1:]))).squeeze(-1)

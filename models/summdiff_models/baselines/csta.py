"""CSTA: a 2-D convolutional network over the stacked frame features as attention.

Son et al., "CSTA: CNN-based Spatiotemporal Attention for Video Summarization",
CVPR 2024: the N x D features, copied to three channels and headed by a class
token, are an image for GoogLeNet's trunk; its pooled output, with a skip from
the keys and a fixed position code, gives a softmax over time and one over
features, both of which weigh the values. The trunk starts from random weights here.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torchvision import models

from ..network.layers import channel_wavelengths, interleave

WIDTH = 1024
"""Channels of GoogLeNet's last layer, hence the width of keys and values."""

MIN_ROWS = 32
"""The trunk halves its image five times; shorter videos are padded for it."""

TRUNK = (
    "conv1", "maxpool1", "conv2", "conv3", "maxpool2", "inception3a", "inception3b", "maxpool3",
    "inception4a", "inception4b", "inception4c", "inception4d", "inception4e", "maxpool4",
    "inception5a", "inception5b",
)  # fmt: skip


def adaptive_rows(x: Tensor, rows: int) -> Tensor:
    """Adaptive average pooling of [H, C] to ``rows`` rows.

    Output row i averages input rows floor(i H / rows) to ceil((i + 1) H / rows)
    exclusive. As a product with a matrix it allows a dynamic number of rows.
    """
    size = x.shape[0]
    height = torch.arange(size, device=x.device)
    index = torch.arange(rows, device=x.device)
    first = torch.div(index * size, rows, rounding_mode="floor")
    last = torch.div((index + 1) * size + rows - 1, rows, rounding_mode="floor")
    inside = (height >= first.unsqueeze(1)) & (height < last.unsqueeze(1))
    return inside.to(x.dtype) @ x / (last - first).unsqueeze(1)


def at_least(x: Tensor, rows: int) -> Tensor:
    """[H, C] with rows of zeros below where H is under ``rows``."""
    height = x.shape[0]
    index = torch.arange(height + rows, device=x.device)
    # as_tensor: while an exporter traces, the height is a tensor already and stays dynamic.
    kept = index < torch.as_tensor(height, device=x.device).clamp(min=rows)
    return torch.cat((x, x.new_zeros(rows, x.shape[1])))[kept]


class Csta(nn.Module):
    """``features`` [N, D] to scores [N]."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        googlenet = models.GoogLeNet(aux_logits=False, transform_input=False, init_weights=False)
        self.trunk = nn.Sequential(*(getattr(googlenet, name) for name in TRUNK))
        self.class_token = nn.Parameter(torch.zeros(1, dim))
        self.key = nn.Linear(dim, WIDTH)
        self.value = nn.Linear(dim, WIDTH)
        self.norm = nn.BatchNorm2d(1)
        self.dropout = nn.Dropout(0.6)
        self.hidden = nn.Linear(WIDTH, WIDTH)
        self.hidden_dropout = nn.Dropout(0.5)
        self.norm_hidden = nn.LayerNorm(WIDTH, eps=1e-6)
        self.score = nn.Linear(WIDTH, 1)

    def forward(self, features: Tensor) -> Tensor:
        frames = features.shape[0]
        x = torch.cat((self.class_token, features))
        key = self.key(x)
        image = at_least(key, MIN_ROWS).expand(1, 3, -1, -1)
        pooled = self.trunk(image).mean(dim=-1).squeeze(0).T
        attention = adaptive_rows(pooled, frames + 1) + key
        attention = self.norm(attention[None, None])[0, 0] / WIDTH**0.5
        attention = attention + self._position_code(x)
        value = self.value(x)
        over_time = self.dropout(attention.softmax(dim=0))
        over_features = self.dropout(attention.softmax(dim=1))
        mixed = adaptive_rows(over_time * value + over_features * value, frames)
        y = self.norm_hidden(self.hidden_dropout(torch.relu(self.hidden(mixed))))
        return torch.sigmoid(self.score(y)).squeeze(-1)

    @staticmethod
    def _position_code(x: Tensor) -> Tensor:
        index = torch.arange(x.shape[0], dtype=torch.float32, device=x.device)
        angle = index.unsqueeze(1) / channel_wavelengths(WIDTH, x.device)
        return interleave(angle[:, 0::2].sin(), angle[:, 1::2].cos())

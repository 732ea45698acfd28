"""BVLC GoogLeNet's architecture in PyTorch, for tests and measurements with random weights.

After Szegedy et al., "Going Deeper with Convolutions" (table 1), with the local
response norms and the rounding-up pooling of the Caffe model. Unlike torchvision's
network it has no batch norm and true 5x5 branches.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

INCEPTIONS = (
    # in, 1x1, reduce 3x3, 3x3, reduce 5x5, 5x5, pool projection
    (192, 64, 96, 128, 16, 32, 32),
    (256, 128, 128, 192, 32, 96, 64),
    (480, 192, 96, 208, 16, 48, 64),
    (512, 160, 112, 224, 24, 64, 64),
    (512, 128, 128, 256, 24, 64, 64),
    (512, 112, 144, 288, 32, 64, 64),
    (528, 256, 160, 320, 32, 128, 128),
    (832, 256, 160, 320, 32, 128, 128),
    (832, 384, 192, 384, 48, 128, 128),
)
POOL_AFTER = (1, 6)
"""Inception modules (counted from 0) that a pooling follows: 3b and 4e."""


def _conv(dim_in: int, dim_out: int, size: int, stride: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(dim_in, dim_out, size, stride=stride, padding=size // 2)
    return nn.Sequential(conv, nn.ReLU())


def _pool() -> nn.MaxPool2d:
    return nn.MaxPool2d(3, stride=2, ceil_mode=True)


class Inception(nn.Module):
    """Four branches, joined by channel."""

    def __init__(self, dim_in: int, c1: int, r3: int, c3: int, r5: int, c5: int, cp: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            (
                _conv(dim_in, c1, 1),
                nn.Sequential(_conv(dim_in, r3, 1), _conv(r3, c3, 3)),
                nn.Sequential(_conv(dim_in, r5, 1), _conv(r5, c5, 5)),
                nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), _conv(dim_in, cp, 1)),
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class BvlcGoogLeNet(nn.Module):
    """``image`` [B, 3, 224, 224] (BGR, mean taken off) to pool5 [B, 1024]."""

    def __init__(self) -> None:
        super().__init__()
        norm = nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75)
        layers: list[nn.Module] = [_conv(3, 64, 7, stride=2), _pool(), norm]
        layers += [_conv(64, 64, 1), _conv(64, 192, 3), norm, _pool()]
        for number, widths in enumerate(INCEPTIONS):
            layers.append(Inception(*widths))
            if number in POOL_AFTER:
                layers.append(_pool())
        self.layers = nn.Sequential(*layers)

    def forward(self, image: Tensor) -> Tensor:
        return self.layers(image).mean(dim=(2, 3))


def random_network(seed: int) -> BvlcGoogLeNet:
    """Random weights that keep activations alive through the depth."""
    torch.manual_seed(seed)
    network = BvlcGoogLeNet()
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    with torch.no_grad():
        first = next(network.parameters())
        first.div_(64)  # pixels reach 150 instead of about 1
    return network.eval()

"""The student: a depthwise-separable network of ¾ the teacher's width at 128 px, started from the
teacher's own filters.

Few photos are at hand, so the student is not drawn at random: at every layer the most telling
channels of the teacher are kept and the 1×1 convolutions are refitted by ridge regression to the
teacher's responses (structured pruning with reconstruction); distillation then trains every weight.
The student answers in the teacher's own 1024-value space, so the two compare without a projection.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional

TEACHER_WIDTHS = (32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
STUDENT_WIDTHS = (24, 48, 96, 96, 192, 192, 384, 384, 384, 384, 384, 384, 640, 1024)
STRIDES = (2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)


class SeparableNet(nn.Module):
    """MobileNet-V1-shaped network without normalisation: [b,3,h,w] in ±1 → [b, widths[-1]] ≥ 0."""

    def __init__(self, widths: tuple[int, ...] = STUDENT_WIDTHS) -> None:
        super().__init__()
        self.widths = widths
        self.stem = nn.Conv2d(3, widths[0], 3, stride=2)
        self.depthwise = nn.ModuleList(
            nn.Conv2d(c, c, 3, stride=s, groups=c) for c, s in zip(widths[:-1], STRIDES[1:], strict=True)
        )
        self.pointwise = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in zip(widths[:-1], widths[1:], strict=True))

    @staticmethod
    def padded(x: torch.Tensor, stride: int) -> torch.Tensor:
        """TensorFlow's SAME padding for a 3×3 kernel on an even-sized map."""
        return functional.pad(x, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))

    def first(self, x: torch.Tensor) -> torch.Tensor:
        """The stem's activation."""
        return functional.relu6(self.stem(self.padded(x, 2)))

    def spread(self, layer: int, x: torch.Tensor) -> torch.Tensor:
        """The depthwise half of block ``layer``."""
        conv = self.depthwise[layer]
        return functional.relu6(conv(self.padded(x, conv.stride[0])))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        for layer, conv in enumerate(self.pointwise):
            x = functional.relu6(conv(self.spread(layer, x)))
        return x.mean((2, 3))


def as_input(images: np.ndarray) -> torch.Tensor:
    """uint8 [b,h,w,3] → float32 [b,3,h,w], (x − 128) / 128."""
    return (torch.from_numpy(images).permute(0, 3, 1, 2).float() - 128.0) / 128.0


def teacher_as_torch(path: Path) -> SeparableNet:
    """The teacher's weights in the same class (checked against ONNX Runtime in the tests)."""
    weights = {
        i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in onnx.load(str(path)).graph.initializer
    }
    net = SeparableNet(TEACHER_WIDTHS)
    convs = [net.stem] + [c for pair in zip(net.depthwise, net.pointwise, strict=True) for c in pair]
    with torch.no_grad():
        for index, conv in enumerate(convs):
            conv.weight.copy_(weights[f"w{index}"])
            conv.bias.copy_(weights[f"b{index}"])
    return net.eval()


def _rows(x: torch.Tensor, limit: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    flat = x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])
    order = torch.randperm(len(flat), generator=torch.Generator().manual_seed(seed))[:limit]
    return flat[order], order


@torch.no_grad()
def pruned_from(teacher: SeparableNet, images: torch.Tensor, ridge: float = 1e-3) -> SeparableNet:
    """A student whose filters are the teacher's most telling ones, refitted layer by layer on
    ``images``.
    """
    student = SeparableNet().eval()
    theirs = teacher.first(images)
    keep = _telling(theirs, teacher, 0, student.widths[0])
    student.stem.weight.copy_(teacher.stem.weight[keep])
    student.stem.bias.copy_(teacher.stem.bias[keep])
    ours = student.first(images)
    for layer, conv in enumerate(teacher.pointwise):
        student.depthwise[layer].weight.copy_(teacher.depthwise[layer].weight[keep])
        student.depthwise[layer].bias.copy_(teacher.depthwise[layer].bias[keep])
        ours = student.spread(layer, ours)
        wanted = conv(teacher.spread(layer, theirs))
        theirs = functional.relu6(wanted)
        last = layer == len(teacher.pointwise) - 1
        keep = (
            torch.arange(wanted.shape[1]) if last else _telling(theirs, teacher, layer + 1, student.widths[layer + 1])
        )
        x, order = _rows(ours, 24_000, layer)
        y = wanted.permute(0, 2, 3, 1).reshape(-1, wanted.shape[1])[order][:, keep].clamp(-3.0, 9.0)
        x1 = torch.cat([x, torch.ones(len(x), 1)], 1).double()
        gram = x1.T @ x1
        gram += ridge * gram.diagonal().mean() * torch.eye(len(gram), dtype=torch.float64)
        solved = torch.linalg.solve(gram, x1.T @ y.double()).float()
        student.pointwise[layer].weight.copy_(solved[:-1].T[:, :, None, None])
        student.pointwise[layer].bias.copy_(solved[-1])
        ours = functional.relu6(student.pointwise[layer](ours))
    return student


def _telling(activation: torch.Tensor, teacher: SeparableNet, layer: int, count: int) -> torch.Tensor:
    """Channels whose variation reaches the next 1×1 convolution most: std after the depthwise step
    × weight norm.
    """
    spread = teacher.spread(layer, activation)
    weight = teacher.pointwise[layer].weight[:, :, 0, 0].norm(dim=0)
    order = (spread.std((0, 2, 3)) * weight).argsort(descending=True)[:count]
    return order.sort().values

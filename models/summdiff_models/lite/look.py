"""How a picture looks, beside what it shows: brightness over a coarse grid, saturation, contrast.

An embedding trained to name things forgets these on purpose, and people's tastes do not. The
extractor therefore ends with them, in 0..1; the encoder reads motion, colour and contrast off them.
Nothing here is learned.
"""

from __future__ import annotations

import torch
from torch.nn import functional

GRID = 6  # cells a side
CELLS = GRID * GRID
# Grid cells, then saturation, contrast and a constant 1, which undoes the L2 norm: the last features.
LOOKS = CELLS + 3
LUMA = (0.299, 0.587, 0.114)
# A quarter of a grey level: changes below are coding noise, not motion.
STILL = 0.001


def look(images: torch.Tensor) -> torch.Tensor:
    """Pictures [b, 3, h, w] in ±1 → [b, 39] in 0..1: mean luma of every cell (row by row), mean of
    max − min over the colours, standard deviation of luma, 1.
    """
    shown = (images + 1) / 2
    luma = (shown * torch.tensor(LUMA)[:, None, None]).sum(1, keepdim=True)
    cell = images.shape[2] // GRID, images.shape[3] // GRID
    cells = functional.avg_pool2d(luma, cell, cell)[:, 0, :GRID, :GRID].flatten(1)
    saturation = (shown.amax(1) - shown.amin(1)).mean((1, 2))
    contrast = luma[:, 0].std((1, 2), correction=0)
    return torch.cat([cells, torch.stack([saturation, contrast, torch.ones_like(contrast)], 1)], 1)


def motion(features: torch.Tensor) -> torch.Tensor:
    """Picks [N, D] → [N]: ln of the mean change of the grid's cells since the pick before (the
    first pick takes the second's), the median of three picks: a cut is not motion.
    """
    seen = features[:, -LOOKS:]
    cells = seen[:, :CELLS] / seen[:, -1:].clamp_min(1e-6)
    before = torch.cat([cells[:2][-1:], cells[:-1]])
    change = (cells - before).abs().mean(1)
    last, following = torch.cat([change[:1], change[:-1]]), torch.cat([change[1:], change[-1:]])
    low, high = torch.minimum(last, following), torch.maximum(last, following)
    return (torch.maximum(low, torch.minimum(high, change)) + STILL).log()

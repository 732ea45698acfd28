"""Deterministic scorers that the paper compares with, from their papers' equations.

Each maps the features [N, D] of one whole video to scores [N] in 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from .a2summ import A2SummVisual
from .csta import Csta
from .pgl_sum import PglSum
from .vasnet import VasNet


@dataclass(frozen=True)
class Baseline:
    """A network and the optimiser settings of its paper."""

    make: type[nn.Module]
    title: str
    learning_rate: float
    weight_decay: float


BASELINES = {
    "vasnet": Baseline(VasNet, "VASNet (Fajtl et al., 2018)", 5e-5, 1e-5),
    "pglsum": Baseline(PglSum, "PGL-SUM (Apostolidis et al., 2021)", 5e-5, 1e-5),
    "csta": Baseline(Csta, "CSTA (Son et al., 2024)", 1e-3, 1e-7),
    "a2summ": Baseline(A2SummVisual, "A2Summ (He et al., 2023), visual branch", 1e-3, 1e-5),
}

"""Rank agreement of many short score curves at once: Kendall's τ-b, checked against SciPy in the
tests.
"""

from __future__ import annotations

import numpy as np


def pair_signs(curves: np.ndarray) -> np.ndarray:
    """[A, M] → signs of all pairwise differences, float32 [A, M(M−1)/2]."""
    upper = np.triu_indices(curves.shape[1], 1)
    return np.sign(curves[:, upper[1]].astype(np.float32) - curves[:, upper[0]].astype(np.float32))


def tau_b(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Kendall's τ-b between every row of ``first`` [A, M] and of ``second`` [B, M]; NaN where a
    curve is flat.
    """
    a, b = pair_signs(np.atleast_2d(first)), pair_signs(np.atleast_2d(second))
    with np.errstate(invalid="ignore", divide="ignore"):
        return (a @ b.T) / np.sqrt(np.abs(a).sum(1)[:, None] * np.abs(b).sum(1)[None])


def pearson(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Pearson's r between every row of ``first`` and of ``second``."""
    a = first - first.mean(1, keepdims=True)
    b = second - second.mean(1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (a @ b.T) / np.sqrt((a * a).sum(1)[:, None] * (b * b).sum(1)[None])

"""The explorer's selection on tokens: change points (KTS) and a 0/1 knapsack of 15 % of the length.

Small reference versions for measuring only; the shipped ones are Rust.
"""

from __future__ import annotations

import numpy as np


def kts(
    features: np.ndarray,
    max_segments: int | None = None,
    vmax: float = 1.0,
    shots: int | None = None,
) -> list[int]:
    """Kernel temporal segmentation with a linear kernel: change points (first row of each later
    segment).

    Minimises the within-segment scatter plus the usual penalty vmax·m/(2n)·(log(n/m)+1); with
    ``shots`` the number of segments is given instead.
    """
    x = np.asarray(features, np.float64)
    n = len(x)
    gram = x @ x.T
    diagonal = np.concatenate([[0], np.cumsum(np.diag(gram))])
    area = np.zeros((n + 1, n + 1))
    area[1:, 1:] = gram.cumsum(0).cumsum(1)
    start, end = np.arange(n)[:, None], np.arange(1, n + 1)[None]
    length = np.where(end > start, end - start, 1)
    block = area[end, end] - area[start, end] - area[end, start] + area[start, start]
    scatter = np.where(end > start, diagonal[end] - diagonal[start] - block / length, np.inf)
    most = min(max_segments or max(1, n // 4), n)
    if shots is not None:
        most = shots
    cost = np.full((most + 1, n + 1), np.inf)
    origin = np.zeros((most + 1, n + 1), int)
    cost[0, 0] = 0
    for m in range(1, most + 1):
        total = cost[m - 1, :n, None] + scatter
        origin[m, 1:] = total.argmin(0)
        cost[m, 1:] = total.min(0)
    changes = np.arange(1, most + 1) - 1
    if shots is not None:
        best = shots
    else:
        penalty = np.zeros(most)
        some = changes > 0
        penalty[some] = vmax * changes[some] / (2 * n) * (np.log(n / changes[some]) + 1)
        best = 1 + int(np.argmin(cost[1:, n] / n + penalty))
    points, at = [], n
    for m in range(best, 0, -1):
        at = int(origin[m, at])
        points.append(at)
    return sorted(p for p in points if p > 0)


def knapsack(values: np.ndarray, lengths: np.ndarray, budget: int) -> np.ndarray:
    """Which segments to take, bool [segments], maximising the value within ``budget`` (integer
    lengths).
    """
    best = np.zeros((len(values) + 1, budget + 1))
    for i, (value, length) in enumerate(zip(values, lengths, strict=True), 1):
        best[i] = best[i - 1]
        if length <= budget:
            taken = best[i - 1, : budget + 1 - length] + value
            best[i, length:] = np.maximum(best[i, length:], taken)
    taken, left = np.zeros(len(values), bool), budget
    for i in range(len(values), 0, -1):
        if best[i, left] != best[i - 1, left]:
            taken[i - 1] = True
            left -= int(lengths[i - 1])
    return taken


def selections(scores: np.ndarray, segments: list[tuple[int, int]], share: float = 0.15) -> np.ndarray:
    """Summaries of score curves [S, M] as bool [S, M]: mean score of a segment × its length, at
    most ``share``.
    """
    lengths = np.array([b - a for a, b in segments])
    out = np.zeros(scores.shape, bool)
    for row, curve in enumerate(scores):
        values = np.array([curve[a:b].sum() for a, b in segments])
        for (a, b), took in zip(segments, knapsack(values, lengths, int(scores.shape[1] * share)), strict=True):
            out[row, a:b] = took
    return out


def mean_iou(chosen: np.ndarray) -> float:
    """Mean intersection over union between different summaries [S, M]; empty ones are left out."""
    chosen = chosen[chosen.any(1)].astype(np.float32)
    if len(chosen) < 2:
        return float("nan")
    both = chosen @ chosen.T
    size = chosen.sum(1)
    iou = both / (size[:, None] + size[None] - both)
    return float(iou[np.triu_indices(len(chosen), 1)].mean())

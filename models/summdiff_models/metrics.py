"""Rank correlations by which training picks its best checkpoint, as the authors' code takes them.

The full set of metrics lives in the Rust program (``summdiff evaluate``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from .data.video import Kind, Video

BUDGET = 0.15


def correlations(scores: NDArray[np.floating], video: Video, kind: Kind) -> tuple[float, float]:
    """Kendall's tau-b and Spearman's rho of one score vector [N]; NaN where constant.

    TVSum: mean over annotators. Mr. HiSum: against the one ground truth. SumMe:
    the binary machine summary against the mean of the users' summaries.
    """
    if kind == "summe":
        assert video.user_summary is not None  # the reader demands it for SumMe
        mean = video.user_summary.mean(axis=0)
        return tau_rho(_padded(machine_summary(scores, video), len(mean)), mean)
    found = [tau_rho(scores, row) for row in video.scores]
    return float(np.mean([t for t, _ in found])), float(np.mean([r for _, r in found]))


def tau_rho(a: NDArray[np.floating], b: NDArray[np.floating]) -> tuple[float, float]:
    """tau-b and rho, NaN for constant input."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan"), float("nan")
    return float(stats.kendalltau(a, b).statistic), float(stats.spearmanr(a, b).statistic)


def machine_summary(scores: NDArray[np.floating], video: Video) -> NDArray[np.float32]:
    """Binary summary of the best segments within 15 % of the frames."""
    frames = frame_scores(scores, video.picks, video.n_frames)
    values = [
        np.float32(frames[start : min(end + 1, video.n_frames)].mean()) if start < video.n_frames else np.float32(0)
        for start, end in video.change_points
    ]
    chosen = knapsack(values, video.n_frame_per_seg.tolist(), int(BUDGET * video.n_frames))
    parts = [np.full(n, j in chosen, np.float32) for j, n in enumerate(video.n_frame_per_seg)]
    return np.concatenate(parts)


def frame_scores(scores: NDArray[np.floating], picks: NDArray[np.int64], n_frames: int) -> NDArray[np.float32]:
    """Each pick's score held until the next pick, float32 [n_frames]."""
    held = np.zeros(n_frames, np.float32)
    ends = np.append(picks[1:], n_frames)
    for score, start, end in zip(scores, picks, ends):
        held[start:end] = score
    return held


def knapsack(values: list[np.float32], weights: list[int], capacity: int) -> set[int]:
    """Items of greatest total value within ``capacity``; on ties the later item is left out."""
    best = np.zeros((len(values) + 1, capacity + 1))
    for i, (value, weight) in enumerate(zip(values, weights), start=1):
        best[i] = best[i - 1]
        if weight <= capacity:
            taken = float(value) + best[i - 1, : capacity + 1 - weight]
            best[i, weight:] = np.maximum(taken, best[i - 1, weight:])
        best[i, 0] = 0  # nothing fits into no room, not even an empty segment
    chosen, room = set(), capacity
    for i in range(len(values), 0, -1):
        if best[i, room] != best[i - 1, room]:
            chosen.add(i - 1)
            room -= weights[i - 1]
    return chosen


def _padded(row: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    return np.pad(row, (0, max(0, length - len(row))))[:length]

"""Real people on a real video: what ``summdiff analyze --json`` gives for a video of SumMe, beside its raters.

The same summaries shifted circularly in time tell chance: they have the same lengths and the same gaps.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

from ..runtime import BundleRunner
from ..sampling import Sampling
from .agreement import tau_b
from .network import SCORE_STRIDE
from .people import RatedFrames

FEW, FRAMES_A_SHIFT = 11, 15


def summaries(analysis: dict, frames: int) -> NDArray[np.float32]:
    """Which frames each sample keeps, [S, frames]."""
    out = np.zeros((len(analysis["samples"]), frames), np.float32)
    for row, sample in zip(out, analysis["samples"]):
        for number in sample["selected_segments"]:
            segment = analysis["segments"][number]
            row[segment["start_frame"] : segment["end_frame"]] = 1
    return out


def f1(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """F1 of every row of ``first`` [A, F] with every row of ``second`` [B, F]."""
    both = first @ second.T
    return 2 * both / np.maximum(first.sum(1)[:, None] + second.sum(1)[None], 1e-9)


def figures(scores: NDArray[np.float64]) -> tuple[float, float]:
    """Mean F1, and the mean over raters of the best of 11 samples, over all runs of 11: of [S, raters]."""
    runs = [scores[start : start + FEW].max(0).mean() for start in range(0, len(scores) - FEW + 1, FEW)]
    return float(scores.mean()), float(np.mean(runs))


def report(analysis_path: Path, truth: Path) -> dict[str, object]:
    """Mean and best-of-11 F1 with the raters, their percentile among all circular shifts, and human pairs."""
    analysis = json.loads(analysis_path.read_text())
    people = (np.asarray(loadmat(truth)["user_score"]).T > 0).astype(np.float32)
    made = summaries(analysis, people.shape[1])
    real = figures(f1(made, people))
    shifts = range(FRAMES_A_SHIFT, people.shape[1] - FRAMES_A_SHIFT, FRAMES_A_SHIFT)
    shifted = np.array([figures(f1(np.roll(made, by, 1), people)) for by in shifts])
    pairs = f1(people, people)
    np.fill_diagonal(pairs, -1)
    count = len(people)
    return {
        "bundle": f"{analysis['bundle']['name']} {analysis['bundle']['version']}",
        "segments": len(analysis["segments"]),
        "raters": count,
        "samples": len(made),
        "mean": real[0],
        "mean, shifted": float(shifted[:, 0].mean()),
        "mean, percentile": float((shifted[:, 0] < real[0]).mean() * 100),
        "best of 11": real[1],
        "best of 11, shifted": float(shifted[:, 1].mean()),
        "best of 11, percentile": float((shifted[:, 1] < real[1]).mean() * 100),
        "pairs of raters": float(pairs[np.triu_indices(count, 1)].mean()),
        "best of the other raters": float(pairs.max(1).mean()),
    }


def slides(bundle: Path, features: NDArray[np.float32], frames: RatedFrames, how: Sampling) -> float:
    """Each video's rated frames shown in a row, one token each: τ of the mean of 100 samples with the mean rating, over
    videos. Frames that a bundle learned its taste from flatter it.
    """
    runner, found = BundleRunner(bundle), []
    for video in np.unique(frames.video):
        here = frames.video == video
        scores = runner.draw(np.repeat(features[here], SCORE_STRIDE, 0), 100, 1, how).mean(0)
        found.append(np.nan_to_num(tau_b(scores[None], frames.ratings[here].mean(1)[None]))[0, 0])
    return float(np.mean(found))

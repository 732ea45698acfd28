"""``simulate``: a dataset file of the real schema with simulated content, for tests.

A video is a row of scenes; each has a feature direction. Annotators rate by a
taste that is linear in the features: one part shared by all (and by all videos
of a file, so that a network can learn it), one part their own.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import h5py
import numpy as np

from ..log import log
from .video import KINDS, Kind

STRIDE = 15
"""Frames of the original video between two picks."""

SHARED_TASTE = 0.8
"""Correlation of an annotator's taste with the shared one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of ``python -m summdiff_models simulate``."""
    parser.add_argument("--kind", choices=KINDS, default="tvsum", help="whose schema to write")
    parser.add_argument("--videos", type=int, default=20)
    parser.add_argument("--annotators", type=int, default=8)
    parser.add_argument("--dim", type=int, default=64, help="feature size; real files have 1024")
    parser.add_argument("--picks", type=int, nargs=2, default=(60, 120), metavar=("MIN", "MAX"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="the .h5 file")


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    write(args.out, args.kind, args.videos, args.annotators, args.dim, tuple(args.picks), args.seed)
    log(f"wrote {args.videos} simulated videos to {args.out}")


def write(path: Path, kind: Kind, videos: int, annotators: int, dim: int, picks: tuple[int, int], seed: int) -> None:
    """Write the file; equal arguments give equal content."""
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal(dim)
    with h5py.File(path, "w") as file:
        for i in range(1, videos + 1):
            group = file.create_group(f"video_{i}")
            n = int(rng.integers(picks[0], picks[1] + 1))
            _write_video(group, kind, rng, shared, annotators, n)


def _write_video(
    group: h5py.Group, kind: Kind, rng: np.random.Generator, shared: np.ndarray, annotators: int, n: int
) -> None:
    dim = len(shared)
    starts = np.unique(np.concatenate([[0], rng.choice(np.arange(1, n), max(2, n // 10), replace=False)]))
    scene = np.searchsorted(starts, np.arange(n), side="right") - 1
    features = rng.standard_normal((len(starts), dim))[scene] + 0.3 * rng.standard_normal((n, dim))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    own = rng.standard_normal((annotators, dim))
    taste = SHARED_TASTE * shared + np.sqrt(1 - SHARED_TASTE**2) * own
    utility = taste @ features.T + 0.1 * rng.standard_normal((annotators, n))
    rank = utility.argsort(1).argsort(1) / max(1, n - 1)
    ratings = 1 + np.searchsorted([0.465, 0.727, 0.880, 0.960], rank)  # TVSum's shares of 1..5
    group["features"] = features.astype(np.float32)
    stride = 1 if kind == "mrhisum" else STRIDE
    n_frames = n * stride
    bounds = np.append(starts, n) * stride
    summaries = np.stack([_summary(row, bounds, stride) for row in rank])
    mean = (ratings / 5).mean(0).astype(np.float32)
    group["gtscore"] = mean
    if kind == "mrhisum":
        group["change_points"] = np.stack([bounds[:-1], bounds[1:]], 1)
        group["gtsummary"] = _summary(mean, bounds, stride)
        return
    group["change_points"] = np.stack([bounds[:-1], bounds[1:] - 1], 1)
    group["n_frame_per_seg"] = np.diff(bounds)
    group["picks"] = np.arange(n) * stride
    group["n_frames"] = n_frames
    group["n_steps"] = n
    group["user_summary"] = summaries
    group["gtsummary"] = _summary(mean, bounds, stride)[::stride]
    if kind == "tvsum":
        group["user_scores"] = np.repeat(ratings, stride, axis=1).astype(np.float32)


def _summary(score: np.ndarray, bounds: np.ndarray, stride: int) -> np.ndarray:
    """Best scenes by mean score, greedily, up to 15 % of the frames."""
    value = [score[a // stride : b // stride].mean() for a, b in zip(bounds[:-1], bounds[1:])]
    chosen = np.zeros(bounds[-1], np.uint8)
    for j in np.argsort(value)[::-1]:
        if chosen.sum() + bounds[j + 1] - bounds[j] <= 0.15 * bounds[-1]:
            chosen[bounds[j] : bounds[j + 1]] = 1
    if not chosen.any():
        best = int(np.argmin(np.diff(bounds)))
        chosen[bounds[best] : bounds[best + 1]] = 1
    return chosen

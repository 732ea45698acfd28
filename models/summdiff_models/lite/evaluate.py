"""The denoiser's table: how well samples reach held-out simulated annotators, and whether each keeps
one viewpoint.

Figures (means over videos):
- ``tau``: mean Kendall τ-b of every sample with every annotator. ``b11``: per annotator the best of
  the first 11 samples, averaged.
- ``matched``: share of annotators some of the first 11 samples reaches with τ ≥ 0.25. ``ratio``:
  share of the 100 samples that reach an annotator with τ ≥ 0.25.
- ``cov``: share of the video's viewpoints to which at least one of 64 samples is nearest (by τ-b,
  and τ ≥ 0.25).
- ``vc``: viewpoint consistency. Every sample's Pearson r with every viewpoint is taken on the first
  and on the second half of the video, the mean over samples (what all samples share) is removed; vc
  is the correlation of the two halves' remainders.
- ``iou``: selection overlap of the samples' 15 % summaries on segments of the true edit.
  ``lowest``: share of shots in the lowest rating.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..metrics import BUDGET, knapsack
from ..runtime import BundleRunner
from ..sampling import Sampling
from .agreement import pearson, tau_b
from .annotators import annotate
from .bundle import DEFAULTS
from .people import Taste
from .train import load_net
from .videos import Studio, Video

SAMPLES, FEW, MANY = 100, 11, 64
REACHED = 0.25
BORDER = 6  # tokens, 12 seconds
NOISE_SHARE = 1.2  # smooth noise beside the consensus, in spreads of the consensus
ANNOTATORS = 20
SETTINGS = {
    "lite": Sampling(steps=DEFAULTS.steps, eta=DEFAULTS.eta, guidance=DEFAULTS.guidance),
    "lite, 6 steps": Sampling(steps=6, eta=1.0),
    "lite, 10 steps": Sampling(steps=10, eta=1.0),
    "lite, 6 steps, eta 0": Sampling(steps=6, eta=0.0),
    "lite, 6 steps, guidance −0.15": Sampling(steps=6, eta=1.0, guidance=-0.15),
    "lite, 6 steps, guidance 0.25": Sampling(steps=6, eta=1.0, guidance=0.25),
    "lite, 6 steps, guidance 0.5": Sampling(steps=6, eta=1.0, guidance=0.5),
}
BEFORE = {
    "version 1": Sampling(steps=6, eta=0.0, guidance=-0.15),
    "version 1, eta 1, guidance 0": Sampling(steps=6, eta=1.0),
}


def selections(scores: NDArray, segments: list[tuple[int, int]]) -> NDArray[np.bool_]:
    """Summaries of score curves [S, M] as bool [S, M]: at most 15 %, by mean score × length."""
    out = np.zeros(scores.shape, bool)
    lengths = [b - a for a, b in segments]
    for row, curve in enumerate(scores):
        values = [np.float32(curve[a:b].sum()) for a, b in segments]
        for chosen in knapsack(values, lengths, int(scores.shape[1] * BUDGET)):
            out[row, slice(*segments[chosen])] = True
    return out


def mean_iou(chosen: NDArray[np.bool_]) -> float:
    """Mean intersection over union between different summaries [S, M]; empty ones are left out."""
    rows = chosen[chosen.any(1)].astype(np.float32)
    if len(rows) < 2:
        return float("nan")
    both, size = rows @ rows.T, rows.sum(1)
    return float((both / (size[:, None] + size[None] - both))[np.triu_indices(len(rows), 1)].mean())


def segments_of(video: Video) -> list[tuple[int, int]]:
    """Scenes of the edit in tokens, long ones split every 5 tokens (10 s)."""
    edges = [0, *(np.flatnonzero(np.diff(video.scene)) + 1).tolist(), len(video.scene)]
    return [(s, min(s + 5, b)) for a, b in zip(edges[:-1], edges[1:]) for s in range(a, b, 5)]


def consistency(curves: NDArray, video: Video) -> float:
    """Viewpoint consistency (vc) of score curves [S, M]; NaN for videos too short to be halved.

    ``BORDER`` tokens on either side of the middle are left out: noise that is merely smooth would
    carry over from one half to the other there.
    """
    middle = curves.shape[1] // 2
    if middle - BORDER < 6:
        return float("nan")
    parts = []
    for side in (slice(0, middle - BORDER), slice(middle + BORDER, None)):
        r = np.nan_to_num(pearson(curves[:, side].astype(float), video.tastes[:, side].astype(float)))
        parts.append((r - r.mean(0)).ravel())
    if min(p.std() for p in parts) < 1e-9:
        return 0.0
    return float(np.corrcoef(*parts)[0, 1])


def measure(curves: NDArray, video: Video, ratings: NDArray) -> dict[str, float]:
    """All figures of one video for score curves [S, M] (one row for a deterministic scorer)."""
    tau = np.nan_to_num(tau_b(curves, ratings))
    near = np.nan_to_num(tau_b(curves[:MANY], video.tastes))
    reached = {int(v) for v, t in zip(near.argmax(1), near.max(1)) if t >= REACHED}
    return {
        "tau": tau.mean(),
        "b11": tau[:FEW].max(0).mean(),
        "matched": (tau[:FEW].max(0) >= REACHED).mean(),
        "ratio": (tau >= REACHED).mean(),
        "cov": len(reached) / len(video.names),
        "vc": consistency(curves[:MANY], video) if len(curves) > 1 else 0.0,
        "iou": mean_iou(selections(curves[:MANY], segments_of(video))) if len(curves) > 1 else 1.0,
        "lowest": (curves < 0.125).mean(),
    }


def smooth_noise(shape: tuple[int, int], rng: np.random.Generator, width: float = 2.5) -> NDArray[np.float64]:
    """Unit Gaussian noise, blurred over ``width`` tokens."""
    reach = int(4 * width)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    kernel /= np.sqrt((kernel**2).sum())
    noise = rng.normal(size=(shape[0], shape[1] + 2 * reach))
    return np.stack([np.convolve(row, kernel, "valid") for row in noise])


def one_video(task: tuple) -> dict[str, dict]:
    """Figures of every row on one held-out video."""
    number, (video, before, ratings, fresh), bundle, old, regressor = task
    torch.set_num_threads(1)
    rng, tokens = np.random.default_rng([77, number]), len(video.scene)
    found = {"fresh annotators (ceiling)": (fresh - 1) / 4, "random": rng.random((SAMPLES, tokens))}
    if regressor.exists():
        with torch.no_grad():
            mean, changes = video.tokens()
            consensus = torch.sigmoid(2 * load_net(regressor)(mean[None], changes[None]))[0].numpy()
        found["mean regressor"] = consensus[None]
        lift = (consensus - consensus.mean()) / max(consensus.std(), 1e-6)
        noisy = lift[None] + NOISE_SHARE * smooth_noise((SAMPLES, tokens), rng)
        found["consensus + smooth noise"] = (noisy.argsort(1).argsort(1) + 0.5) / tokens
    shipped = BundleRunner(bundle)
    found |= {name: shipped.draw(video.picks, SAMPLES, number, how) for name, how in SETTINGS.items()}
    if before is not None:
        runner = BundleRunner(old)
        found |= {name: runner.draw(before.picks, SAMPLES, number, how) for name, how in BEFORE.items()}
    return {name: measure(curves, video, ratings) for name, curves in found.items()}


def held_out_videos(studio: Studio, before: Studio | None, taste: Taste, count: int, seed: int = 909) -> list[tuple]:
    """(video, the same as version 1 sees it, 20 annotators' ratings, 100 fresh annotators' ratings) of ``count``
    videos of 1 to 5 minutes.
    """
    out = []
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        tokens = int(rng.integers(30, 150))
        video, other = (
            s and s.compose(np.random.default_rng((seed, number, 1)), tokens, np.random.default_rng(number))
            for s in (studio, before)
        )
        ratings = annotate(video, taste, ANNOTATORS + SAMPLES, rng)[0]
        out.append((video, other, ratings[:ANNOTATORS], ratings[ANNOTATORS:]))
    return out


def evaluate(videos: list[tuple], bundle: Path, old: Path, regressor: Path, workers: int = 2) -> dict[str, dict]:
    """The table's figures: means over ``held_out_videos``, and the standard error of τ and best of 11."""
    with ProcessPoolExecutor(workers) as pool:
        measured = list(pool.map(one_video, [(n, made, bundle, old, regressor) for n, made in enumerate(videos)]))
    summary = {}
    for name in measured[0]:
        values = {key: np.array([m[name][key] for m in measured], float) for key in measured[0][name]}
        summary[name] = {key: float(np.nanmean(v)) for key, v in values.items()}
        summary[name] |= {f"{key} error": float(np.nanstd(values[key]) / len(measured) ** 0.5) for key in ("tau", "b11")}
    return summary


def table(summary: dict[str, dict]) -> str:
    """Markdown."""
    keys = ("tau", "b11", "matched", "ratio", "cov", "vc", "iou", "lowest")
    heads = ("samples of", "mean τ", "best of 11", "matched in 11", "ratio of 100", "cov", "vc", "selection IoU", "lowest rating")
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    lines += [f"| {name} | " + " | ".join(f"{m[k]:.3f}" for k in keys) + " |" for name, m in summary.items()]
    return "\n".join(lines)

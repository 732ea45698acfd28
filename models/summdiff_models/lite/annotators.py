"""Simulated annotators: each follows a viewpoint of the video and rates 2-second shots 1–5, with
people's noise.

The amounts of shared opinion, taste and noise are set so that groups of 20 agree as TVSum's do
(``calibration``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .videos import zscore

# How common each viewpoint is; every kind of scene of the video has weight 1.
VIEWPOINT_WEIGHT = {
    "motion": 0.9,
    "novelty": 0.9,
    "representativeness": 0.9,
    "colour": 0.5,
    "contrast": 0.4,
    "beginning": 0.35,
    "end": 0.35,
}


@dataclass(frozen=True)
class Habits:
    """Shares of one rating's variation and how people use the scale; calibrated on TVSum."""

    shared: float = 0.37  # weight of the video's consensus
    taste: float = 0.75  # weight of the annotator's own viewpoint
    drift: float = 0.32  # weight of slow noise
    jitter: float = 0.38  # weight of noise per shot
    drift_memory: float = 0.65  # lag-1 autocorrelation of the slow noise
    mixture: float = 0.35  # how often a second viewpoint joins in
    histogram: tuple[float, ...] = (0.465, 0.262, 0.153, 0.080, 0.040)
    concentration: float = 65.0  # Dirichlet strength of each annotator's own histogram


HABITS = Habits()


def consensus(tastes: np.ndarray, names: list[str], rng: np.random.Generator) -> np.ndarray:
    """What most people of this video find important: mainly action, typical content and its leading
    kind of scene.
    """
    base = {
        "motion": 0.5,
        "representativeness": 0.45,
        "novelty": 0.35,
        "colour": 0.1,
        "contrast": 0.1,
    }
    weights = np.array([base.get(n, 0.0) for n in names])
    return zscore((weights[:, None] * tastes).sum(0))


def annotate(
    tastes: np.ndarray,
    names: list[str],
    count: int,
    rng: np.random.Generator,
    habits: Habits = HABITS,
) -> tuple[np.ndarray, np.ndarray]:
    """Ratings uint8 [count, M] in 1..5, and the main viewpoint (index into ``names``) of each
    annotator.
    """
    tokens = tastes.shape[1]
    likely = np.array([VIEWPOINT_WEIGHT.get(n, 1.0) for n in names])
    likely /= likely.sum()
    shared = consensus(tastes, names, rng)
    main = rng.choice(len(names), count, p=likely)
    second = rng.choice(len(names), count, p=likely)
    weight = np.where(rng.random(count) < habits.mixture, rng.uniform(0.2, 0.8, count), 0.0)
    own = np.stack([zscore(tastes[m] + w * tastes[s]) for m, s, w in zip(main, second, weight, strict=True)])
    slow = np.empty((count, tokens))
    slow[:, 0] = rng.normal(size=count)
    keep = habits.drift_memory
    for n in range(1, tokens):
        slow[:, n] = keep * slow[:, n - 1] + (1 - keep**2) ** 0.5 * rng.normal(size=count)
    latent = (
        habits.shared * shared
        + habits.taste * own
        + habits.drift * slow
        + habits.jitter * rng.normal(size=(count, tokens))
    )
    return rate(latent, rng, habits), main


def rate(latent: np.ndarray, rng: np.random.Generator, habits: Habits = HABITS) -> np.ndarray:
    """Cut each annotator's opinion into 1..5 by rank, with that person's own use of the scale."""
    count, tokens = latent.shape
    shares = rng.dirichlet(np.array(habits.histogram) * habits.concentration, count)
    edges = np.cumsum(shares, 1)[:, :4]
    # A short video need not hold every rating: ranks are jittered by half a shot.
    rank = (latent.argsort(1).argsort(1) + rng.random((count, 1))) / tokens
    return (1 + (rank[:, :, None] >= edges[:, None, :]).sum(2)).astype(np.uint8)

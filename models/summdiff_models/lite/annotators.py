"""Simulated annotators: each follows a taste and rates 2-second shots 1–5, in people's course of time.

Shared opinion, raters' directions and courses come from real people (``people.Taste``); their amounts
are set so that groups of 20 agree as TVSum's do (``calibration``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .network import SCORE_STRIDE
from .people import Taste
from .videos import Video, zscore

# How common each viewpoint is; every kind of scene of the video has weight 1.
VIEWPOINT_WEIGHT = {
    "motion": 0.9,
    "novelty": 0.25,
    "representativeness": 0.6,
    "colour": 0.4,
    "contrast": 0.3,
    "beginning": 0.3,
    "end": 0.3,
}
# What most people share beside the learned taste.
COMMON = {"motion": 0.35, "representativeness": 0.3, "contrast": 0.1}
LEARNED, COURSE = 0.9, 1.5  # the course's own spread is about a tenth of an opinion's
RATERS = 0.4  # how often an annotator's taste is a real rater's direction
# How much of what people share of a video its pictures tell (as a correlation): on rated frames of left-out videos the
# learned taste reaches a τ of .17 with the mean rating where a rater reaches .29. The rest is what happens in that
# video: all its annotators share it, and no network can know it.
TOLD = 0.55


@dataclass(frozen=True)
class Habits:
    """Shares of one rating's variation and how people use the scale; calibrated on TVSum."""

    shared: float = 0.53  # weight of the video's consensus
    taste: float = 0.76  # weight of the annotator's own taste
    own: float = 0.34  # weight of a real annotator's own course in time
    jitter: float = 0.40  # weight of noise per shot
    mixture: float = 0.35  # how often a second viewpoint joins in
    histogram: tuple[float, ...] = (0.465, 0.262, 0.153, 0.080, 0.040)
    concentration: float = 65.0  # Dirichlet strength of each annotator's own histogram


HABITS = Habits()


def consensus(
    video: Video, mean: NDArray[np.float32], taste: Taste, rng: np.random.Generator
) -> NDArray[np.float64]:
    """What the people who watch this video share [M]: what its pictures tell, and a view drawn once for all of them."""
    tokens = len(mean)
    course = np.interp(np.linspace(0, 1, tokens), np.linspace(0, 1, len(taste.course)), taste.course)
    weights = np.array([COMMON.get(n, 0.0) for n in video.names])
    told = zscore(LEARNED * zscore(mean @ taste.shared) + COURSE * course + (weights[:, None] * video.tastes).sum(0))
    untold = zscore(own_tastes(video, mean, taste, 1, rng, HABITS)[0][0] + course_in_time(taste, tokens, rng))
    return zscore(TOLD * told + (1 - TOLD**2) ** 0.5 * untold)


def own_tastes(
    video: Video, mean: NDArray[np.float32], taste: Taste, count: int, rng: np.random.Generator, habits: Habits
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Tastes [count, M], and the main viewpoint of each (index into ``names``), −1 for a rater's direction."""
    likely = np.array([VIEWPOINT_WEIGHT.get(n, 1.0) for n in video.names])
    main, second = rng.choice(len(likely), (2, count), p=likely / likely.sum())
    weight = np.where(rng.random(count) < habits.mixture, rng.uniform(0.2, 0.8, count), 0.0)
    directions = taste.raters[rng.integers(len(taste.raters), size=count)]
    real = rng.random(count) < RATERS
    first = np.where(real[:, None], np.stack([zscore(mean @ d) for d in directions]), video.tastes[main])
    own = np.stack([zscore(f + w * video.tastes[s]) for f, w, s in zip(first, weight, second)])
    return own, np.where(real, -1, main)


def course_in_time(taste: Taste, tokens: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """A stretch of a real annotator's own part, or several in a row where the video is longer."""
    parts: list[NDArray[np.float64]] = []
    while (have := sum(map(len, parts))) < tokens:
        curve = taste.own[int(rng.integers(len(taste.own)))]
        start = int(rng.integers(max(1, len(curve) - (tokens - have) + 1)))
        parts.append(curve[start : start + tokens - have])
    return zscore(np.concatenate(parts))


def annotate(
    video: Video, taste: Taste, count: int, rng: np.random.Generator, habits: Habits = HABITS
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Ratings [count, M] in 1..5 of people who watch the video together, and the main viewpoint (index into ``names``) of
    each, −1 for a rater's direction.
    """
    tokens = video.tastes.shape[1]
    mean = video.picks.reshape(tokens, SCORE_STRIDE, -1).mean(1)
    shared = consensus(video, mean, taste, rng)
    own, main = own_tastes(video, mean, taste, count, rng, habits)
    slow = np.stack([course_in_time(taste, tokens, rng) for _ in range(count)])
    opinion = habits.shared * shared + habits.taste * own + habits.own * slow
    return rate(opinion + habits.jitter * rng.normal(size=opinion.shape), rng, habits), main


def rate(opinion: np.ndarray, rng: np.random.Generator, habits: Habits = HABITS) -> NDArray[np.uint8]:
    """Cut each annotator's opinion into 1..5 by rank, with that person's own use of the scale."""
    count, tokens = opinion.shape
    shares = rng.dirichlet(np.array(habits.histogram) * habits.concentration, count)
    edges = np.cumsum(shares, 1)[:, :4]
    # A short video need not hold every rating: ranks are jittered by half a shot.
    rank = (opinion.argsort(1).argsort(1) + rng.random((count, 1))) / tokens
    return (1 + (rank[:, :, None] >= edges[:, None, :]).sum(2)).astype(np.uint8)

"""Training corpora: groups of simulated videos of one length with their annotators' ratings."""

from __future__ import annotations

import json
import pickle
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .annotators import annotate
from .people import Taste
from .videos import Studio

ANNOTATORS = 40
TOKENS_PER_GROUP = 1500
# Share of groups up to each length in tokens of 2 s: 5 seconds to 20 minutes, mostly 1 to 5 minutes.
LENGTHS = ((0.12, 3, 16), (0.40, 16, 45), (0.80, 45, 110), (0.95, 110, 220), (1.0, 220, 601))

Group = tuple[NDArray[np.float16], NDArray[np.float32], NDArray[np.uint8]]
"""Equally long videos: token means [V, M, D], changes [V, M, 2], ratings [V, 40, M]."""


def group_length(rng: np.random.Generator) -> int:
    """Tokens of a group of videos."""
    roll = rng.random()
    _, low, high = next(step for step in LENGTHS if roll < step[0])
    return int(rng.integers(low, high))


def one_group(studio: Studio, taste: Taste, seed: tuple[int, int]) -> Group:
    """A group of equally long videos."""
    rng = np.random.default_rng(seed)
    tokens = group_length(rng)
    made = [studio.compose(rng, tokens) for _ in range(int(np.clip(TOKENS_PER_GROUP // tokens, 3, 40)))]
    made = [v for v in made if v.names]
    ratings = [annotate(v, taste, ANNOTATORS, rng)[0] for v in made]
    means, changes = zip(*(v.tokens() for v in made))
    return np.stack([m.numpy() for m in means]).astype(np.float16), np.stack([c.numpy() for c in changes]), np.stack(ratings)


def _start(studio: Studio, taste: Taste) -> None:
    global _MATERIAL
    _MATERIAL = studio, taste


def _group(seed: tuple[int, int]) -> Group:
    return one_group(*_MATERIAL, seed)


def write_corpus(studio: Studio, taste: Taste, path: Path, groups: int, seed: int = 101, workers: int = 2) -> None:
    """Write ``groups`` groups; the result does not depend on ``workers``."""
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(studio, taste)) as pool:
        out = list(pool.map(_group, [(seed, number) for number in range(groups)], chunksize=2))
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        pickle.dump(out, file, protocol=4)
    partial.rename(path)
    made = {"videos": sum(len(g[0]) for g in out), "groups": groups}
    path.with_name("report_corpus.json").write_text(json.dumps(made) + "\n")
    print(f"corpus: {made['videos']} videos in {groups} groups", flush=True)


def read_corpus(path: Path) -> list[Group]:
    """What ``write_corpus`` wrote (own files only: pickled)."""
    with path.open("rb") as file:
        return pickle.load(file)

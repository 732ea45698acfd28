"""Training corpora: groups of simulated videos of one length with their annotators' ratings, kept
on disk.
"""

from __future__ import annotations

import json
import pickle
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from .annotators import annotate
from .videos import Studio

ANNOTATORS = 40
TOKENS_PER_GROUP = 1500


def group_length(rng: np.random.Generator) -> int:
    """Tokens (2 s each) of a group of videos: 8 seconds to 20 minutes, mostly 1 to 5 minutes."""
    kind = rng.random()
    if kind < 0.12:
        return int(rng.integers(4, 16))
    if kind < 0.40:
        return int(rng.integers(16, 45))
    if kind < 0.80:
        return int(rng.integers(45, 110))
    if kind < 0.95:
        return int(rng.integers(110, 220))
    return int(rng.integers(220, 601))


def one_group(studio: Studio, seed: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A group of equally long videos: f16 [V, M, D], changes [V, M, 2], ratings u8 [V, 40, M]."""
    rng = np.random.default_rng(seed)
    tokens = group_length(rng)
    count = int(np.clip(TOKENS_PER_GROUP // tokens, 3, 40))
    made = [studio.compose(rng, tokens) for _ in range(count)]
    made = [v for v in made if len(v.names)]
    ratings = [annotate(v.tastes, v.names, ANNOTATORS, rng)[0] for v in made]
    return np.stack([v.mean for v in made]), np.stack([v.changes for v in made]), np.stack(ratings)


def _start(studio: Studio) -> None:
    global _STUDIO
    _STUDIO = studio


def _group(seed: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return one_group(_STUDIO, seed)


def write_corpus(studio: Studio, path: Path, groups: int, seed: int = 101, workers: int = 2) -> None:
    """Write ``groups`` groups (see ``one_group``); the result does not depend on ``workers``."""
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(studio,)) as pool:
        out = list(pool.map(_group, [(seed, number) for number in range(groups)], chunksize=2))
    partial = path.with_suffix(".part")
    with open(partial, "wb") as file:
        pickle.dump(out, file, protocol=4)
    partial.rename(path)
    made = {"videos": sum(len(g[0]) for g in out), "groups": groups}
    path.with_name("report_corpus.json").write_text(json.dumps(made) + "\n")
    print(f"corpus: {made['videos']} videos in {groups} groups", flush=True)


def read_corpus(path: Path) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """What ``write_corpus`` wrote (own files only: pickled)."""
    with open(path, "rb") as file:
        return pickle.load(file)

"""``viewers``: simulated viewers of held-out videos as a dataset file, for measures that the program itself makes.

The videos and viewers are those of the card's table of samples: composed of pictures that training never saw, rated by
viewers that training never saw. Features are those of the shipped extractor.
"""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from .annotators import annotate
from .network import SCORE_STRIDE
from .people import Taste
from .videos import Studio

FRAMES_APART = 15  # between picks, at 30 frames a second
SECONDS = (60, 300)
TOKEN_SECS = 2


def write_viewers(
    path: Path, studio: Studio, taste: Taste, videos: int, viewers: int, seed: int = 909
) -> None:
    """Write ``videos`` videos of 1 to 5 minutes, each rated 1..5 by ``viewers`` viewers; equal arguments give equal content."""
    with h5py.File(path, "w") as file:
        for number in range(videos):
            rng = np.random.default_rng((seed, number))
            tokens = int(rng.integers(SECONDS[0] // TOKEN_SECS, SECONDS[1] // TOKEN_SECS))
            video = studio.compose(np.random.default_rng((seed, number, 1)), tokens, np.random.default_rng(number))
            ratings = annotate(video, taste, viewers, rng)[0]
            _write_video(file.create_group(f"video_{number + 1}"), video.picks, ratings, video.scene)


def _write_video(group: h5py.Group, picks: NDArray, ratings: NDArray, scene: NDArray) -> None:
    frames = len(picks) * FRAMES_APART
    starts = np.append(0, np.flatnonzero(np.diff(scene)) + 1) * SCORE_STRIDE * FRAMES_APART
    bounds = np.append(starts, frames)
    scores = np.repeat(ratings, SCORE_STRIDE * FRAMES_APART, axis=1).astype(np.float32)
    group["features"] = picks.astype(np.float32)
    group["picks"] = np.arange(len(picks)) * FRAMES_APART
    group["n_frames"], group["n_steps"] = frames, len(picks)
    group["change_points"] = np.stack([bounds[:-1], bounds[1:] - 1], 1)
    group["n_frame_per_seg"] = np.diff(bounds)
    group["user_scores"] = scores
    group["gtscore"] = ((scores[:, ::FRAMES_APART] - 1) / 4).mean(0)

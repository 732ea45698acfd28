"""Rated videos of an ``eccv16``-style (TVSum, SumMe) or Mr. HiSum HDF5 file.

Groups are videos. Both forms hold ``features`` [N, D], ``gtscore`` [N],
``change_points`` [M, 2]; the ``eccv16`` form also ``picks`` [N], ``n_frames``,
``n_frame_per_seg`` [M], ``user_summary`` [A, n_frames] and perhaps
``user_scores`` [A, n_frames or N]; Mr. HiSum's ``gtsummary`` [N].
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import h5py
import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from .fields import FRAMES_APART, Fields

Kind = Literal["tvsum", "summe", "mrhisum"]
KINDS: tuple[Kind, ...] = ("tvsum", "summe", "mrhisum")

PRELOAD_BYTES = 4 << 30
"""Files up to this size are read whole; of larger ones (Mr. HiSum has 30 GB) features are read when needed."""


@dataclass(frozen=True)
class Video:
    """One rated video.

    ``stored`` are the features [N, D], in memory or still in the file (see
    ``PRELOAD_BYTES``); ``scores`` float32 [A, N] are the annotators' scores in 0..1 at the picks;
    ``consensus`` float32 [N] the file's ``gtscore``; ``user_summary`` uint8
    [A, n_frames] the binary summaries, ``None`` where the file has none.
    ``change_points`` [M, 2] are inclusive frame pairs (half-open on Mr. HiSum).
    ``rated`` is false where ``scores`` is only ``consensus``, because a TVSum
    file has no annotators' scores.
    """

    key: str
    stored: NDArray[np.float32] | h5py.Dataset
    picks: NDArray[np.int64]
    n_frames: int
    change_points: NDArray[np.int64]
    n_frame_per_seg: NDArray[np.int64]
    scores: NDArray[np.float32]
    consensus: NDArray[np.float32]
    user_summary: NDArray[np.uint8] | None
    rated: bool = True

    @property
    def features(self) -> NDArray[np.float32]:
        """float32 [N, D]; read from the file each time where they were not preloaded."""
        values = np.asarray(self.stored, dtype=np.float32)
        if not np.isfinite(values).all():
            source = f"{self.stored.file.filename}: " if isinstance(self.stored, h5py.Dataset) else ""
            raise UserError(f"{source}features of {self.key} hold NaN or infinite values; build the dataset again")
        return values

    @property
    def dim(self) -> int:
        """D, the size of a feature vector."""
        return int(self.stored.shape[1])


def read_videos(path: Path, kind: Kind, annotations: dict[str, NDArray[np.float32]] | None = None) -> list[Video]:
    """All videos of a file, in natural order of their keys (video_2 before video_10).

    ``annotations`` [A, n_frames] by key replace the file's own user scores.
    """
    if not path.is_file():
        raise UserError(f"{path} does not exist; give the path of an HDF5 dataset")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise UserError(f"{path} is not an HDF5 file ({error}); give an .h5 dataset") from error
    preload = path.stat().st_size <= PRELOAD_BYTES
    try:
        groups = {key: group for key, group in file.items() if isinstance(group, h5py.Group)}
        if not groups:
            raise UserError(f"{path} holds no videos; build it again")
        videos = [_read(Fields(path, key, groups[key], kind), preload) for key in sorted(groups, key=natural_order)]
    finally:
        if preload:
            file.close()
    if annotations:
        videos = [_with_annotations(path, video, annotations) for video in videos]
    dims = {video.dim for video in videos}
    if len(dims) != 1:
        raise UserError(f"{path} mixes feature sizes {sorted(dims)}; build it again with one extractor")
    return videos


def features_sha256(video: Video) -> str:
    """SHA-256 of the features' values, float32 [N, D] row by row, little-endian."""
    return hashlib.sha256(np.ascontiguousarray(video.features, "<f4").tobytes()).hexdigest()


def natural_order(key: str) -> tuple[str, int]:
    """Sort key that compares a trailing number as a number."""
    stem = key.rstrip("0123456789")
    return stem, int(key[len(stem) :] or 0)


def _read(fields: Fields, preload: bool) -> Video:
    stored: NDArray[np.float32] | h5py.Dataset = fields.dataset("features", 2, 1)
    if preload:
        with np.errstate(over="ignore"):  # what float32 cannot hold is refused as infinite
            stored = fields.finite("features", fields.array("features").astype(np.float32))
    n = stored.shape[0]
    consensus = _unit(fields.vector("gtscore").astype(np.float32))
    change_points = fields.change_points()
    summary, rated = None, True
    if fields.kind == "mrhisum":
        picks, n_frames = np.arange(n), n
        per_segment = change_points[:, 1] - change_points[:, 0]
        if change_points[-1, 1] != n:
            per_segment[-1] += 1
        scores = consensus[None]
        if "gtsummary" in fields:
            summary = fields.vector("gtsummary")[None].astype(np.uint8)
    else:
        n_frames = fields.number("n_frames")
        if n_frames < 1:
            raise fields.fault("n_frames", f"is {n_frames}")
        picks = fields.picks(n_frames)
        per_segment = fields.vector("n_frame_per_seg").astype(np.int64)
        if "user_summary" in fields:
            summary = fields.table("user_summary").astype(np.uint8)
        if fields.kind == "summe":
            scores = at_picks(fields.ratings("user_summary", n, n_frames), picks, n_frames)
        elif "user_scores" in fields:
            scores = at_picks(relative_to_maximum(fields.ratings("user_scores", n, n_frames)), picks, n_frames)
        else:
            scores, rated = consensus[None], False
    if len(picks) != n or len(consensus) != n or scores.shape[1] != n:
        raise UserError(
            f"{fields.path}: {fields.key} has {n} feature rows but {len(picks)} picks, {len(consensus)} scores and"
            f" {scores.shape[1]} user scores; build it again"
        )
    if len(per_segment) != len(change_points):
        raise fields.fault("n_frame_per_seg", f"has {len(per_segment)} entries for {len(change_points)} change_points")
    return Video(fields.key, stored, picks, n_frames, change_points, per_segment, scores, consensus, summary, rated)


def _with_annotations(path: Path, video: Video, annotations: dict[str, NDArray[np.float32]]) -> Video:
    if video.key not in annotations:
        raise UserError(f"the annotations have no video {video.key} of {path}; give the file of the same dataset")
    scores = annotations[video.key]
    if abs(scores.shape[1] - video.n_frames) > FRAMES_APART * video.n_frames:
        raise UserError(
            f"the annotations of {video.key} have {scores.shape[1]} frames but {path} says {video.n_frames};"
            " give the file of the same dataset"
        )
    return replace(video, scores=at_picks(relative_to_maximum(scores), video.picks, video.n_frames), rated=True)


def at_picks(rows: NDArray[np.float32], picks: NDArray[np.int64], n_frames: int) -> NDArray[np.float32]:
    """Values of [A, n_frames] rows at the picks; rows that are sampled already are kept."""
    rows = np.asarray(rows, np.float32)
    if rows.shape[1] == len(picks) and rows.shape[1] != n_frames:
        return rows
    return rows[:, np.minimum(picks, rows.shape[1] - 1)]


def relative_to_maximum(rows: np.ndarray) -> NDArray[np.float32]:
    """Each row divided by its maximum where ratings exceed 1, as for TVSum's 1..5."""
    rows = np.asarray(rows, np.float32)
    peak = rows.max(axis=1, keepdims=True)
    return np.where(peak > 1, rows / np.maximum(peak, 1e-12), rows)


def _unit(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    peak = float(scores.max(initial=0))
    return scores / peak if peak > 1 else scores

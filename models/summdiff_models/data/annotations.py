"""TVSum's own annotation files: ``ydata-tvsum50-anno.tsv`` and ``ydata-tvsum50.mat``.

The ``eccv16`` feature file calls the videos video_1 … video_50, in the order in
which TVSum lists them.
"""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from ..errors import UserError


def read_annotations(path: Path) -> dict[str, NDArray[np.float32]]:
    """Ratings float32 [annotators, n_frames] by ``video_i``, i from 1 in file order."""
    if not path.is_file():
        raise UserError(f"{path} does not exist; give TVSum's annotation file")
    try:
        rows = _read_mat(path) if path.suffix == ".mat" else _read_tsv(path)
    except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
        raise UserError(f"{path} is not one of TVSum's annotation files ({error})") from error
    for i, ratings in enumerate(rows, start=1):
        if ratings.ndim != 2 or ratings.size == 0 or not np.isfinite(ratings).all():
            raise UserError(f"{path}: the ratings of video_{i} are no finite numbers; give TVSum's own file")
    return {f"video_{i}": ratings for i, ratings in enumerate(rows, start=1)}


def _read_tsv(path: Path) -> list[NDArray[np.float32]]:
    by_video: dict[str, list[list[float]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            name, _category, ratings = line.split("\t")
            by_video.setdefault(name, []).append([float(value) for value in ratings.split(",")])
    if not by_video:
        raise ValueError("it is empty")
    return [np.array(rows, np.float32) for rows in by_video.values()]


def _read_mat(path: Path) -> list[NDArray[np.float32]]:
    with h5py.File(path, "r") as file:
        references = file["tvsum50/user_anno"]
        return [np.asarray(file[one[0]], np.float32) for one in references]

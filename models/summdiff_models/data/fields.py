"""Reading the fields of one video of a dataset file, each checked for type, shape and NaN.

Every refusal names the file, the video and the field.
"""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from ..errors import UserError

FRAMES_APART = 0.02
"""The h5 files and the annotators' own count may differ by a few frames at the end, at most by this share."""


class Fields:
    """The fields of one video's group."""

    def __init__(self, path: Path, key: str, group: h5py.Group, kind: str) -> None:
        self.path, self.key, self.group, self.kind = path, key, group, kind

    def __contains__(self, name: str) -> bool:
        return name in self.group

    def fault(self, name: str, what: str) -> UserError:
        """The error that ``name`` of this video is not as it should be."""
        return UserError(f"{self.path}: {name} of {self.key} {what}; build it again")

    def dataset(self, name: str, *sizes: int) -> h5py.Dataset:
        """The numeric dataset ``name`` with as many axes as ``sizes``, each at least so long."""
        found = self.group.get(name)
        if found is None:
            raise UserError(
                f"{self.path}: video {self.key} has no {name}, which a {self.kind} file needs; build it again"
            )
        if not isinstance(found, h5py.Dataset) or found.dtype.kind not in "fiub":
            raise self.fault(name, "holds no numbers")
        if sizes:
            self.check_shape(name, found.shape, *sizes)
        return found

    def array(self, name: str, *sizes: int) -> np.ndarray:
        """The values of :meth:`dataset`."""
        found = self.dataset(name, *sizes)
        try:
            return np.asarray(found)
        except OSError as error:
            raise self.fault(name, "cannot be read: the file is damaged") from error

    def check_shape(self, name: str, shape: tuple[int, ...], *sizes: int) -> None:
        """Refuse a shape with other axes than ``sizes``, or with one that is shorter."""
        if len(shape) != len(sizes) or any(size < least for size, least in zip(shape, sizes)):
            raise self.fault(name, f"has shape {list(shape)} where at least {list(sizes)} was expected")

    def finite(self, name: str, values: np.ndarray) -> np.ndarray:
        """``values`` themselves; NaN and infinite ones are refused."""
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise self.fault(name, "hold NaN or infinite values")
        return values

    def vector(self, name: str) -> np.ndarray:
        """[N]; a row or a column will do."""
        values = self.array(name)
        if values.size == 0 or values.size != max(values.shape, default=0):
            raise self.fault(name, f"has shape {list(values.shape)} where a row of numbers was expected")
        return self.finite(name, values.reshape(-1))

    def table(self, name: str) -> np.ndarray:
        """[rows, columns], at least one of each."""
        return self.finite(name, self.array(name, 1, 1))

    def number(self, name: str) -> int:
        """One number, alone or as the only one of an array."""
        values = self.array(name)
        if values.size != 1:
            raise self.fault(name, f"has shape {list(values.shape)} where one number was expected")
        return int(self.finite(name, values).item())

    def picks(self, n_frames: int) -> NDArray[np.int64]:
        """Ascending frame numbers; the last may be the end."""
        picks = self.vector("picks").astype(np.int64)
        if picks[0] < 0 or (np.diff(picks) < 0).any() or picks[-1] > n_frames:
            raise self.fault("picks", f"do not ascend from 0 to the {n_frames} frames that n_frames states")
        return picks

    def change_points(self) -> NDArray[np.int64]:
        """[M, 2] first and last frames; one segment may be stored as two numbers."""
        stored = self.array("change_points")
        pairs = stored[None] if stored.shape == (2,) else stored
        self.check_shape("change_points", pairs.shape, 1, 2)
        if pairs.shape[1] != 2:
            raise self.fault("change_points", f"has shape {list(stored.shape)} where pairs were expected")
        pairs = self.finite("change_points", pairs).astype(np.int64)
        if (pairs < 0).any() or (pairs[:, 0] > pairs[:, 1]).any():
            raise self.fault("change_points", "hold segments that end before they start")
        return pairs

    def ratings(self, name: str, n: int, n_frames: int) -> NDArray[np.float32]:
        """float32 [A, n_frames] (a few frames more or less) or [A, N]: a row for each annotator."""
        rows = self.table(name)
        if rows.shape[1] != n and abs(rows.shape[1] - n_frames) > FRAMES_APART * n_frames:
            raise self.fault(name, f"has {rows.shape[1]} columns for {n} picks and {n_frames} frames")
        return rows.astype(np.float32)

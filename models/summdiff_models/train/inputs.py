"""What a run was begun with: its settings, and what its input files hold.

Stored in ``last.pt``, so that a run never goes on with other data under the same name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bundle import sha256_of
from ..data.splits import Split
from ..data.video import Kind
from .recipe import Recipe

HASHED_BYTES = 1 << 30
"""Files up to this size are hashed whole; of larger ones (Mr. HiSum has 30 GB) size and keys must do."""

STATED_LATER = {"kind", "dataset_content", "null_video", "annotations", "embedding", "quantise", "annotators"}
"""Settings that runs of older versions do not state."""

SPOKEN = {
    "split": "another split of the videos",
    "dataset_content": "a dataset of another content",
    "null_video": "another null vector",
    "annotations": "other annotations",
}
"""How to name a changed setting whose value would tell a person nothing."""


def settings_of(
    recipe: Recipe,
    split: Split,
    kind: Kind,
    dataset: Path,
    keys: Iterable[str],
    null: NDArray[np.float32],
    annotations: Path | None,
) -> dict[str, Any]:
    """Everything that must be equal where a run goes on."""
    return recipe.to_json() | {
        "kind": kind,
        "split": split.to_json(),
        "dim_in": len(null),
        "dataset": dataset.name,
        "dataset_content": content_of(dataset, keys),
        "null_video": hashlib.sha256(np.ascontiguousarray(null).tobytes()).hexdigest(),
        "annotations": None if annotations is None else sha256_of(annotations),
    }


def content_of(dataset: Path, keys: Iterable[str]) -> str:
    """A fingerprint of a dataset file's content."""
    size = dataset.stat().st_size
    if size <= HASHED_BYTES:
        return f"sha256 {sha256_of(dataset)}"
    return f"{size} bytes, keys sha256 {hashlib.sha256(chr(0).join(keys).encode()).hexdigest()}"

"""Shared fixtures: one thread for torch, and the reference checkpoint where it is at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

torch.set_num_threads(1)

REPOSITORY = Path(__file__).resolve().parents[2]


def shared_dir() -> Path | None:
    """The folder of reference fixtures: ``SUMMDIFF_SHARED``, or ``shared`` beside the repository."""
    path = Path(os.environ.get("SUMMDIFF_SHARED", REPOSITORY.parent / "shared"))
    return path if path.is_dir() else None


@pytest.fixture(scope="session")
def dit_small() -> Path:
    """Random-weight checkpoint of the authors' network with expected outputs."""
    shared = shared_dir()
    if shared is None:
        pytest.skip("reference fixtures not found: set SUMMDIFF_SHARED")
    return shared / "fixtures" / "official" / "dit_small"

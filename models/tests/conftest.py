"""Shared fixtures: one thread for torch, and the reference checkpoint where it is at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

import summdiff_models  # noqa: F401  (before ONNX Runtime, which it keeps from reporting)

torch.set_num_threads(1)

REPOSITORY = Path(__file__).resolve().parents[2]


def shared_path(name: str) -> Path:
    """A file or folder of the reference data, which lies in ``SUMMDIFF_SHARED`` or in ``shared`` beside the
    repository; the test is skipped where it is absent.
    """
    path = Path(os.environ.get("SUMMDIFF_SHARED", REPOSITORY.parent / "shared")) / name
    if not path.exists():
        pytest.skip(f"{path} was not found: set SUMMDIFF_SHARED")
    return path


@pytest.fixture(scope="session")
def dit_small() -> Path:
    """Random-weight checkpoint of the authors' network with expected outputs."""
    return shared_path("fixtures/official/dit_small")

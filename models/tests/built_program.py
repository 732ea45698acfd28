"""The built program, for the tests that compare with it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conftest import REPOSITORY


def program() -> Path | None:
    """The program that was built last, or ``SUMMDIFF_BIN``; ``None`` where there is none."""
    if "SUMMDIFF_BIN" in os.environ:
        return Path(os.environ["SUMMDIFF_BIN"])
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
    built = [path for kind in ("release", "debug") if (path := target / kind / "summdiff").is_file()]
    return max(built, key=lambda path: path.stat().st_mtime, default=None)


# Under CI the program has been built before: without it these tests fail there, and are not skipped.
needs_program = pytest.mark.skipif(
    program() is None and "CI" not in os.environ, reason="the summdiff program is not built: set SUMMDIFF_BIN"
)

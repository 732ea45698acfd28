"""Writes the small reference files under ``tests/data`` that the Rust tests read.

Run from the repository root: ``python models/tests/make_rust_fixtures.py``.
``test_rust_fixtures.py`` checks that the committed files are what this makes.
The formulas are stated in ``tests/data/sampling/README.md``. Reference pixels of
resized pictures are made by ``tests/data/preprocess/make.py``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path[:0] = [str(TESTS), str(TESTS.parent)]

from fixtures import sampling  # noqa: E402  (the path is set just above)

DATA = TESTS.parents[1] / "tests" / "data"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=DATA, help="folder to write into")
    out = parser.parse_args().out
    sampling.write(out / "sampling")


if __name__ == "__main__":
    main()

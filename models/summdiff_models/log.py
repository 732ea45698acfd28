"""Progress lines on stderr; stdout is kept for data."""

from __future__ import annotations

import sys


def log(message: str) -> None:
    """Print one line on stderr at once."""
    print(message, file=sys.stderr, flush=True)

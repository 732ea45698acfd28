"""The one error type that reaches the person at the command line.

Its text is one sentence that names the file and says what to do.
"""

from __future__ import annotations


class UserError(Exception):
    """A failure that the person can fix; printed without a traceback."""


def some(names: list[str]) -> str:
    """The first three of many names, for a sentence."""
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"

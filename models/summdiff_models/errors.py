"""The one error type that reaches the person at the command line.

Its text is one sentence that names the file and says what to do.
"""

from __future__ import annotations


class UserError(Exception):
    """A failure that the person can mend; printed without a traceback."""

"""Says how far something is that takes long."""

from __future__ import annotations

import sys
import time

_SILENT_SECONDS = 3.0
_SECONDS_BETWEEN_LINES = 5.0
_GB = 1e9


class Progress:
    """Writes a line to standard error every few seconds, and nothing at all about what takes less.

    Args:
        what: What is being done.
        total: How many bytes there are.
    """

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._done = 0
        self._next = time.monotonic() + _SILENT_SECONDS

    def add(self, count: int) -> None:
        """Count bytes that are done."""
        self._done += count
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _SECONDS_BETWEEN_LINES
            share = 100 * self._done // self._total
            sys.stderr.write(f"{self._what}: {share} % of {self._total / _GB:.1f} GB\n")
            sys.stderr.flush()

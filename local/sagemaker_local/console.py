"""Tells the user what happens while it happens."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Reporter:
    """Writes steps, tables and errors; plain lines where nobody watches a terminal."""

    def __init__(self, *, verbose: bool = False) -> None:
        self._verbose = verbose
        # No line is broken: what stands in one can be copied whole, and logs are searched by programs.
        self._console = Console(highlight=False, soft_wrap=True)
        self._errors = Console(stderr=True, highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, doing: str, done: str) -> Iterator[None]:
        """Say what is being done, and how long it took once it is done.

        Args:
            doing: For example ``Deploying``.
            done: For example ``Deployed``.
        """
        started = time.monotonic()
        with self._console.status(Text(f"{doing} ...")):
            yield
        self._console.print(Text(f"{done} ({time.monotonic() - started:.1f} s)"))

    def say(self, line: str) -> None:
        """Write a line."""
        self._console.print(Text(line))

    def detail(self, line: str) -> None:
        """Write a line that is only of interest to who asked for all of them."""
        if self._verbose:
            self._console.print(Text(line, style="dim"))

    def table(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        """Write names and their values, a line each.

        Args:
            title: Stands above.
            rows: The names and values.
        """
        width = max(len(name) for name, _ in rows)
        self._console.print()
        self._console.print(Text(title, style="bold"))
        for name, value in rows:
            self._console.print(Text(f"  {name:<{width}}  ", style="dim").append(Text(value, style="none")))

    def error(self, message: str, details: str = "") -> None:
        """Write what went wrong, the details first: the last line is the one that is read."""
        if details:
            self._errors.print(Text(details.rstrip()))
        self._errors.print(Text(f"error: {message}", style="bold red"))

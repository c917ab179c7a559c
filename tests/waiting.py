"""Waiting for what another process does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_IN_SECONDS = 60


def until(sought: Callable[[], object]) -> None:
    """Ask until the answer is true; a test that waits for a minute in vain has failed."""
    deadline = time.monotonic() + PATIENCE_IN_SECONDS
    while not sought():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {PATIENCE_IN_SECONDS} s in vain")
        time.sleep(0.02)


def ready(start: Any, inference: str | None, **env: str) -> Any:
    """Return a server of the fixture ``start`` that has loaded its model."""
    server = start(inference, **env)
    server.wait_for_ping(200)
    return server

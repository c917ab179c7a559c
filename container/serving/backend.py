"""What answers requests behind the server: one model's pool, or the registry of many."""

from asyncio import Event
from collections.abc import Callable, Mapping
from typing import Protocol

from serving.exchange import Exchange

Route = Callable[[Exchange], None]
Methods = Mapping[bytes, Route]


class Backend(Protocol):
    """Workers, and the routes that lead to them.

    Attributes:
        gave_up: Done when it makes no sense to go on.
        routes: By path.
    """

    gave_up: Event

    @property
    def routes(self) -> Mapping[str, Methods]:
        """Those of fixed paths."""

    def find(self, path: str) -> Methods | None:
        """Those of any other path, or None if it is not one of them."""

    @property
    def busy(self) -> bool:
        """Whether a request waits or is being answered."""

    def start(self) -> None:
        """Begin."""

    def require_ready(self) -> None:
        """Tell by a ServingError why the container is not healthy, if it is not."""

    def tick(self, now: float) -> None:
        """Look for what takes too long."""

    async def stop(self) -> None:
        """End."""

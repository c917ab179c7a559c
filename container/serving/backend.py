"""What answers requests behind the server: one model's pool, or the registry of many."""

from asyncio import Event
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from serving.exchange import Exchange

Route = Callable[[Exchange], None]
Methods = Mapping[bytes, Route]


@dataclass(kw_only=True)
class Tally:
    """What is counted from the start on, over all pools of a container.

    Attributes:
        batch_sizes: How many batches had how many requests.
        restarts: How many workers were replaced.
    """

    batch_sizes: Counter[int] = field(default_factory=Counter)
    restarts: int = 0


@dataclass(frozen=True, kw_only=True)
class Gauges:
    """What is so at the moment.

    Attributes:
        waiting: Requests that wait for a worker.
        in_flight: Requests that workers answer, conversations among them.
        ready_workers: Workers that have loaded their model.
        load_seconds: How long the slowest of these took to load it.
        sessions: Sessions that are open. None where there are no sessions.
        models: Models that can be asked. None where there is one from the start.
    """

    waiting: int = 0
    in_flight: int = 0
    ready_workers: int = 0
    load_seconds: float = 0.0
    sessions: int | None = None
    models: int | None = None


class Backend(Protocol):
    """Workers, and the routes that lead to them.

    Attributes:
        gave_up: Done when it makes no sense to go on.
        tally: What is counted.
    """

    gave_up: Event
    tally: Tally

    @property
    def routes(self) -> Mapping[str, Methods]:
        """Those of fixed paths."""

    def find(self, path: str) -> tuple[str, Methods] | None:
        """The route of any other path and its name, of which there are few. None if it is not one of them."""

    @property
    def busy(self) -> bool:
        """Whether a request waits or is being answered."""

    def gauges(self) -> Gauges:
        """How it is."""

    def start(self) -> None:
        """Begin."""

    def require_ready(self) -> None:
        """Tell by a ServingError why the container is not healthy, if it is not."""

    def tick(self, now: float) -> None:
        """Look for what takes too long."""

    async def stop(self) -> None:
        """End."""

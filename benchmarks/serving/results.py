"""What was measured, by server."""

import json
import statistics
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.serving.load import Measurement
from benchmarks.serving.process import ServerError


@dataclass(kw_only=True)
class Results:
    """All rounds.

    Attributes:
        titles: The servers, in the order of the tables.
        measured: By payload, connections and server.
        limits: By payload: predictions per second without a server, with 1 and with 64 requests per call.
        ready: Seconds to the first healthy ping.
        memory: MiB of all processes with one worker at the end of a turn, by server and model.
        workers: MiB of all processes by number of workers.
        failed: Servers that could not be measured, and why.
        minutes: How long all of it took.
    """

    titles: dict[str, str]
    measured: dict[tuple[str, int, str], list[Measurement]] = field(default_factory=lambda: defaultdict(list))
    limits: dict[str, dict[str, float]] = field(default_factory=dict)
    ready: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    memory: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    workers: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    failed: dict[str, str] = field(default_factory=dict)
    minutes: float = 0.0

    def fail(self, server: str, reason: ServerError) -> None:
        """Leave a server out from now on."""
        self.failed[server] = str(reason)
        print(f"{server}: {reason}", *getattr(reason, "__notes__", []), sep="\n", file=sys.stderr, flush=True)

    def median(self, payload: str, connections: int, server: str) -> Measurement | None:
        """The median of each figure over all rounds, or None if there are none."""
        found = [asdict(each) for each in self.measured.get((payload, connections, server), [])]
        if not found:
            return None
        return Measurement(**{name: statistics.median(each[name] for each in found) for name in found[0]})

    def per_worker(self, server: str) -> float | None:
        """MiB that one more worker costs."""
        weights = self.workers.get(server, {})
        if len(weights) < 2:  # noqa: PLR2004 - a difference needs two
            return None
        few, many = min(weights), max(weights)
        return (weights[many] - weights[few]) / (many - few)

    def write(self, path: Path) -> None:
        """Everything as JSON, for those who want to look closer."""
        path.write_text(json.dumps(self._as_json(), indent=1))

    def _as_json(self) -> dict[str, Any]:
        return {
            "minutes": self.minutes,
            "failed": self.failed,
            "limits": self.limits,
            "ready_seconds": self.ready,
            "workers_mib": self.workers,
            "memory_mib": [{"server": s, "model": m, "mib": values} for (s, m), values in self.memory.items()],
            "measured": [
                {"payload": payload, "connections": connections, "server": server, **asdict(each)}
                for (payload, connections, server), all_of_it in self.measured.items()
                for each in all_of_it
            ],
        }

"""What is counted, and its two forms: Prometheus text at `/metrics`, CloudWatch's embedded metric format on stdout.

Nothing is counted unless a setting asks for it. Then a request costs an addition and an append; what is made of them is
made four times a second, and what is written is written when it is asked for, or once per interval.

https://prometheus.io/docs/instrumenting/exposition_formats/
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import contextlib
import json
import os
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from serving.exchange import Exchange, Reply

MILLISECONDS = (
    0.5,
    1,
    2,
    3,
    5,
    7.5,
    10,
    15,
    20,
    30,
    50,
    75,
    100,
    150,
    200,
    300,
    500,
    750,
    1e3,
    2e3,
    5e3,
    1e4,
    3e4,
    6e4,
)
SECONDS = tuple(bound / 1000 for bound in MILLISECONDS)
"""Upper bounds of the latency histogram."""

BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Upper bounds of the histogram of requests per batch."""

UNMEASURED = frozenset({"/ping", "/metrics"})
"""Paths that are not a client's requests."""


class Measured(Protocol):
    """What the pool of workers tells.

    Attributes:
        batch_sizes: How many batches had how many requests.
        restarts: How many workers were replaced.
    """

    batch_sizes: Counter[int]
    restarts: int

    @property
    def waiting(self) -> int:
        """Requests that wait for a worker."""

    @property
    def in_flight(self) -> int:
        """Requests that workers answer."""

    @property
    def ready_workers(self) -> int:
        """Workers that have loaded their model."""

    @property
    def load_seconds(self) -> float:
        """How long the slowest of these took to load it."""


class Histogram:
    """How many values are at most how large.

    Attributes:
        bounds: The upper bounds of its buckets.
        counts: Values in each bucket, and in one more for larger ones.
        total: The sum of all values.
        largest: The largest value.

    Args:
        bounds: Ascending.
    """

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0
        self.largest = 0.0

    @property
    def count(self) -> int:
        """How many values there are."""
        return sum(self.counts)

    def add(self, values: Iterable[float], *, times: int = 1) -> None:
        """Count values, each as often as it is said."""
        ordered = sorted(values)
        if ordered:
            below = 0
            for bucket, bound in enumerate(self.bounds):
                upto = bisect_right(ordered, bound)
                self.counts[bucket] += (upto - below) * times
                below = upto
            self.counts[-1] += (len(ordered) - below) * times
            self.total += sum(ordered) * times
            self.largest = max(self.largest, ordered[-1])

    def percentile(self, share: float) -> float:
        """The value that a share of all are not above, as if those of a bucket were spread evenly."""
        sought = share * self.count
        below = 0.0
        for count, low, high in zip(self.counts, (0.0, *self.bounds), (*self.bounds, self.largest), strict=True):
            if count and below + count >= sought:
                return min(low + (high - low) * (sought - below) / count, self.largest)
            below += count
        return self.largest


class Metrics:
    """What is counted of one container.

    Args:
        pool: Tells what it knows.
        namespace: CloudWatch's namespace of the metrics.
        dimensions: CloudWatch's dimensions of them.
    """

    def __init__(self, pool: Measured, *, namespace: str, dimensions: Mapping[str, str]) -> None:
        self._pool = pool
        self._namespace = namespace
        self._dimensions = dimensions
        self._fresh: list[float] = []
        self._statuses: Counter[int] = Counter()
        self._latency = Histogram(SECONDS)
        self._longest_queue = self._most_in_flight = 0
        self._begin_interval()

    def replied(self, exchange: Exchange, reply: Reply) -> None:
        """Count a reply."""
        if exchange.path not in UNMEASURED:
            self._statuses[reply.status] += 1
            if exchange.arrived:
                self._fresh.append(time.monotonic() - exchange.arrived)

    def tick(self) -> None:
        """Take in what was counted."""
        fresh, self._fresh = self._fresh, []
        self._latency.add(fresh)
        self._latency_of_interval.add(fresh)
        self._longest_queue = max(self._longest_queue, self._pool.waiting)
        self._most_in_flight = max(self._most_in_flight, self._pool.in_flight)

    def prometheus(self) -> bytes:
        """All since the start, as text."""
        self.tick()
        return "".join(f"{line}\n" for line in self._prometheus_lines()).encode()

    def embedded(self) -> bytes:
        """The interval that ends now, as one line for CloudWatch, of at most 4 KiB and so written in one piece."""
        self.tick()
        statuses = self._statuses - self._statuses_before
        batches = self._pool.batch_sizes - self._batches_before
        latency = self._latency_of_interval
        values: dict[str, tuple[str, float]] = {
            "Requests": ("Count", statuses.total()),
            "Requests4xx": ("Count", sum(count for status, count in statuses.items() if status // 100 == 4)),  # noqa: PLR2004
            "Requests5xx": ("Count", sum(count for status, count in statuses.items() if status // 100 == 5)),  # noqa: PLR2004
            "LongestQueue": ("Count", self._longest_queue),
            "MostInFlight": ("Count", self._most_in_flight),
            "ReadyWorkers": ("Count", self._pool.ready_workers),
            "WorkerRestarts": ("Count", self._pool.restarts - self._restarts_before),
            "ModelLoad": ("Seconds", self._pool.load_seconds),
        }
        if latency.count:
            values["LatencyAverage"] = ("Milliseconds", latency.total / latency.count * 1000)
            for name, share in (("LatencyP50", 0.5), ("LatencyP90", 0.9), ("LatencyP99", 0.99), ("LatencyMaximum", 1)):
                values[name] = ("Milliseconds", latency.percentile(share) * 1000)
        if batches:
            average = sum(size * count for size, count in batches.items()) / batches.total()
            values["BatchSizeAverage"] = ("Count", average)
        self._begin_interval()
        named = [{"Name": name, "Unit": unit} for name, (unit, _) in values.items()]
        directive = {"Namespace": self._namespace, "Dimensions": [list(self._dimensions)], "Metrics": named}
        line = {
            "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]},
            **self._dimensions,
            **{name: round(value, 3) for name, (_, value) in values.items()},
        }
        return json.dumps(line).encode() + b"\n"

    def write_embedded(self) -> None:
        """Write the line of the interval to standard output, if that can be written to."""
        line = self.embedded()
        with contextlib.suppress(OSError):
            os.write(1, line)

    def _begin_interval(self) -> None:
        self._latency_of_interval = Histogram(SECONDS)
        self._statuses_before = Counter(self._statuses)
        self._batches_before = Counter(self._pool.batch_sizes)
        self._restarts_before = self._pool.restarts
        self._longest_queue = self._most_in_flight = 0

    def _prometheus_lines(self) -> Iterator[str]:
        pool = self._pool
        yield from _head("serving_requests_total", "counter", "Requests that were answered, by status.")
        for status, count in sorted(self._statuses.items()):
            yield f'serving_requests_total{{status="{status}"}} {count}'
        yield from _histogram("serving_request_seconds", "From a complete request to its reply.", self._latency)
        batches = Histogram(BATCHES)
        for size, count in pool.batch_sizes.items():
            batches.add([size], times=count)
        yield from _histogram("serving_batch_requests", "Requests that a worker took at once.", batches)
        for name, kind, text, value in (
            ("serving_queue_length", "gauge", "Requests that wait for a worker.", pool.waiting),
            ("serving_in_flight_requests", "gauge", "Requests that workers answer.", pool.in_flight),
            ("serving_ready_workers", "gauge", "Workers that have loaded the model.", pool.ready_workers),
            ("serving_worker_restarts_total", "counter", "Workers that were replaced.", pool.restarts),
            ("serving_model_load_seconds", "gauge", "How long the slowest worker loaded.", pool.load_seconds),
        ):
            yield from _head(name, kind, text)
            yield f"{name} {value}"


def _head(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"


def _histogram(name: str, text: str, histogram: Histogram) -> Iterator[str]:
    yield from _head(name, "histogram", text)
    upto = 0
    for bound, count in zip((*histogram.bounds, "+Inf"), histogram.counts, strict=True):
        upto += count
        yield f'{name}_bucket{{le="{bound}"}} {upto}'
    yield f"{name}_sum {histogram.total}"
    yield f"{name}_count {upto}"

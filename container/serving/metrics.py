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
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from serving.backend import Backend
from serving.exchange import Exchange, Outcome, Reply
from serving.histogram import Histogram

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

MANAGEMENT = frozenset({"/models", "/models/{name}"})
"""Routes that are not counted in what CloudWatch gets: SageMaker's requests, and a 507 of them is no alarm."""


class Metrics:
    """What is counted of one container.

    Args:
        backend: Tells what it knows.
        route_of: The name of a path's route. It is a label: there may be few of them.
        namespace: CloudWatch's namespace of the metrics.
        dimensions: CloudWatch's dimensions of them.
    """

    def __init__(
        self, backend: Backend, route_of: Callable[[str], str], *, namespace: str, dimensions: Mapping[str, str]
    ) -> None:
        self._backend = backend
        self._route_of = route_of
        self._namespace = namespace
        self._dimensions = dimensions
        self._fresh: list[float] = []
        self._statuses: Counter[tuple[str, int]] = Counter()
        self._streams: Counter[tuple[str, Outcome]] = Counter()
        self._latency = Histogram(SECONDS)
        self._longest_queue = self._most_in_flight = 0
        self._begin_interval()

    def replied(self, exchange: Exchange, reply: Reply) -> None:
        """Count a reply."""
        if exchange.path not in UNMEASURED:
            self._statuses[self._route_of(exchange.path), reply.status] += 1
            if exchange.arrived:
                self._fresh.append(time.monotonic() - exchange.arrived)

    def ended(self, exchange: Exchange) -> None:
        """Count a reply that was streamed, now that it is over."""
        self._streams[self._route_of(exchange.path), exchange.outcome] += 1

    def tick(self) -> None:
        """Take in what was counted."""
        fresh, self._fresh = self._fresh, []
        self._latency.add(fresh)
        self._latency_of_interval.add(fresh)
        now = self._backend.gauges()
        self._longest_queue = max(self._longest_queue, now.waiting)
        self._most_in_flight = max(self._most_in_flight, now.in_flight)

    def prometheus(self) -> bytes:
        """All since the start, as text."""
        self.tick()
        return "".join(f"{line}\n" for line in self._prometheus_lines()).encode()

    def embedded(self) -> bytes:
        """The interval that ends now, as one line for CloudWatch, of at most 4 KiB and so written in one piece."""
        self.tick()
        statuses: Counter[int] = Counter()
        for (route, status), count in (self._statuses - self._statuses_before).items():
            if route not in MANAGEMENT:
                statuses[status] += count
        streams = self._streams - self._streams_before
        tally, now = self._backend.tally, self._backend.gauges()
        batches = tally.batch_sizes - self._batches_before
        latency = self._latency_of_interval
        values: dict[str, tuple[str, float]] = {
            "Requests": ("Count", statuses.total()),
            "Requests4xx": ("Count", sum(count for status, count in statuses.items() if status // 100 == 4)),  # noqa: PLR2004
            "Requests5xx": ("Count", sum(count for status, count in statuses.items() if status // 100 == 5)),  # noqa: PLR2004
            "LongestQueue": ("Count", self._longest_queue),
            "MostInFlight": ("Count", self._most_in_flight),
            "ReadyWorkers": ("Count", now.ready_workers),
            "WorkerRestarts": ("Count", tally.restarts - self._restarts_before),
            "ModelLoad": ("Seconds", now.load_seconds),
        }
        if now.sessions is not None:
            values["OpenSessions"] = ("Count", now.sessions)
        if now.models is not None:
            values["LoadedModels"] = ("Count", now.models)
        if streams:
            broken = sum(count for (_, outcome), count in streams.items() if outcome == "broken")
            values |= {"Streams": ("Count", streams.total()), "StreamsBroken": ("Count", broken)}
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
        self._streams_before = Counter(self._streams)
        self._batches_before = Counter(self._backend.tally.batch_sizes)
        self._restarts_before = self._backend.tally.restarts
        self._longest_queue = self._most_in_flight = 0

    def _prometheus_lines(self) -> Iterator[str]:
        tally, now = self._backend.tally, self._backend.gauges()
        yield from _head("serving_requests_total", "counter", "Requests that were answered, by route and status.")
        for (route, status), count in sorted(self._statuses.items()):
            yield f'serving_requests_total{{route="{route}",status="{status}"}} {count}'
        if self._streams:
            yield from _head("serving_streams_total", "counter", "Streamed replies that have ended, by outcome.")
        for (route, outcome), count in sorted(self._streams.items()):
            yield f'serving_streams_total{{route="{route}",outcome="{outcome}"}} {count}'
        text = "From a complete request to its reply, or to the first part of one that is streamed."
        yield from _histogram("serving_request_seconds", text, self._latency)
        batches = Histogram(BATCHES)
        for size, count in tally.batch_sizes.items():
            batches.add([size], times=count)
        yield from _histogram("serving_batch_requests", "Requests that a worker took at once.", batches)
        for name, kind, text, value in (
            ("serving_queue_length", "gauge", "Requests that wait for a worker.", now.waiting),
            ("serving_in_flight_requests", "gauge", "Requests that workers answer.", now.in_flight),
            ("serving_ready_workers", "gauge", "Workers that have loaded the model.", now.ready_workers),
            ("serving_worker_restarts_total", "counter", "Workers that were replaced.", tally.restarts),
            ("serving_model_load_seconds", "gauge", "How long the slowest worker loaded.", now.load_seconds),
            ("serving_open_sessions", "gauge", "Sessions that are open.", now.sessions),
            ("serving_loaded_models", "gauge", "Models that can be asked.", now.models),
        ):
            if value is not None:
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

from __future__ import annotations

import json
import os
import re
import signal
from typing import TYPE_CHECKING, Any

import pytest

from serving.histogram import Histogram
from serving.metrics import SECONDS

if TYPE_CHECKING:
    from pathlib import Path

SUMS = """
BATCHABLE = True

def model_fn(model_dir):
    return 10

def predict_fn(rows, model):
    if (rows == 13).any():
        raise ValueError("thirteen")
    return rows.sum(axis=1) * model
"""
INFERENCE = SUMS
ENVIRONMENT = {"SERVING_METRICS": "prometheus"}


def samples(server: Any) -> dict[str, float]:
    answer = server.request("GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.text.endswith("\n")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r'[a-z_]+(\{[a-z]+="[^"]+"(,[a-z]+="[^"]+")*\})? \S+', line) for line in lines)
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_requests_are_counted_by_status(server: Any) -> None:
    before = samples(server)
    for body, status in ((b"1,2", 200), (b"1,2", 200), (b"1,x", 400), (b"13,1", 500)):
        assert server.invoke(body).status == status
    after = samples(server)
    grown = {
        status: after[f'serving_requests_total{{route="/invocations",status="{status}"}}']
        - before.get(f'serving_requests_total{{route="/invocations",status="{status}"}}', 0)
        for status in (200, 400, 500)
    }
    assert grown == {200: 2, 400: 1, 500: 1}


def test_pings_and_scrapes_are_not_requests(server: Any) -> None:
    before = samples(server)
    assert server.ping() == 200
    assert samples(server) == before


def test_latencies_and_batches_are_histograms(server: Any) -> None:
    server.invoke(b"1,2")
    found = samples(server)
    for name in ("serving_request_seconds", "serving_batch_requests"):
        buckets = [value for key, value in found.items() if key.startswith(f"{name}_bucket")]
        assert buckets == sorted(buckets)
        assert buckets[-1] == found[f"{name}_count"] > 0
        assert found[f"{name}_sum"] > 0
    assert found['serving_batch_requests_bucket{le="1"}'] >= 1


def test_every_metric_has_a_type_and_a_text(server: Any) -> None:
    text = server.request("GET", "/metrics").text
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"^([a-z_]+)[{ ]", text, re.MULTILINE)}
    assert families == set(re.findall(r"^# TYPE (\w+) (?:counter|gauge|histogram)$", text, re.MULTILINE))
    assert families == set(re.findall(r"^# HELP (\w+) .+\.$", text, re.MULTILINE))


def test_the_state_of_the_workers_is_told(start: Any) -> None:
    takes_time = SUMS.replace("    return 10", "    __import__('time').sleep(0.01)\n    return 10")
    server = start(takes_time, SERVING_METRICS="prometheus", SAGEMAKER_MODEL_SERVER_WORKERS="2")
    server.wait_for_ping(200)
    found = samples(server)
    assert (found["serving_ready_workers"], found["serving_worker_restarts_total"]) == (2, 0)
    assert (found["serving_queue_length"], found["serving_in_flight_requests"]) == (0, 0)
    assert found["serving_model_load_seconds"] >= 0.01
    os.kill(min(server.workers()), signal.SIGKILL)
    while samples(server)["serving_worker_restarts_total"] < 1:
        assert server.process.poll() is None


def test_there_are_no_metrics_without_the_setting(start: Any) -> None:
    server = start(SUMS)
    server.wait_for_ping(200)
    assert server.request("GET", "/metrics").status == 404


def test_cloudwatch_gets_one_line_per_interval_and_one_at_the_end(start: Any, tmp_path: Path) -> None:
    server = start(
        SUMS,
        SERVING_METRICS="cloudwatch",
        SERVING_METRICS_SECONDS="3600",
        SERVING_METRICS_NAMESPACE="Models",
        SERVING_METRICS_DIMENSIONS="Endpoint=iris",
    )
    server.wait_for_ping(200)
    assert server.request("GET", "/metrics").status == 404
    for body in (b"1,2", b"3,4", b"1,x", b"13,1"):
        server.invoke(body)
    assert server.stop() == 0
    (line,) = [json.loads(line) for line in (tmp_path / "stdout.txt").read_text().splitlines()]
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert isinstance(line["_aws"]["Timestamp"], int)
    assert (directive["Namespace"], directive["Dimensions"], line["Endpoint"]) == ("Models", [["Endpoint"]], "iris")
    assert set(line) == {"_aws", "Endpoint", *units}
    assert (line["Requests"], line["Requests4xx"], line["Requests5xx"]) == (4, 1, 1)
    assert (line["BatchSizeAverage"], line["WorkerRestarts"], line["ReadyWorkers"]) == (1, 0, 1)
    assert 0 < line["LatencyP50"] <= line["LatencyP99"] <= line["LatencyMaximum"]
    assert (units["LatencyP99"], units["ModelLoad"], units["Requests"]) == ("Milliseconds", "Seconds", "Count")


def test_an_interval_without_requests_has_no_latency(start: Any, tmp_path: Path) -> None:
    server = start(SUMS, SERVING_METRICS="cloudwatch", SERVING_METRICS_SECONDS="1")
    server.wait_for_ping(200)
    server.invoke(b"1,2")
    while len(lines := (tmp_path / "stdout.txt").read_text().splitlines()) < 3:
        assert server.process.poll() is None
    told = [json.loads(line) for line in lines]
    assert sum(line["Requests"] for line in told) == 1
    assert ["LatencyP50" in line for line in told] == [line["Requests"] == 1 for line in told]


@pytest.mark.parametrize(("share", "value"), [(0.5, 0.05), (0.99, 0.099), (1, 0.1)])
def test_a_percentile_is_near_the_value_that_it_estimates(share: float, value: float) -> None:
    histogram = Histogram(SECONDS)
    histogram.add([number / 1000 for number in range(1, 101)])
    assert histogram.percentile(share) == pytest.approx(value, rel=0.02)


def test_a_percentile_beyond_the_last_bound_is_no_more_than_the_largest_value() -> None:
    histogram = Histogram(SECONDS)
    histogram.add([100.0, 200.0])
    assert histogram.percentile(1) == 200
    assert histogram.counts[-1] == histogram.count == 2

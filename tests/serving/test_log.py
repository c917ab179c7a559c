"""What the container writes to stderr, read as a log service would."""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).parents[2] / "container"

TALKS = """
import logging
import sys
import warnings

logger = logging.getLogger("fraud.model")
BATCHABLE = True

def model_fn(model_dir):
    print("weights", "read")
    print("half a line", end="")
    print(" and the rest", file=sys.stdout)
    print("careful", file=sys.stderr)
    warnings.warn("old weights")
    return 1

def predict_fn(rows, model):
    if rows[0, 0] == 13:
        raise ValueError("thirteen")
    logger.warning("predicting %s", "now", extra={"rows": len(rows), "level": "mine", "share": float("nan")})
    return rows[:, 0]
"""
INFERENCE = TALKS
ENVIRONMENT = {"SERVING_LOG_FORMAT": "", "PYTHONWARNINGS": "default"}


def lines(server: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.log.splitlines()]


def events(server: Any, event: str) -> list[dict[str, Any]]:
    return [line for line in lines(server) if line["event"] == event]


def only(server: Any, event: str, **fields: object) -> dict[str, Any]:
    (found,) = (line for line in events(server, event) if fields.items() <= line.items())
    return found


def test_every_line_is_a_json_object_with_time_level_process_and_event(server: Any) -> None:
    for line in lines(server):
        assert list(line)[:4] == ["time", "level", "process", "event"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
        assert line["level"] in logging.getLevelNamesMapping()


def test_the_log_says_at_start_what_was_loaded_and_how(server: Any) -> None:
    banner = only(server, "ready")
    assert banner["contract"] == "model_fn, input_fn (default), predict_fn, output_fn (default)"
    assert (banner["workers"], banner["port"], banner["batch"]) == (1, server.port, 64)
    assert banner["model_dir"] == str(server.base / "model")
    assert banner["seconds"] >= 0
    assert re.match(r"python 3\.\d+\.\d+, numpy \d", banner["versions"])
    assert only(server, "starting")["port"] == server.port


def test_what_the_author_prints_while_loading_is_a_line_each(server: Any) -> None:
    assert only(server, "weights read")["logger"] == "stdout"
    assert only(server, "half a line and the rest")["process"] == "worker-0"
    assert (only(server, "careful")["logger"], only(server, "careful")["level"]) == ("stderr", "WARNING")
    assert any("old weights" in line["event"] for line in lines(server) if line.get("logger") == "py.warnings")


def test_what_the_author_logs_while_predicting_names_the_request(server: Any) -> None:
    assert server.invoke(b"1,2", x_amzn_sagemaker_inference_id="of-the-author").status == 200
    line = only(server, "predicting now", inference_id="of-the-author")
    assert (line["logger"], line["rows"], line["level"], line["level_"]) == ("fraud.model", "1", "WARNING", "mine")
    assert re.fullmatch(r"[0-9a-f]{16}", line["request_id"])


def test_a_failed_request_has_one_line_and_its_traceback_another_with_the_same_ids(server: Any) -> None:
    assert server.invoke(b"13,2", x_amzn_sagemaker_inference_id="thirteen").status == 500
    failed = only(server, "request failed", inference_id="thirteen")
    reason = only(server, "prediction failed", inference_id="thirteen")
    assert (failed["level"], failed["status"], failed["method"]) == ("ERROR", 500, "POST")
    assert (failed["path"], failed["bytes_in"]) == ("/invocations", 4)
    assert failed["ms"] > 0
    assert failed["request_id"] == reason["request_id"]
    assert reason["traceback"].startswith("Traceback (most recent call last):\n")
    assert "ValueError: thirteen" in reason["traceback"]


def test_a_refused_request_has_one_line_without_its_payload(server: Any) -> None:
    assert server.invoke(b"271828,x", x_amzn_sagemaker_inference_id="refused").status == 400
    assert server.request("GET", "/nowhere", x_amzn_sagemaker_inference_id="nowhere").status == 404
    assert only(server, "request refused", inference_id="refused")["status"] == 400
    assert only(server, "request refused", inference_id="nowhere")["path"] == "/nowhere"
    assert "271828" not in server.log


def test_what_is_no_http_has_a_line(server: Any) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        while connection.recv(65536):
            pass
    assert only(server, "request refused", path="")["status"] == 400


def test_requests_that_succeed_have_no_line(server: Any) -> None:
    assert server.invoke(b"1,2").status == 200
    assert events(server, "request answered") == []


def test_requests_that_succeed_have_a_line_by_a_setting(start: Any) -> None:
    server = start(TALKS, SERVING_LOG_FORMAT="json", SERVING_LOG_REQUESTS="all", PYTHONWARNINGS="default")
    server.wait_for_ping(200)
    assert server.invoke(b"1,2", x_amzn_sagemaker_inference_id="a").status == 200
    assert only(server, "request answered")["inference_id"] == "a"


def test_a_flood_of_bad_requests_is_counted_instead_of_written(start: Any) -> None:
    server = start(TALKS, SERVING_LOG_FORMAT="json", PYTHONWARNINGS="default")
    server.wait_for_ping(200)
    bad = b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"
    last = b"GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(bad * 20_000 + last)
        received = b""
        while piece := connection.recv(65536):
            received += piece
    assert received.count(b"HTTP/1.1 404") == 20_001
    assert server.stop() == 0
    written = len(events(server, "request refused"))
    counted = sum(line["requests"] for line in events(server, "requests failed without a line of their own"))
    assert counted > 0
    assert written + counted == 20_001


def test_a_level_leaves_out_what_is_less_important(start: Any) -> None:
    server = start(TALKS, SERVING_LOG_FORMAT="json", SERVING_LOG_LEVEL="WARNING", PYTHONWARNINGS="default")
    server.wait_for_ping(200)
    assert server.invoke(b"1,x").status == 400
    assert {line["level"] for line in lines(server)} == {"WARNING"}


def test_text_is_for_people(start: Any) -> None:
    server = start(TALKS, SERVING_LOG_FORMAT="text", PYTHONWARNINGS="default")
    server.wait_for_ping(200)
    assert server.invoke(b"13,x13", x_amzn_sagemaker_inference_id="a b").status == 400
    assert server.invoke(b"13,1", x_amzn_sagemaker_inference_id="a b").status == 500
    assert re.search(r'Z INFO main request refused request_id=\w+ inference_id="a b" method=POST', server.log)
    assert re.search(r"Z ERROR worker-0 prediction failed request_id=.*\nTraceback \(most recent", server.log)


def test_lines_are_for_people_where_stderr_is_a_terminal() -> None:
    shown, written_to = os.openpty()
    command = [sys.executable, "-m", "serving", "predict"]
    subprocess.run(command, cwd=PROGRAM, stderr=written_to, check=False)
    os.close(written_to)
    line = os.read(shown, 4096)
    os.close(shown)
    assert b"Z ERROR main The container is started with one argument" in line


def test_an_exception_that_nobody_catches_is_one_line(start: Any) -> None:
    server = start(
        """
import threading

def model_fn(model_dir):
    threading.Thread(target=dict, args=[5]).start()

def predict_fn(rows, model):
    return rows
""",
        SERVING_LOG_FORMAT="json",
    )
    server.wait_for_ping(200)
    assert "TypeError: 'int' object is not iterable" in only(server, "uncaught exception")["traceback"]

"""Streams, conversations, sessions and the models of a multi-model endpoint in the log and in the metrics."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import CloseConnection, Request, TextMessage

from waiting import PATIENCE_IN_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAYS = """
import logging

logger = logging.getLogger("author")

class Model:
    def __init__(self, model_dir):
        with open("code/inference.py"):
            pass

    def predict(self, data, context):
        what = context.custom_attributes
        logger.warning("predicting %s", what)
        if what.startswith("stream"):
            return self.parts(what)
        return [context.session is not None and context.session.id]

    def parts(self, what):
        yield "some"
        logger.warning("within %s", what)
        if what == "stream and raise":
            raise ValueError("thirteen")
        while what == "stream for ever":
            yield "x" * 65536
        yield "more"

    def stream(self, parts):
        for part in parts:
            logger.warning("heard something")
            if part.data == "raise":
                raise ValueError("thirteen")
            yield part.data
"""
OBSERVED = {"SERVING_LOG_FORMAT": "json", "SERVING_LOG_REQUESTS": "all", "SERVING_METRICS": "prometheus"}


@pytest.fixture
def observed(start: Any) -> Any:
    server = start(SAYS, SAGEMAKER_ENABLE_STATEFUL_SESSIONS="true", **OBSERVED)
    server.wait_for_ping(200)
    return server


def found(server: Any, event: str, **fields: object) -> dict[str, Any]:
    """The one line of an event, as soon as it is there."""
    while True:
        lines: list[dict[str, Any]] = [json.loads(line) for line in server.log.splitlines()]
        these = [line for line in lines if line["event"] == event and fields.items() <= line.items()]
        if these:
            (line,) = these
            return line
        assert server.process.poll() is None


def sample(server: Any, name: str) -> float:
    text = server.request("GET", "/metrics").text
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(f"{name} "))


def invoke(server: Any, what: str) -> Any:
    attributes = {"x_amzn_sagemaker_custom_attributes": what, "x_amzn_sagemaker_inference_id": what}
    return server.invoke(b"1,2", "text/csv", **attributes)


@pytest.fixture
def conversation(observed: Any) -> Iterator[tuple[socket.socket, WSConnection]]:
    frames = WSConnection(ConnectionType.CLIENT)
    with socket.create_connection(("127.0.0.1", observed.port), PATIENCE_IN_SECONDS) as connection:
        connection.sendall(
            frames.send(
                Request(
                    host="twin",
                    target="/invocations-bidirectional-stream",
                    extra_headers=[(b"X-Amzn-SageMaker-Inference-Id", b"talk")],
                )
            )
        )
        yield connection, frames


def converse(conversation: tuple[socket.socket, WSConnection], *words: str) -> int:
    """Say some words, close after the echo of the last one, and return the code of the other's close."""
    connection, frames = conversation
    unsaid = list(words)
    while True:
        frames.receive_data(connection.recv(65536))
        for event in frames.events():
            if isinstance(event, CloseConnection):
                return int(event.code)
            said = TextMessage(data=unsaid.pop(0)) if unsaid else CloseConnection(code=1000)
            connection.sendall(frames.send(said))


def test_a_stream_has_its_line_at_its_end_and_its_ids_in_the_lines_of_the_function(observed: Any) -> None:
    assert invoke(observed, "stream").text == "somemore"
    answered = found(observed, "request answered", inference_id="stream")
    assert (answered["stream"], answered["status"], answered["bytes_in"], answered["bytes_out"]) == (
        "complete",
        200,
        3,
        8,
    )
    for event in ("predicting stream", "within stream"):
        assert found(observed, event, logger="author")["request_id"] == answered["request_id"]
    assert sample(observed, 'serving_streams_total{route="/invocations",outcome="complete"}') == 1
    assert sample(observed, 'serving_requests_total{route="/invocations",status="200"}') == 1
    assert sample(observed, "serving_request_seconds_count") == 1


def test_a_stream_that_breaks_off_is_a_failure_of_the_request(observed: Any) -> None:
    with pytest.raises(http.client.IncompleteRead):
        invoke(observed, "stream and raise")
    failed = found(observed, "request failed", inference_id="stream and raise")
    reason = found(observed, "stream ended before its last part", inference_id="stream and raise")
    assert (failed["level"], failed["stream"], failed["bytes_out"]) == ("ERROR", "broken", 4)
    assert reason["request_id"] == failed["request_id"]
    assert "ValueError: thirteen" in reason["traceback"]
    assert sample(observed, 'serving_streams_total{route="/invocations",outcome="broken"}') == 1


def test_a_stream_that_its_client_leaves_is_no_failure(observed: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", observed.port, timeout=PATIENCE_IN_SECONDS)
    with closing(connection):
        attributes = {"X-Amzn-SageMaker-Custom-Attributes": "stream for ever", "X-Amzn-SageMaker-Inference-Id": "left"}
        connection.request("POST", "/invocations", b"1,2", {"Content-Type": "text/csv", **attributes})
        answer = connection.getresponse()
        assert answer.read(4) == b"some"
        answer.close()
    assert found(observed, "request answered", inference_id="left")["stream"] == "left"
    assert sample(observed, 'serving_streams_total{route="/invocations",outcome="left"}') == 1


def test_a_conversation_has_its_line_at_its_end_and_its_ids_in_the_lines_of_the_function(
    observed: Any, conversation: Any
) -> None:
    assert converse(conversation, "hello") == 1000
    answered = found(observed, "request answered", inference_id="talk")
    assert (answered["status"], answered["stream"]) == (101, "left")
    assert (answered["bytes_in"], answered["bytes_out"]) == (5, 5)
    assert found(observed, "heard something")["request_id"] == answered["request_id"]
    route = "/invocations-bidirectional-stream"
    assert sample(observed, f'serving_requests_total{{route="{route}",status="101"}}') == 1
    assert sample(observed, f'serving_streams_total{{route="{route}",outcome="left"}}') == 1


def test_a_conversation_that_breaks_off_is_a_failure_of_the_request(observed: Any, conversation: Any) -> None:
    assert converse(conversation, "raise") == 1011
    conversation[0].close()
    failed = found(observed, "request failed", inference_id="talk")
    assert failed["stream"] == "broken"
    assert found(observed, "conversation ended early")["request_id"] == failed["request_id"]


def test_requests_of_a_session_have_their_ids_in_the_log_and_are_counted(observed: Any) -> None:
    opened = observed.invoke(b'{"requestType": "NEW_SESSION"}', "application/json")
    name = opened.headers["x-amzn-sagemaker-new-session-id"].partition(";")[0]
    assert sample(observed, "serving_open_sessions") == 1
    ids = {"x_amzn_sagemaker_session_id": name, "x_amzn_sagemaker_inference_id": "in it"}
    assert json.loads(observed.invoke(b"1", "text/csv", **ids).text) == [name]
    answered = found(observed, "request answered", inference_id="in it")
    assert found(observed, "predicting ", logger="author")["request_id"] == answered["request_id"]
    assert sample(observed, 'serving_requests_total{route="/invocations",status="200"}') == 2
    assert sample(observed, 'serving_batch_requests_bucket{le="1"}') == 1


def lay_out(base: Path, name: str) -> str:
    code = base / "models" / name / "model" / "code"
    code.mkdir(parents=True)
    (code / "inference.py").write_text(SAYS)
    return str(code.parent)


def test_names_of_models_are_in_the_log_and_in_no_label(start: Any, tmp_path: Path) -> None:
    server = start(SAGEMAKER_MULTI_MODEL="true", **OBSERVED)
    server.wait_for_ping(200)
    for name in ("red", "blue"):
        body = json.dumps({"model_name": name, "url": lay_out(tmp_path, name)}).encode()
        assert server.request("POST", "/models", body).status == 200
        assert server.request("POST", f"/models/{name}/invoke", b"1,2", content_type="text/csv").status == 200
        banner = found(server, "ready", model=name)
        assert banner["contract"].startswith("class")
        assert banner["memory_mib"] > 0
        assert found(server, "model loaded", process=f"worker-{name}-0")["seconds"] == banner["seconds"]
    for unknown in range(20):
        assert server.request("POST", f"/models/{unknown}/invoke", b"1").status == 404
        assert server.request("GET", f"/{unknown}").status == 404
    metrics = server.request("GET", "/metrics").text
    lines = {line for line in metrics.splitlines() if line.startswith("serving_requests_total")}
    assert lines == {
        'serving_requests_total{route="/models",status="200"} 2',
        'serving_requests_total{route="/models/{name}/invoke",status="200"} 2',
        'serving_requests_total{route="/models/{name}/invoke",status="404"} 20',
        'serving_requests_total{route="other",status="404"} 20',
    }
    assert sample(server, "serving_loaded_models") == sample(server, "serving_ready_workers") == 2
    assert sample(server, "serving_batch_requests_count") == 2
    assert server.request("DELETE", "/models/red").status == 200
    assert sample(server, "serving_loaded_models") == sample(server, "serving_ready_workers") == 1
    assert sample(server, "serving_batch_requests_count") == 2


def test_loading_models_is_not_among_the_requests_that_cloudwatch_gets(start: Any, tmp_path: Path) -> None:
    server = start(SAGEMAKER_MULTI_MODEL="true", SERVING_METRICS="cloudwatch", SERVING_METRICS_SECONDS="3600")
    server.wait_for_ping(200)
    body = json.dumps({"model_name": "red", "url": lay_out(tmp_path, "red")}).encode()
    assert [server.request("POST", "/models", body).status for _ in range(2)] == [200, 409]
    attributes = {"x_amzn_sagemaker_custom_attributes": "stream"}
    assert server.request("POST", "/models/red/invoke", b"1", content_type="text/csv", **attributes).status == 200
    assert server.stop() == 0
    (line,) = [json.loads(line) for line in (tmp_path / "stdout.txt").read_text().splitlines()]
    assert (line["Requests"], line["Requests4xx"], line["LoadedModels"]) == (1, 0, 1)
    assert (line["Streams"], line["StreamsBroken"]) == (1, 0)

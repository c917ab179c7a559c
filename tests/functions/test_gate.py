from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from smoke_test import handler
from smoke_test.gate import answer, is_custom_resource

if TYPE_CHECKING:
    from collections.abc import Iterator

FAILED = {"results": [{"error": None}, {"error": "payload 'two': expected 'a', got 'b'"}]}


class CloudFormation(BaseHTTPRequestHandler):
    """Takes the answer of a custom resource."""

    answers: list[tuple[str | None, dict[str, Any]]]

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answers.append((self.headers["Content-Type"], json.loads(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def event() -> Iterator[dict[str, Any]]:
    CloudFormation.answers = []
    with ThreadingHTTPServer(("127.0.0.1", 0), CloudFormation) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield {
            "RequestType": "Create",
            "ResponseURL": f"http://127.0.0.1:{server.server_port}/answer",
            "StackId": "arn:aws:cloudformation:::stack/a",
            "RequestId": "1",
            "LogicalResourceId": "Gate",
        }
        server.shutdown()
        thread.join()


def told() -> dict[str, Any]:
    """Return the one answer that CloudFormation got."""
    ((_, found),) = CloudFormation.answers
    return found


def test_a_test_that_passes_lets_the_deployment_go_on(event: dict[str, Any]) -> None:
    answer(event, lambda: {"results": [{"error": None}]})

    assert told() == {
        "Status": "SUCCESS",
        "Reason": "all payloads passed",
        "PhysicalResourceId": "Gate",
        "StackId": event["StackId"],
        "RequestId": "1",
        "LogicalResourceId": "Gate",
    }


def test_a_wrong_answer_fails_the_deployment_and_says_which(event: dict[str, Any]) -> None:
    answer(event, lambda: FAILED)

    assert (told()["Status"], told()["Reason"]) == ("FAILED", "payload 'two': expected 'a', got 'b'")


def test_a_test_that_cannot_run_fails_the_deployment(event: dict[str, Any]) -> None:
    def run() -> dict[str, Any]:
        raise LookupError("no payloads")

    answer(event, run)

    assert (told()["Status"], told()["Reason"]) == ("FAILED", "LookupError: no payloads")


def test_deleting_the_stack_needs_no_endpoint(event: dict[str, Any]) -> None:
    answer({**event, "RequestType": "Delete", "PhysicalResourceId": "before"}, lambda: FAILED)

    assert (told()["Status"], told()["PhysicalResourceId"]) == ("SUCCESS", "before")


def test_the_answer_is_sent_as_the_signature_of_its_url_demands(event: dict[str, Any]) -> None:
    answer(event, lambda: {"results": []})

    assert CloudFormation.answers[0][0] in {None, ""}


def test_a_long_reason_is_cut_to_what_cloudformation_takes(event: dict[str, Any]) -> None:
    answer(event, lambda: {"results": [{"error": "x" * 10_000}]})

    assert len(told()["Reason"]) == 1000


def test_the_function_answers_cloudformation_and_nobody_else(
    event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENDPOINT_NAME", "iris")
    monkeypatch.delenv("BUCKET_NAME", raising=False)

    assert handler.handler(event, None) is None
    assert told()["Reason"] == "KeyError: 'BUCKET_NAME'"
    assert not is_custom_resource({})

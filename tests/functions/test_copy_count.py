from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from copy_count.handler import handler

if TYPE_CHECKING:
    from collections.abc import Iterator


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
            "RequestType": "Update",
            "ResponseURL": f"http://127.0.0.1:{server.server_port}/answer",
            "StackId": "arn:aws:cloudformation:::stack/a",
            "RequestId": "1",
            "LogicalResourceId": "CopyCount",
            "ResourceProperties": {"ComponentName": "iris", "InitialCount": "2"},
        }
        server.shutdown()
        thread.join()


class SageMaker:
    """Describes one component."""

    def __init__(self, answer: dict[str, Any] | str) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def describe_inference_component(self, *, InferenceComponentName: str) -> dict[str, Any]:  # noqa: N803
        self.asked.append(InferenceComponentName)
        if isinstance(self.answer, str):
            raise ClientError({"Error": {"Code": self.answer, "Message": "no"}}, "DescribeInferenceComponent")
        return self.answer


def told(monkeypatch: pytest.MonkeyPatch, event: dict[str, Any], answer: dict[str, Any] | str) -> dict[str, Any]:
    """Return what CloudFormation was told."""
    service = SageMaker(answer)
    monkeypatch.setattr(boto3, "client", {"sagemaker": service}.__getitem__)
    handler(event, None)
    assert service.asked == ([] if event["RequestType"] == "Delete" else ["iris"])
    ((content_type, found),) = CloudFormation.answers
    assert content_type == ""
    return found


@pytest.mark.parametrize("count", [0, 1, 7])
def test_an_update_gets_the_copies_that_are_wanted_now(
    monkeypatch: pytest.MonkeyPatch, event: dict[str, Any], count: int
) -> None:
    found = told(monkeypatch, event, {"RuntimeConfig": {"CurrentCopyCount": 3, "DesiredCopyCount": count}})

    assert found == {
        "Status": "SUCCESS",
        "Reason": "the copies were counted",
        "PhysicalResourceId": "CopyCount",
        "StackId": event["StackId"],
        "RequestId": "1",
        "LogicalResourceId": "CopyCount",
        "Data": {"Count": count},
    }


@pytest.mark.parametrize("code", ["ValidationException", "ResourceNotFound"])
def test_a_component_that_does_not_exist_gets_its_initial_number(
    monkeypatch: pytest.MonkeyPatch, event: dict[str, Any], code: str
) -> None:
    found = told(monkeypatch, {**event, "RequestType": "Create"}, code)

    assert (found["Status"], found["Data"]) == ("SUCCESS", {"Count": 2})


def test_a_component_without_a_number_gets_its_initial_one(
    monkeypatch: pytest.MonkeyPatch, event: dict[str, Any]
) -> None:
    assert told(monkeypatch, event, {})["Data"] == {"Count": 2}


def test_a_number_that_cannot_be_read_fails_the_deployment_and_says_why(
    monkeypatch: pytest.MonkeyPatch, event: dict[str, Any]
) -> None:
    found = told(monkeypatch, event, "AccessDeniedException")

    assert found["Status"] == "FAILED"
    assert "AccessDeniedException" in found["Reason"]


def test_deleting_the_stack_asks_nothing(monkeypatch: pytest.MonkeyPatch, event: dict[str, Any]) -> None:
    deleting = {**event, "RequestType": "Delete", "PhysicalResourceId": "before"}

    found = told(monkeypatch, deleting, "AccessDeniedException")
    assert (found["Status"], found["PhysicalResourceId"]) == ("SUCCESS", "before")

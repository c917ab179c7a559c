from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from smoke_test import handler
from smoke_test.payloads import PayloadsError

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCATION = {"Bucket": "payloads", "Key": "abc.gz"}


class Aws:
    """Stands in for S3 and the endpoint; refuses calls that were not prepared."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clients = {
            name: boto3.client(name, region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b")  # noqa: S106  dummy
            for name in ("s3", "sagemaker-runtime")
        }
        self.s3 = Stubber(clients["s3"])
        self.runtime = Stubber(clients["sagemaker-runtime"])
        monkeypatch.setattr(boto3, "client", lambda name, **_: clients[name])
        monkeypatch.setenv("ENDPOINT_NAME", "iris")
        monkeypatch.setenv("BUCKET_NAME", LOCATION["Bucket"])
        monkeypatch.setenv("PAYLOADS_KEY", LOCATION["Key"])

    def hold(self, files: dict[str, bytes]) -> None:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        self.hold_bytes(packed.getvalue())

    def hold_bytes(self, archive: bytes) -> None:
        self.s3.add_response("get_object", {"Body": StreamingBody(io.BytesIO(archive), len(archive))}, LOCATION)

    def answer(self, body: bytes, sent: dict[str, Any] | None = None) -> None:
        response = {
            "Body": StreamingBody(io.BytesIO(body), len(body)),
            "ResponseMetadata": {"HTTPStatusCode": 200},
        }
        self.runtime.add_response("invoke_endpoint", response, sent)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    made = Aws(monkeypatch)
    with made.s3, made.runtime:
        yield made


def payload(name: str = "one", **fields: Any) -> dict[str, Any]:
    return {"name": name, "body": "in.csv", "content_type": "text/csv", "accept": "text/csv", **fields}


def files(*entries: dict[str, Any], **more: bytes) -> dict[str, bytes]:
    manifest = json.dumps({"payloads": list(entries)}).encode()
    return {"payloads.json": manifest, "in.csv": b"5.1,3.5,1.4,0.2\n", **more}


def report() -> dict[str, Any]:
    """Invoke the function as a person would."""
    found = handler.handler({}, None)
    assert found is not None
    return found


def run(aws: Aws, expected: bytes, answer: bytes, tolerance: float | None = None) -> dict[str, Any]:
    """Return the result of one payload."""
    entry = payload(expected="out") if tolerance is None else payload(expected="out", tolerance=tolerance)
    aws.hold(files(entry, out=expected))
    aws.answer(answer)
    (result,) = report()["results"]
    found: dict[str, Any] = result
    return found


def test_every_payload_is_sent_as_the_manifest_says(aws: Aws) -> None:
    aws.hold(files(payload("one"), payload("two", accept="application/json")))
    sent = {"EndpointName": "iris", "Body": b"5.1,3.5,1.4,0.2\n", "ContentType": "text/csv"}
    aws.answer(b"setosa", {**sent, "Accept": "text/csv"})
    aws.answer(b'["setosa"]', {**sent, "Accept": "application/json"})

    found = report()

    assert found["endpoint"] == "iris"
    assert found["passed"] is True
    assert [(result["name"], result["status"], result["answer"]) for result in found["results"]] == [
        ("one", 200, "setosa"),
        ("two", 200, '["setosa"]'),
    ]
    assert all(result["latency_ms"] > 0 for result in found["results"])


def test_an_equal_answer_passes_whatever_white_space_ends_it(aws: Aws) -> None:
    assert run(aws, b"setosa\n", b"setosa")["passed"] is True


def test_a_wrong_answer_names_the_payload_and_both_answers(aws: Aws) -> None:
    result = run(aws, b"setosa", b"virginica")

    assert result["passed"] is False
    assert result["error"] == "payload 'one': expected 'setosa', got 'virginica'"


def test_one_wrong_answer_fails_the_report_and_the_others_are_still_sent(aws: Aws) -> None:
    aws.hold(files(payload("one", expected="out"), payload("two", expected="out"), out=b"setosa"))
    aws.answer(b"virginica")
    aws.answer(b"setosa")

    found = report()

    assert found["passed"] is False
    assert [result["passed"] for result in found["results"]] == [False, True]


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (b"[0.5, 0.25]", b"[0.5001, 0.2499]"),
        (b'{"scores": [1, 2], "label": "a"}', b'{"label":"a","scores":[1.0005,2]}'),
        (b"a,0.5\nb,1", b"a,0.5005\nb,1.0\n"),
    ],
)
def test_numbers_within_the_tolerance_pass_in_json_and_csv(aws: Aws, expected: bytes, answer: bytes) -> None:
    assert run(aws, expected, answer, 0.001)["error"] is None


@pytest.mark.parametrize(
    ("expected", "answer", "error"),
    [
        (b"[0.5]", b"[0.6]", "at [0]: expected 0.5 within 0.01, got 0.6"),
        (b'{"a": {"b": [1, 2]}}', b'{"a": {"b": [1, 3]}}', "at a.b[1]: expected 2 within 0.01, got 3"),
        (b"[1, 2]", b"[1]", "expected 2 values, got 1"),
        (b'{"a": 1}', b'{"b": 1}', "expected the keys ['a'], got ['b']"),
        (b'["a"]', b'["b"]', "at [0]: expected 'a', got 'b'"),
        (b"[true]", b"[1]", "at [0]: expected True, got 1"),
        (b"[1]", b"[NaN]", "at [0]: expected 1 within 0.01, got nan"),
        (b"setosa,1", b"setosa,2", "at [0][1]: expected 1.0 within 0.01, got 2.0"),
        (b"[1]", b"", "expected 1 values, got 0"),
    ],
)
def test_the_first_difference_is_named_with_its_place(aws: Aws, expected: bytes, answer: bytes, error: str) -> None:
    assert run(aws, expected, answer, 0.01)["error"] == f"payload 'one': {error}"


def test_a_payload_without_an_expected_answer_passes_with_any(aws: Aws) -> None:
    aws.hold(files(payload()))
    aws.answer(b"\xff\xd8 not text")

    (result,) = report()["results"]
    assert (result["passed"], result["answer"]) == (True, None)


def test_an_error_of_the_container_is_reported_with_its_status_and_message(aws: Aws) -> None:
    aws.hold(files(payload(expected="out"), out=b"setosa"))
    aws.runtime.add_client_error(
        "invoke_endpoint",
        "ModelError",
        "Received client error (400)",
        424,
        modeled_fields={"OriginalStatusCode": 400, "OriginalMessage": "row 1 has 3 columns"},
    )

    (result,) = report()["results"]
    assert (result["passed"], result["status"], result["answer"]) == (False, 400, None)
    assert result["error"] == "payload 'one': expected 'setosa', got status 400: row 1 has 3 columns"


def test_an_endpoint_that_is_not_there_is_reported(aws: Aws) -> None:
    aws.hold(files(payload()))
    aws.runtime.add_client_error("invoke_endpoint", "ValidationError", "Endpoint iris not found.", 400)

    (result,) = report()["results"]
    assert result["status"] == 400
    assert "Endpoint iris not found." in result["error"]


def test_a_long_answer_is_cut_in_the_report(aws: Aws) -> None:
    result = run(aws, b"a", b"b" * 100_000)

    assert len(result["answer"]) == 1000
    assert "(100000 bytes)" in result["error"]
    assert len(result["error"]) < 500


def test_the_report_is_json(aws: Aws) -> None:
    aws.hold(files(payload()))
    aws.answer(b"setosa")

    assert json.loads(json.dumps(report()))["passed"] is True


def test_fails_if_the_payloads_are_not_there(aws: Aws) -> None:
    aws.s3.add_client_error("get_object", "NoSuchKey", "The specified key does not exist.", 404)

    with pytest.raises(PayloadsError, match=r"s3://payloads/abc\.gz cannot be read: .*does not exist"):
        handler.handler({}, None)


def test_fails_if_the_archive_is_not_one(aws: Aws) -> None:
    aws.hold_bytes(b"plain text")

    with pytest.raises(PayloadsError, match=r"must be a tar\.gz archive"):
        handler.handler({}, None)


def test_fails_if_a_file_of_the_manifest_is_missing(aws: Aws) -> None:
    aws.hold(files(payload(expected="missing.csv")))

    with pytest.raises(PayloadsError, match=r"KeyError: 'missing\.csv'"):
        handler.handler({}, None)

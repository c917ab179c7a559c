from __future__ import annotations

import json
from typing import Any

import pytest

INFERENCE = """
import json
from serving.errors import MalformedBodyError, NotAcceptableError

def model_fn(model_dir):
    return 10

def predict_fn(rows, model):
    if rows[0, 0] == 13:
        raise MalformedBodyError("Thirteen is not served here.")
    if rows[0, 0] == 14:
        raise ValueError("a secret of the model")
    if rows[0, 0] == 15:
        return {1, 2}
    if rows[0, 0] == 16:
        raise SystemExit(1)
    return rows.sum(axis=1) * model
"""
ENVIRONMENT = {"SAGEMAKER_MAX_PAYLOAD_IN_MB": "1", "SAGEMAKER_MODEL_SERVER_WORKERS": "2"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_ping_answers_200_with_an_empty_body(server: Any, method: str) -> None:
    answer = server.request(method, "/ping")
    assert (answer.status, answer.body) == (200, b"")


def test_invocations_answer_json_unless_asked_otherwise(server: Any) -> None:
    answer = server.invoke(b"1,2\n3,4\n")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.body) == [30.0, 70.0]


def test_accept_csv_is_answered_in_csv(server: Any) -> None:
    answer = server.invoke(b"[[1, 2], [3, 4.5]]", "application/json", accept="image/png;q=0.9, text/csv;q=0.5")
    assert answer.headers["content-type"] == "text/csv"
    assert answer.text == "30.0\n75.0\n"


def test_execution_parameters_tell_batch_transform_the_limits(server: Any) -> None:
    answer = server.request("GET", "/execution-parameters")
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.body) == {
        "MaxConcurrentTransforms": 2,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": 1,
    }


def test_fails_with_404_for_a_path_that_is_no_route(server: Any) -> None:
    answer = server.request("GET", "/models")
    assert answer.status == 404
    assert answer.text == (
        "There is no /models here; the routes are /ping, /invocations, /invocations-bidirectional-stream, "
        "/execution-parameters."
    )


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("PUT", "/ping", "GET, POST"), ("GET", "/invocations", "POST"), ("POST", "/execution-parameters", "GET")],
)
def test_fails_with_405_for_a_method_that_the_route_has_not(server: Any, method: str, path: str, allowed: str) -> None:
    answer = server.request(method, path)
    assert answer.status == 405
    assert answer.headers["allow"] == allowed
    assert method in answer.text


def test_fails_with_400_that_names_row_and_column_of_a_bad_number(server: Any) -> None:
    answer = server.invoke(b"1,2\n3,four\n")
    assert answer.status == 400
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == "Row 2, column 2: 'four' is not a number."


def test_fails_with_406_for_an_accept_that_cannot_be_written(server: Any) -> None:
    answer = server.invoke(accept="image/png")
    assert answer.status == 406
    assert "application/json or text/csv" in answer.text


def test_fails_with_413_for_a_body_beyond_the_limit(server: Any) -> None:
    answer = server.invoke(b"1" * (1024 * 1024 + 1))
    assert answer.status == 413
    assert "1048576 bytes" in answer.text
    assert "SAGEMAKER_MAX_PAYLOAD_IN_MB" in answer.text


def test_fails_with_413_for_a_chunked_body_beyond_the_limit(server: Any) -> None:
    chunk = b"1" * 65536
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for _ in range(17)) + b"0\r\n\r\n"
    answer = server.request("POST", "/invocations", chunked, content_type="text/csv", transfer_encoding="chunked")
    assert answer.status == 413


def test_a_body_of_exactly_the_limit_is_read(server: Any) -> None:
    assert server.invoke(b"1," * (512 * 1024 - 1) + b"1\n").status == 200


def test_fails_with_415_for_a_type_that_has_no_reader(server: Any) -> None:
    answer = server.invoke(content_type="application/x-python-pickle")
    assert answer.status == 415
    assert answer.text == (
        "Content-Type application/x-python-pickle is not supported; send one of application/json, text/csv, "
        "application/jsonlines, application/x-npy."
    )


def test_fails_as_the_handler_says_when_it_refuses_a_request(server: Any) -> None:
    answer = server.invoke(b"13,1\n")
    assert (answer.status, answer.text) == (400, "Thirteen is not served here.")


def test_fails_with_a_sentence_for_the_client_and_the_traceback_in_the_log(server: Any) -> None:
    answer = server.invoke(b"14,1\n")
    assert answer.status == 500
    assert answer.text == "predict_fn raised ValueError; the traceback is in the container's log."
    assert 'raise ValueError("a secret of the model")' in server.log
    assert "ValueError: a secret of the model" in server.log


def test_fails_with_500_when_the_prediction_cannot_be_written(server: Any) -> None:
    answer = server.invoke(b"15,1\n")
    assert answer.status == 500
    assert "is a set that has no form as application/json" in answer.text
    assert "output_fn" in answer.text


def test_fails_with_500_and_goes_on_when_a_handler_calls_exit(server: Any) -> None:
    before = server.workers()
    assert server.invoke(b"16,1\n").status == 500
    assert server.invoke(b"1,1\n").status == 200
    assert server.workers() == before


def test_the_log_has_no_payload(server: Any) -> None:
    server.invoke(b"1,31415926\n2,x31415926\n")
    server.invoke(b"31415926,1\n")
    assert "31415926" not in server.log

from __future__ import annotations

import json
from typing import Any

import pytest

INFERENCE = """
import json

def model_fn(model_dir, context):
    return {"loaded_from": model_dir, "same": str(context.model_dir) == model_dir}

def input_fn(request_body, content_type):
    return {"type": type(request_body).__name__, "content_type": content_type, "length": len(request_body)}

def predict_fn(input_data, model, context):
    return {**input_data, **model, "attributes": context.custom_attributes}

def output_fn(prediction, accept):
    if accept == "application/x-empty":
        return b""
    if accept == "application/x-wrong":
        return 5
    return json.dumps({**prediction, "accept": accept}), "application/json; charset=utf-8"
"""


def test_the_body_of_text_is_a_string_and_of_any_other_type_bytes(server: Any) -> None:
    text = json.loads(server.invoke("é".encode(), "Text/CSV; charset=utf-8").body)
    image = json.loads(server.invoke(b"\xff\xd8", "image/jpeg").body)
    assert (text["type"], text["content_type"], text["length"]) == ("str", "text/csv", 1)
    assert (image["type"], image["content_type"], image["length"]) == ("bytes", "image/jpeg", 2)


def test_functions_that_take_a_context_see_the_custom_attributes(server: Any) -> None:
    answer = server.invoke(X_Amzn_SageMaker_Custom_Attributes="tenant=7")
    assert json.loads(answer.body)["attributes"] == "tenant=7"


def test_the_model_directory_is_a_string_and_in_the_context(server: Any) -> None:
    answer = json.loads(server.invoke().body)
    assert answer["loaded_from"] == str(server.base / "model")
    assert answer["same"] is True


@pytest.mark.parametrize(
    ("header", "seen"),
    [
        ("image/png", "image/png"),
        ("image/png;q=0.2, text/csv;q=0.4", "text/csv"),
        ("text/*", "text/csv"),
        ("*/*", "application/json"),
    ],
)
def test_an_own_output_fn_gets_the_type_wanted_most(server: Any, header: str, seen: str) -> None:
    assert json.loads(server.invoke(accept=header).body)["accept"] == seen


def test_an_own_output_fn_may_name_the_content_type(server: Any) -> None:
    assert server.invoke().headers["content-type"] == "application/json; charset=utf-8"


def test_an_own_output_fn_that_returns_a_body_alone_answers_with_the_accepted_type(server: Any) -> None:
    answer = server.invoke(accept="application/x-empty")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-type"] == "application/x-empty"


def test_fails_when_output_fn_returns_neither_text_nor_bytes(server: Any) -> None:
    answer = server.invoke(accept="application/x-wrong")
    assert answer.status == 500
    assert answer.text.startswith("output_fn returned a int as body; return str or bytes")


def test_the_log_says_which_functions_were_found(server: Any) -> None:
    assert 'contract="model_fn, input_fn, predict_fn, output_fn" seconds=' in server.log

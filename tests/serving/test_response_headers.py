"""Headers that a handler's functions answer with, for every contract."""

from __future__ import annotations

import json
import os
import socket
import sys
from typing import TYPE_CHECKING, Any

import pytest

from waiting import ready

if TYPE_CHECKING:
    from pathlib import Path

ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"

INFERENCE = """
BATCHABLE = True

def model_fn(model_dir):
    return None

def predict_fn(rows, model):
    return rows.sum(axis=1)

def output_fn(prediction, accept, context):
    what = context.custom_attributes
    if what.startswith("header "):
        _, name, value = what.split(" ", 2)
        context.set_header(name, value.encode().decode("unicode_escape"))
    elif what == "long":
        context.set_custom_attributes("x" * 1025)
    elif what == "no text":
        context.set_custom_attributes(5)
    elif what:
        context.set_custom_attributes(f"seen={what}")
    return str(prediction.tolist())
"""


def post(body: bytes, attributes: str) -> bytes:
    lines = ["POST /invocations HTTP/1.1", "Content-Type: text/csv", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, f"{ATTRIBUTES}: {attributes}", "", ""]).encode() + body


def attributes_of(server: Any, **headers: str) -> str | None:
    answer = server.invoke(**headers)
    assert answer.status == 200, answer.text
    attributes: str | None = answer.headers.get(ATTRIBUTES.lower())
    return attributes


def test_output_fn_answers_with_custom_attributes(server: Any) -> None:
    assert attributes_of(server, X_Amzn_SageMaker_Custom_Attributes="tenant=7") == "seen=tenant=7"


def test_a_response_has_no_custom_attributes_unless_they_were_set(server: Any) -> None:
    assert attributes_of(server) is None


def test_any_other_header_can_be_set(server: Any) -> None:
    answer = server.invoke(X_Amzn_SageMaker_Custom_Attributes="header X-Model-Version 3 of 4")
    assert answer.headers["x-model-version"] == "3 of 4"


def test_each_request_of_a_batch_has_its_own(server: Any) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(b"".join(post(b"%d,1" % number, f"n={number}") for number in range(40)))
        received = b""
        while received.count(b"HTTP/1.1 200 OK") < 40 or not received.endswith(b"[40.0]"):
            piece = connection.recv(65536)
            assert piece, received
            received += piece
    answers = received.decode().split("HTTP/1.1 200 OK\r\n")[1:]
    assert [f"custom-attributes: seen=n={number}\r\n" in answer for number, answer in enumerate(answers)] == [True] * 40
    assert [json.loads(answer.rpartition("\r\n\r\n")[2]) for answer in answers] == [[n + 1.0] for n in range(40)]


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ("long", "X-Amzn-SageMaker-Custom-Attributes must have at most 1024 characters, got 1025: 'xxxx"),
        (
            "no text",
            "The response header X-Amzn-SageMaker-Custom-Attributes must be printable ASCII characters, got 5.",
        ),
        (r"header X-A a\r\nX-Injected:1", r"The response header X-A must be printable ASCII characters, got 'a\r\nX-I"),
        (r"header X-A a\x00b", r"The response header X-A must be printable ASCII characters, got 'a\x00b'"),
        (r"header X-A \xe9", "The response header X-A must be printable ASCII characters, got 'é'"),
        ("header X:A b", "A response header must have a name of letters, digits and -, got 'X:A'"),
        ("header Content-Length 5", "The response header Content-Length cannot be set: the container writes it."),
        ("header content-type a/b", "The response header content-type cannot be set: return (body, content type)."),
        (
            "header X-Amzn-SageMaker-New-Session-Id a",
            "The response header X-Amzn-SageMaker-New-Session-Id cannot be set: the container keeps the sessions.",
        ),
    ],
)
def test_fails_for_a_header_that_is_not_allowed(server: Any, attributes: str, message: str) -> None:
    answer = server.invoke(X_Amzn_SageMaker_Custom_Attributes=attributes)
    assert answer.status == 500
    assert answer.text.startswith(message)
    assert "x-injected" not in answer.headers


TRANSFORM = """
def model_fn(model_dir):
    return None

def transform_fn(model, body, content_type, accept, context):
    context.set_custom_attributes("transformed")
    return body
"""

CLASS = """
class Model:
    def __init__(self, model_dir):
        pass

    def predict(self, data, context):
        context.set_custom_attributes("predicted")
        return data
"""

NEO = """
def neo_preprocess(payload, content_type, context):
    context.set_header("X-Size", str(len(payload)))
    return payload

def neo_postprocess(result, context):
    context.set_custom_attributes("postprocessed")
    return result
"""


DLR_STAND_IN = """
class DLRModel:
    def __init__(self, model_path, dev_type):
        pass

    def run(self, data):
        return data
"""


def test_transform_fn_answers_with_custom_attributes(start: Any) -> None:
    assert attributes_of(ready(start, TRANSFORM)) == "transformed"


def test_a_class_answers_with_custom_attributes(start: Any) -> None:
    assert attributes_of(ready(start, CLASS)) == "predicted"


def test_neo_functions_answer_with_headers(start: Any, tmp_path: Path) -> None:
    (tmp_path / "model" / "code").mkdir(parents=True)
    stand_in = (
        "class DLRModel:\n    def __init__(self, path, kind): ...\n    def run(self, data):\n        return data\n"
    )
    (tmp_path / "model" / "code" / "dlr.py").write_text(stand_in)
    answer = ready(start, NEO).invoke(b"123")
    assert (answer.headers[ATTRIBUTES.lower()], answer.headers["x-size"]) == ("postprocessed", "3")


MODEL_SERVER = """#!{python}
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{{"model_version_status": [{{"version": "1", "state": "AVAILABLE"}}]}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

port = next(argument.partition("=")[2] for argument in sys.argv if argument.startswith("--rest_api_port"))
HTTPServer(("127.0.0.1", int(port)), Answers).serve_forever()
"""

TENSORFLOW = """
def handler(data, context):
    context.set_custom_attributes(f"handled {context.custom_attributes}")
    return data.read(), context.accept_header
"""


def test_a_tensorflow_handler_answers_with_custom_attributes(start: Any, tmp_path: Path, free_port: int) -> None:
    program = tmp_path / "bin" / "tensorflow_model_server"
    program.parent.mkdir()
    program.write_text(MODEL_SERVER.format(python=sys.executable))
    program.chmod(0o755)
    (tmp_path / "model" / "1").mkdir(parents=True)
    (tmp_path / "model" / "1" / "saved_model.pb").touch()
    env = {"PATH": f"{program.parent}:{os.environ['PATH']}", "SERVING_TENSORFLOW_PORT": str(free_port)}
    server = ready(start, TENSORFLOW, **env)
    assert attributes_of(server, X_Amzn_SageMaker_Custom_Attributes="a") == "handled a"

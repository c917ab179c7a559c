"""Every contract against the real program.

Stand-ins, for what cannot be installed here: a module `dlr` of a few lines for the runtime of SageMaker Neo, and a
program `tensorflow_model_server` of a few lines for TensorFlow Serving, which answers its REST API for a model that
doubles numbers.
"""

from __future__ import annotations

import io
import json
import os
import socket
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from waiting import ready

if TYPE_CHECKING:
    from pathlib import Path

TRANSFORM = """
import json

def model_fn(model_dir):
    return 3

def transform_fn(model, request_body, content_type, accept):
    if accept == "application/x-wrong":
        return b"", "text/plain\\r\\nx-injected: 1"
    return json.dumps([len(request_body) * model, type(request_body).__name__, content_type]), accept
"""

NEO = """
import json
import numpy as np

def neo_preprocess(payload, content_type):
    assert content_type == "application/x-image"
    return np.frombuffer(payload, dtype=np.uint8).astype(np.float32)

def neo_postprocess(result):
    return json.dumps(result[0].tolist()), "application/json"
"""

DLR_STAND_IN = """
class DLRModel:
    def __init__(self, model_path, dev_type):
        assert dev_type == "cpu"

    def run(self, data):
        return [data * 2]
"""

CLASS = """
class Model:
    batchable = True

    def __init__(self, model_dir):
        self.factor = 10

    def predict(self, data):
        return len(data) if isinstance(data, bytes) else data.sum(axis=1) * self.factor
"""

TENSORFLOW = """
import json

def input_handler(data, context):
    body = data.read().decode()
    assert len(body) == context.content_length
    return json.dumps({"instances": [float(cell) for cell in body.split(",")], "seen": context.custom_attributes})

def output_handler(data, context):
    if data.status_code != 200:
        raise ValueError(data.content.decode("utf-8"))
    assert context.request_content_type == "text/csv"
    about = [context.model_name, context.model_version, context.method, context.rest_uri.rpartition("/")[2]]
    return json.dumps([data.json()["predictions"], about]), context.accept_header
"""

TENSORFLOW_HANDLER = """
import urllib.request

def input_handler(data, context):
    raise ValueError("ignored")

def handler(data, context):
    with urllib.request.urlopen(context.rest_uri, data=data.read()) as response:
        return response.read(), context.accept_header
"""

TENSORFLOW_STAND_IN = """#!{python}
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

options = dict(argument.removeprefix("--").split("=") for argument in sys.argv[1:])
path = "/v1/models/" + options["model_name"]

class Answers(BaseHTTPRequestHandler):
    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, {{"model_version_status": [{{"version": "2", "state": "AVAILABLE"}}]}})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != path + ":predict":
            self.answer(404, {{"error": "no " + self.path}})
        else:
            self.answer(200, {{"predictions": [number * 2 for number in asked["instances"]]}})

HTTPServer(("127.0.0.1", int(options["rest_api_port"])), Answers).serve_forever()
"""


def test_transform_fn_answers_from_body_to_body(start: Any) -> None:
    server = ready(start, TRANSFORM)
    assert json.loads(server.invoke(b"1,2").body) == [9, "str", "text/csv"]
    assert json.loads(server.invoke(b"\xff\xd8", "image/jpeg").body) == [6, "bytes", "image/jpeg"]
    assert server.invoke(accept="text/plain").headers["content-type"] == "text/plain"


def test_fails_for_a_content_type_that_would_write_headers(start: Any) -> None:
    answer = ready(start, TRANSFORM).invoke(accept="application/x-wrong")
    assert answer.status == 500
    assert "x-injected" not in answer.headers
    assert "transform_fn returned a content type that is no header's value" in answer.text


def test_neo_functions_stand_around_the_runtime(start: Any, tmp_path: Path) -> None:
    (tmp_path / "model" / "code").mkdir(parents=True)
    (tmp_path / "model" / "code" / "dlr.py").write_text(DLR_STAND_IN)
    answer = ready(start, NEO).invoke(b"\x01\x02", "application/x-image")
    assert (answer.status, answer.text) == (200, "[2.0, 4.0]")


def test_fails_for_neo_functions_without_the_runtime(start: Any) -> None:
    server = start(NEO)
    server.wait_for_ping(500)
    assert "which need the package dlr in the image" in server.log


def test_a_class_answers_every_type_that_the_container_reads(start: Any) -> None:
    server = ready(start, CLASS)
    npy = io.BytesIO()
    np.save(npy, np.array([[1.0, 2.0]]))
    assert server.invoke(b"1,2\n3,4\n").text == "[30.0,70.0]"
    assert server.invoke(b"[1, 2]\n[3, 4]\n", "application/jsonlines").text == "[30.0,70.0]"
    assert server.invoke(npy.getvalue(), "application/x-npy", accept="text/csv").text == "30.0\n"
    assert np.load(io.BytesIO(server.invoke(accept="application/x-npy").body)).tolist() == [30.0]
    assert server.invoke(b"\xff\xd8", "image/jpeg").text == "2"
    assert server.invoke(b"\xff\xd8", "application/octet-stream").text == "2"
    assert 'contract="class Model"' in server.log
    assert "batch=64" in server.log


def test_fails_for_a_predict_fn_that_forgets_to_return(start: Any) -> None:
    answer = ready(start, "def model_fn(d): return 1\ndef predict_fn(data, model): ...").invoke()
    assert (answer.status, answer.text) == (500, "predict_fn returned None; return the prediction.")


def test_fails_for_a_class_whose_predict_forgets_to_return(start: Any) -> None:
    answer = ready(start, "class Model:\n    def __init__(self, d): ...\n    def predict(self, data): ...").invoke()
    assert (answer.status, answer.text.partition(";")[0]) == (500, "predict returned None")


@pytest.mark.parametrize(
    ("inference", "message"),
    [
        (
            "class Model:\n    def __init__(self): ...\n    def predict(self, data): ...",
            "Model takes (), but is called as Model(model_dir)",
        ),
        ("class Model:\n    def __init__(self, d): ...", "class Model needs a method predict(self, data)"),
        (
            "class Model:\n    def __init__(self, d): ...\n    def predict(self): ...",
            "class Model needs a method predict(self, data) or predict(self, data, context); it takes ()",
        ),
        (
            "BATCHABLE = True\ndef model_fn(d): ...\ndef input_fn(b, c): ...\ndef predict_fn(d, m): ...",
            "BATCHABLE needs the default input_fn",
        ),
        (
            "BATCHABLE = True\ndef model_fn(d): ...\ndef predict_fn(d, m, context): ...",
            "BATCHABLE needs predict_fn(input_data, model)",
        ),
        ("def input_handler(data, context): ...", "must define both input_handler(data, context) and output_handler"),
        ("def handler(data, context): ...", "which needs tensorflow_model_server in the image and a SavedModel"),
        ("def handler(data): ...", "handler takes (data), but is called as handler(data, context)"),
    ],
)
def test_fails_for_a_contract_that_is_not_kept(start: Any, inference: str, message: str) -> None:
    server = start(inference)
    server.wait_for_ping(500)
    assert message in server.log
    assert "inference.py" in server.log


@pytest.fixture
def tensorflow(tmp_path: Path) -> dict[str, str]:
    """Variables of a container with TensorFlow Serving, and a model for it below tmp_path."""
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "tensorflow_model_server"
    program.write_text(TENSORFLOW_STAND_IN.format(python=sys.executable))
    program.chmod(0o755)
    for version in ("1", "2"):
        (tmp_path / "model" / "doubles" / version).mkdir(parents=True)
        (tmp_path / "model" / "doubles" / version / "saved_model.pb").touch()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    return {"PATH": f"{programs}:{os.environ['PATH']}", "SERVING_TENSORFLOW_PORT": port}


def test_input_and_output_handler_stand_around_tensorflow_serving(start: Any, tensorflow: dict[str, str]) -> None:
    server = ready(start, TENSORFLOW, SAGEMAKER_MODEL_SERVER_WORKERS="2", **tensorflow)
    answer = server.invoke(b"1,2.5")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert json.loads(answer.body) == [[2.0, 5.0], ["doubles", "2", "predict", "doubles:predict"]]
    assert server.log.count("tensorflow serving started") == 1
    refused = server.invoke(b"1", X_Amzn_SageMaker_Custom_Attributes="tfs-method=classify")
    assert (refused.status, refused.text.split(";")[0]) == (500, "output_handler raised ValueError")
    assert server.stop() == 0


def test_tensorflow_serving_is_asked_at_a_safe_port_and_through_no_proxy(
    start: Any, tensorflow: dict[str, str]
) -> None:
    port = tensorflow.pop("SERVING_TENSORFLOW_PORT")
    settings = {"SAGEMAKER_SAFE_PORT_RANGE": f"{port}-65535", "http_proxy": "http://127.0.0.1:1", "no_proxy": ""}
    server = ready(start, TENSORFLOW, **settings, **tensorflow)
    assert server.invoke(b"1").status == 200
    assert f"tensorflow serving started port={port}" in server.log


def test_fails_and_says_why_while_tensorflow_serving_cannot_be_started(
    start: Any, tensorflow: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "bin" / "tensorflow_model_server").write_text("#!/nowhere/python\n")
    server = start(TENSORFLOW, **tensorflow)
    server.wait_until(lambda: "tensorflow serving cannot be started" in server.log)
    assert "No such file or directory" in server.log
    assert server.ping() == 503


def test_handler_replaces_input_and_output_handler(start: Any, tensorflow: dict[str, str]) -> None:
    answer = ready(start, TENSORFLOW_HANDLER, **tensorflow).invoke(b'{"instances": [4]}', "application/json")
    assert (answer.status, json.loads(answer.body)) == (200, {"predictions": [8]})

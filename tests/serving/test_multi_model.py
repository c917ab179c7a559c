"""The multi-model API of https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html, over HTTP."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from waiting import PATIENCE_IN_SECONDS

SAYS = """
import os
import time
from pathlib import Path

def model_fn(model_dir):
    return Path(model_dir)

def input_fn(body, content_type):
    return body

def predict_fn(data, model, context):
    if data == "die":
        os._exit(7)
    if data == "wait":
        (model / "started").touch()
        while not (model / "go").exists():
            time.sleep(0.01)
    return [str(model), os.getpid(), context.headers.get("x-amzn-sagemaker-target-model")]

def output_fn(prediction, accept):
    import json
    return json.dumps(prediction)
"""


def lay_out(base: Path, name: str, inference: str = SAYS) -> str:
    """Put a model where SageMaker does, and return its URL."""
    model = base / "models" / name / "model"
    (model / "code").mkdir(parents=True)
    (model / "code" / "inference.py").write_text(inference)
    return str(model)


@pytest.fixture
def multi(start: Any, tmp_path: Path) -> Any:
    """Starts a server of a multi-model endpoint."""
    (tmp_path / "models").mkdir()

    def _multi(**env: str) -> Any:
        server = start(SAGEMAKER_MULTI_MODEL="true", **env)
        server.wait_for_ping(200)
        return server

    return _multi


def load(server: Any, name: object, url: object) -> Any:
    body = json.dumps({"model_name": name, "url": url}).encode()
    return server.request("POST", "/models", body, content_type="application/json")


def invoke(server: Any, name: str, body: bytes = b"1", **headers: str) -> Any:
    return server.request("POST", f"/models/{name}/invoke", body, content_type="text/csv", **headers)


def listed(server: Any, query: str = "") -> Any:
    answer = server.request("GET", f"/models{query}")
    assert answer.status == 200
    return json.loads(answer.body)


class Background(threading.Thread):
    """A request whose answer is waited for later."""

    def __init__(self, ask: Any) -> None:
        super().__init__(daemon=True)
        self._ask = ask
        self.answer: Any = None
        self.start()

    def run(self) -> None:
        self.answer = self._ask()


def wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)


def test_a_model_is_loaded_asked_and_unloaded(multi: Any, tmp_path: Path) -> None:
    server = multi()
    url = lay_out(tmp_path, "a1")
    answer = load(server, "first", url)
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "The model first is loaded."})
    told = json.loads(server.request("GET", "/models/first").body)
    assert told == {"modelName": "first", "modelUrl": url}
    model_dir, _, target = json.loads(invoke(server, "first", X_Amzn_SageMaker_Target_Model="customers/1.tar.gz").body)
    assert (model_dir, target) == (url, "customers/1.tar.gz")
    assert server.request("DELETE", "/models/first").status == 200
    assert not server.workers()
    assert listed(server) == {"models": []}


def test_the_container_is_healthy_without_models(multi: Any) -> None:
    server = multi()
    assert server.ping() == 200
    assert not server.workers()


def test_every_model_has_its_own_code_and_worker(multi: Any, tmp_path: Path) -> None:
    server = multi()
    load(server, "a", lay_out(tmp_path, "a"))
    load(server, "b", lay_out(tmp_path, "b", "def model_fn(d): ...\ndef predict_fn(data, model):\n    return 'other'"))
    assert json.loads(invoke(server, "b").body) == "other"
    assert json.loads(invoke(server, "a").body)[0].endswith("models/a/model")
    assert len(server.workers()) == 2


def test_models_are_listed_page_by_page(multi: Any, tmp_path: Path) -> None:
    server = multi()
    for name in ("c", "a", "b"):
        load(server, name, lay_out(tmp_path, name))
    first = listed(server, "?limit=2")
    assert [model["modelName"] for model in first["models"]] == ["a", "b"]
    second = listed(server, f"?limit=2&next_page_token={first['nextPageToken']}")
    assert [model["modelName"] for model in second["models"]] == ["c"]
    assert "nextPageToken" not in second
    assert [model["modelName"] for model in listed(server)["models"]] == ["a", "b", "c"]
    assert server.request("GET", "/models?limit=0").status == 400


def test_fails_with_409_for_a_name_that_is_loaded(multi: Any, tmp_path: Path) -> None:
    server = multi()
    url = lay_out(tmp_path, "a")
    assert load(server, "a", url).status == 200
    answer = load(server, "a", url)
    assert (answer.status, answer.text) == (409, "The model a is loaded already.")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/models/a"), ("DELETE", "/models/a"), ("POST", "/models/a/invoke")]
)
def test_fails_with_404_for_a_model_that_is_not_loaded(multi: Any, method: str, path: str) -> None:
    answer = multi().request(method, path)
    assert (answer.status, answer.text) == (404, "The model a is not loaded.")


def test_fails_for_methods_and_paths_that_the_api_has_not(multi: Any) -> None:
    server = multi()
    assert server.request("PUT", "/models").headers["allow"] == "GET, POST"
    assert server.request("GET", "/models/a/invoke").headers["allow"] == "POST"
    assert server.request("POST", "/models/a").headers["allow"] == "GET, DELETE"
    assert server.request("POST", "/models/a/b/invoke").status == 404
    assert server.request("POST", "/invocations").status == 404


@pytest.mark.parametrize(
    "url",
    [
        "{base}",
        "{base}/models",
        "{base}/models/.",
        "{base}/models/../model",
        "{base}/models/a/../../secret",
        "{base}/models/link",
        "{base}/models/link/inside",
        "{base}/models/circle",
        "{base}/models/nowhere",
        "{base}/models/file",
        "{base}/modelsandmore",
        "models/a",
        "file://{base}/models/a/model",
        "/etc",
        "",
        "{base}/models/a\0b",
        "{base}/models/" + "x" * 5000,
    ],
)
def test_fails_for_a_url_that_is_no_directory_below_the_models(multi: Any, tmp_path: Path, url: str) -> None:
    server = multi()
    lay_out(tmp_path, "a")
    for outside in ("secret/inside/code", "modelsandmore/code", "model/code"):
        (tmp_path / outside).mkdir(parents=True, exist_ok=True)
        (tmp_path / outside / "inference.py").write_text(SAYS)
    (tmp_path / "models" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "models" / "circle").symlink_to(tmp_path / "models" / "circle")
    (tmp_path / "models" / "file").touch()
    answer = load(server, "evil", url.replace("{base}", str(tmp_path)))
    assert (answer.status, answer.text) == (400, f"url must be a directory below {tmp_path / 'models'}.")
    assert listed(server) == {"models": []}
    assert not server.workers()


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../a", "a b", "a\n", "é", "x" * 257, 5, None])
def test_fails_for_a_name_that_is_none(multi: Any, tmp_path: Path, name: object) -> None:
    answer = load(multi(), name, lay_out(tmp_path, "a"))
    assert answer.status == 400
    assert '{"model_name": "...", "url": "..."}' in answer.text


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"model_name": "a"}'])
def test_fails_for_a_body_that_names_no_model(multi: Any, body: bytes) -> None:
    assert multi().request("POST", "/models", body, content_type="application/json").status == 400


def test_a_name_in_a_path_may_be_escaped(multi: Any, tmp_path: Path) -> None:
    server = multi()
    load(server, "a.b-c_1", lay_out(tmp_path, "a"))
    assert server.request("GET", "/models/a%2Eb%2Dc_1").status == 200
    assert server.request("GET", "/models/%2e%2e%2fa").status == 404


def test_fails_with_500_for_a_model_that_cannot_be_loaded_and_keeps_the_others(multi: Any, tmp_path: Path) -> None:
    server = multi()
    load(server, "good", lay_out(tmp_path, "good"))
    answer = load(server, "bad", lay_out(tmp_path, "bad", "def model_fn(d):\n    raise ValueError('weights missing')"))
    assert (answer.status, "traceback is in the container's log" in answer.text) == (500, True)
    assert "ValueError: weights missing" in server.log
    assert server.request("GET", "/models/bad").status == 404
    assert invoke(server, "good").status == 200
    assert server.ping() == 200


@pytest.mark.parametrize(
    "load_fails",
    [
        "raise MemoryError",
        "import errno\n    raise OSError(errno.ENOMEM, 'none')",
        "import os\n    os.kill(os.getpid(), 9)",
    ],
)
def test_fails_with_507_for_a_model_that_does_not_fit_into_memory(multi: Any, tmp_path: Path, load_fails: str) -> None:
    server = multi()
    answer = load(server, "large", lay_out(tmp_path, "large", f"def model_fn(d):\n    {load_fails}\n"))
    assert (answer.status, answer.text) == (507, "There is not enough memory to load the model large.")
    assert listed(server) == {"models": []}
    assert not server.workers()


def test_fails_with_500_for_a_model_whose_worker_ends_while_it_is_loaded(multi: Any, tmp_path: Path) -> None:
    server = multi()
    answer = load(server, "fatal", lay_out(tmp_path, "fatal", "import os\nos._exit(3)"))
    assert (answer.status, 'exit="code 3"' in server.log) == (500, True)
    assert listed(server) == {"models": []}


def test_other_models_answer_while_one_is_loaded(multi: Any, tmp_path: Path) -> None:
    server = multi()
    load(server, "quick", lay_out(tmp_path, "quick"))
    url = lay_out(
        tmp_path,
        "slow",
        "import time\nfrom pathlib import Path\ndef model_fn(d):\n    while not Path(d, 'go').exists():\n"
        "        time.sleep(0.01)\ndef predict_fn(rows, model):\n    return 1\n",
    )
    loading = Background(lambda: load(server, "slow", url))
    while len(server.workers()) < len(("quick", "slow")):
        assert server.process.poll() is None
    assert load(server, "slow", url).status == 409
    assert invoke(server, "quick").status == 200
    assert invoke(server, "slow").status == 404
    assert [model["modelName"] for model in listed(server)["models"]] == ["quick"]
    Path(url, "go").touch()
    loading.join()
    assert loading.answer.status == 200
    assert invoke(server, "slow").status == 200


def test_a_model_answers_what_it_was_asked_before_it_is_unloaded(multi: Any, tmp_path: Path) -> None:
    server = multi()
    url = lay_out(tmp_path, "a")
    load(server, "a", url)
    asked = Background(lambda: invoke(server, "a", b"wait"))
    wait_for(Path(url, "started"))
    unloading = Background(lambda: server.request("DELETE", "/models/a"))
    while server.request("GET", "/models/a").status != 404:
        assert server.process.poll() is None
    assert unloading.answer is None
    assert invoke(server, "a").status == 404
    Path(url, "go").touch()
    asked.join()
    unloading.join()
    assert [each.answer.status for each in (asked, unloading)] == [200, 200]
    assert not server.workers()


def test_a_prediction_that_hangs_does_not_keep_its_model_from_being_unloaded(multi: Any, tmp_path: Path) -> None:
    server = multi(SAGEMAKER_MODEL_SERVER_TIMEOUT="1")
    url = lay_out(tmp_path, "a")
    load(server, "a", url)
    asked = Background(lambda: invoke(server, "a", b"wait"))
    wait_for(Path(url, "started"))
    assert server.request("DELETE", "/models/a").status == 200
    asked.join()
    assert asked.answer.status == 504
    assert not server.workers()


def test_a_worker_that_dies_is_replaced_and_leaves_other_models_alone(multi: Any, tmp_path: Path) -> None:
    server = multi()
    for name in ("a", "b"):
        load(server, name, lay_out(tmp_path, name))
    assert invoke(server, "a", b"die").status == 500
    assert invoke(server, "b").status == 200
    while (again := invoke(server, "a")).status == 503:
        assert server.process.poll() is None
    assert again.status == 200


TWO_HUNDRED_MIB = SAYS.replace(
    "return Path(model_dir)", "globals()['held'] = b'x' * (200 * 1024 * 1024); return Path(model_dir)"
)


def test_the_model_that_was_asked_least_recently_makes_room(multi: Any, tmp_path: Path) -> None:
    server = multi(SERVING_MODEL_MEMORY_IN_MIB="550")
    for name in ("a", "b"):
        assert load(server, name, lay_out(tmp_path, name, TWO_HUNDRED_MIB)).status == 200
    assert invoke(server, "a").status == 200
    assert load(server, "c", lay_out(tmp_path, "c", TWO_HUNDRED_MIB)).status == 200
    assert [model["modelName"] for model in listed(server)["models"]] == ["a", "c"]
    assert invoke(server, "b").status == 404
    assert "model is unloaded to make room model=b" in server.log
    assert len(server.workers()) == 2


def test_fails_with_507_where_only_models_that_are_answering_could_make_room(multi: Any, tmp_path: Path) -> None:
    server = multi(SERVING_MODEL_MEMORY_IN_MIB="350")
    url = lay_out(tmp_path, "a", TWO_HUNDRED_MIB)
    load(server, "a", url)
    asked = Background(lambda: invoke(server, "a", b"wait"))
    wait_for(Path(url, "started"))
    answer = load(server, "b", lay_out(tmp_path, "b", TWO_HUNDRED_MIB))
    assert answer.status == 507
    assert "SERVING_MODEL_MEMORY_IN_MIB leaves all models 350 MiB" in answer.text
    Path(url, "go").touch()
    asked.join()
    assert asked.answer.status == 200
    assert load(server, "b", str(tmp_path / "models" / "b" / "model")).status == 200
    assert [model["modelName"] for model in listed(server)["models"]] == ["b"]


def test_fails_with_507_for_a_model_beyond_the_bound_without_unloading_others(multi: Any, tmp_path: Path) -> None:
    server = multi(SERVING_MODEL_MEMORY_IN_MIB="180")
    load(server, "small", lay_out(tmp_path, "small"))
    assert load(server, "large", lay_out(tmp_path, "large", TWO_HUNDRED_MIB)).status == 507
    assert invoke(server, "small").status == 200


def test_sigterm_ends_all_models_and_answers_what_was_accepted(multi: Any, tmp_path: Path) -> None:
    server = multi()
    url = lay_out(tmp_path, "a")
    load(server, "a", url)
    load(server, "b", lay_out(tmp_path, "b"))
    asked = Background(lambda: invoke(server, "a", b"wait"))
    wait_for(Path(url, "started"))
    workers = server.workers()
    server.process.send_signal(signal.SIGTERM)
    server.wait_until_refused()
    Path(url, "go").touch()
    asked.join()
    assert asked.answer.status == 200
    assert server.process.wait(PATIENCE_IN_SECONDS) == 0
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


def test_fails_for_a_setting_that_is_neither_true_nor_false(start: Any) -> None:
    server = start(SAGEMAKER_MULTI_MODEL="yes")
    assert server.process.wait(PATIENCE_IN_SECONDS) == 1
    assert "SAGEMAKER_MULTI_MODEL must be true or false, got 'yes'" in server.log

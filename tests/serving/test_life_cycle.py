from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = Path(__file__).parents[2] / "container" / "serving"

ANSWERS_PROCESS = """
import os

def model_fn(model_dir):
    return None

def predict_fn(rows, model):
    return os.getpid()
"""

LOADS_WHEN_TOLD = """
import os
import time
from pathlib import Path

def model_fn(model_dir):
    while not Path(model_dir, "go").exists():
        time.sleep(0.01)
    return None

def predict_fn(rows, model):
    return os.getpid()
"""

PREDICTS_WHEN_TOLD = """
import time
from pathlib import Path

def model_fn(model_dir):
    return Path(model_dir)

def predict_fn(rows, model):
    (model / "started").touch()
    while not (model / "go").exists():
        time.sleep(0.01)
    return 1
"""


class Pending(threading.Thread):
    """A request that waits for its answer."""

    def __init__(self, server: Any) -> None:
        super().__init__(daemon=True)
        self._server = server
        self.status = 0
        self.start()

    def run(self) -> None:
        self.status = self._server.invoke().status


@pytest.fixture
def public_directory() -> Iterator[Path]:
    """A directory that every user can read, as in the image."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_ping_and_invocations_answer_503_until_the_model_is_loaded(start: Any) -> None:
    server = start(LOADS_WHEN_TOLD)
    server.wait_for_ping(503)
    answer = server.invoke()
    assert (answer.status, answer.text) == (503, "The model is being loaded; try again.")
    (server.base / "model" / "go").touch()
    server.wait_for_ping(200)
    assert server.invoke().status == 200


def test_the_log_says_what_was_loaded(start: Any) -> None:
    server = start(ANSWERS_PROCESS)
    server.wait_for_ping(200)
    assert f"model loaded model_dir={server.base / 'model'}" in server.log
    assert 'contract="model_fn, input_fn (default), predict_fn, output_fn (default)"' in server.log


def test_fails_with_500_and_the_traceback_in_the_log_when_the_model_cannot_be_loaded(start: Any) -> None:
    server = start("def model_fn(model_dir):\n    raise RuntimeError('weights are missing')\n")
    server.wait_for_ping(500)
    answer = server.invoke()
    assert answer.status == 500
    assert answer.text == "The model could not be loaded; the traceback is in the container's log."
    assert 'code/inference.py", line 2, in model_fn' in server.log
    assert "RuntimeError: weights are missing" in server.log
    assert server.process.poll() is None


def test_fails_when_inference_py_cannot_be_imported(start: Any) -> None:
    server = start("import nowhere_to_be_found\n")
    server.wait_for_ping(500)
    assert "inference.py cannot be imported: ModuleNotFoundError: No module named 'nowhere_to_be_found'" in server.log


def test_fails_when_the_archive_has_no_inference_py(start: Any) -> None:
    server = start()
    server.wait_for_ping(500)
    assert "code/inference.py does not exist; the archive needs code/inference.py with a function" in server.log


def test_fails_when_nothing_can_predict(start: Any) -> None:
    server = start("def model_fn(model_dir):\n    return 5\n")
    server.wait_for_ping(500)
    assert "model_fn returned a int, which has no method predict" in server.log


def test_fails_naming_the_setting_when_the_program_that_it_names_is_missing(start: Any) -> None:
    server = start("", SAGEMAKER_PROGRAM="predictor.py")
    server.wait_for_ping(500)
    assert "code/predictor.py does not exist; SAGEMAKER_PROGRAM names it." in server.log


@pytest.mark.parametrize(
    ("inference", "frames"),
    [
        ("def model_fn(): ...", 0),
        ("import nowhere_to_be_found", 1),
        ("def model_fn(model_dir):\n    return open(model_dir + '/weights')", 1),
        ("def model_fn(model_dir): ...\ndef predict_fn(data, model, context):\n    context.set_header(5, '')", 1),
    ],
)
def test_a_traceback_has_the_frames_of_the_author_and_none_of_the_container(
    start: Any, inference: str, frames: int
) -> None:
    server = start(inference)
    server.wait_until(lambda: server.ping() in (200, 500))
    assert server.invoke().status == 500
    lines = re.findall(r'^  File "(.+)", line', server.log, re.MULTILINE)
    assert lines == [str(server.base / "model" / "code" / "inference.py")] * frames


def test_fails_with_what_to_change_when_a_file_of_the_model_may_not_be_used(start: Any) -> None:
    server = start("def model_fn(model_dir):\n    raise PermissionError(13, 'Permission denied', '/opt/weights')")
    server.wait_for_ping(500)
    assert "/opt/weights cannot be used by " in server.log
    assert "a model's files and folders must be readable by all" in server.log


def test_another_program_below_code_is_chosen_by_the_environment(start: Any, tmp_path: Path) -> None:
    code = tmp_path / "model" / "code"
    code.mkdir(parents=True)
    (code / "predictor.py").write_text("import sizes\nmodel_fn = sizes.load\n")
    (code / "sizes.py").write_text("class Model:\n    predict = len\n\ndef load(model_dir):\n    return Model()\n")
    server = start(SAGEMAKER_PROGRAM="predictor.py")
    server.wait_for_ping(200)


def test_packages_below_code_lib_are_imported_unless_the_image_has_them(start: Any, tmp_path: Path) -> None:
    for name in ("packed", "numpy"):
        (tmp_path / "model" / "code" / "lib" / name).mkdir(parents=True)
        (tmp_path / "model" / "code" / "lib" / name / "__init__.py").write_text("factor = 3\n")
    server = start(
        "import numpy, packed\nclass Model:\n    def __init__(self, d): ...\n"
        "    def predict(self, data): return numpy.sum(data) * packed.factor\n"
    )
    server.wait_for_ping(200)
    assert server.invoke(b"1,2").text == "9.0"


def test_ping_answers_while_a_prediction_runs(start: Any) -> None:
    server = start(PREDICTS_WHEN_TOLD)
    server.wait_for_ping(200)
    pending = Pending(server)
    wait_for(server.base / "model" / "started")
    assert server.ping() == 200
    (server.base / "model" / "go").touch()
    pending.join()
    assert pending.status == 200


def test_sigterm_lets_accepted_requests_finish_and_refuses_new_ones(start: Any) -> None:
    server = start(PREDICTS_WHEN_TOLD)
    server.wait_for_ping(200)
    pending = Pending(server)
    wait_for(server.base / "model" / "started")
    server.process.send_signal(signal.SIGTERM)
    server.wait_until_refused()
    assert pending.status == 0
    (server.base / "model" / "go").touch()
    pending.join()
    assert pending.status == 200
    assert server.process.wait() == 0


def test_sigterm_stops_a_container_that_still_loads(start: Any) -> None:
    server = start(LOADS_WHEN_TOLD)
    server.wait_for_ping(503)
    assert server.stop() == 0


def test_a_worker_that_dies_is_replaced(start: Any) -> None:
    server = start(ANSWERS_PROCESS, SAGEMAKER_MODEL_SERVER_WORKERS="2")
    server.wait_for_ping(200)
    before = server.workers()
    assert len(before) == 2
    killed = int(server.invoke().text)
    os.kill(killed, signal.SIGKILL)
    while len(server.workers() - {killed}) < 2:
        assert server.process.poll() is None
        time.sleep(0.02)
    server.wait_for_ping(200)
    assert int(server.invoke().text) in server.workers() - {killed}
    assert "worker died and is replaced" in server.log


def test_the_container_stays_ready_while_a_lost_worker_is_being_replaced(start: Any) -> None:
    server = start(LOADS_WHEN_TOLD, SAGEMAKER_MODEL_SERVER_WORKERS="2")
    go = server.base / "model" / "go"
    go.touch()
    server.wait_for_ping(200)
    before = server.workers()
    go.unlink()
    killed = int(server.invoke().text)
    os.kill(killed, signal.SIGKILL)
    while len(server.workers() - before) < 1:
        assert server.process.poll() is None
        time.sleep(0.02)
    assert server.ping() == 200
    assert {int(server.invoke().text) for _ in range(5)} == before - {killed}


def test_fails_and_ends_when_workers_keep_dying_before_they_have_loaded(start: Any) -> None:
    server = start("import os\n\ndef model_fn(model_dir):\n    os._exit(3)\n")
    assert server.process.wait() == 1
    assert 'giving up: a worker keeps dying before its model is loaded worker=0 exit="code 3"' in server.log


def test_workers_do_not_outlive_a_supervisor_that_was_killed(start: Any) -> None:
    server = start(ANSWERS_PROCESS)
    server.wait_for_ping(200)
    server.process.kill()
    server.process.wait()
    server.wait_until_refused()


def test_the_log_names_a_variable_that_no_setting_has(start: Any) -> None:
    server = start(ANSWERS_PROCESS, SERVING_MAX_BATCHES="5")
    server.wait_for_ping(200)
    assert "WARNING main variables that no setting has are ignored variables=SERVING_MAX_BATCHES" in server.log


def test_fails_with_a_sentence_when_the_port_is_taken(start: Any, tmp_path: Path) -> None:
    first = start(ANSWERS_PROCESS)
    first.wait_for_ping(200)
    second = start(ANSWERS_PROCESS, base=tmp_path / "second", SAGEMAKER_BIND_TO_PORT=str(first.port))
    assert second.process.wait() == 1
    assert f"Port {first.port} cannot be opened (Address already in use)" in second.log
    assert "SAGEMAKER_BIND_TO_PORT chooses another" in second.log


@pytest.mark.parametrize("arguments", [[], ["predict"], ["serve", "now"]])
def test_fails_for_any_argument_but_serve_and_train(arguments: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "serving", *arguments], cwd=PROGRAM.parent, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "The container is started with one argument, serve or train, got" in ended.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_fails_naming_the_program_that_the_user_of_the_workers_may_not_run(start: Any) -> None:
    with contextlib.suppress(OSError):
        subprocess.run([sys.executable, "-c", ""], user="nobody", cwd="/", check=True)
        pytest.skip(f"the user nobody may run {sys.executable}")
    server = start(ANSWERS_PROCESS, SERVING_USER="nobody")
    server.wait_until(lambda: "worker cannot be started" in server.log)
    assert f"Permission denied: '{sys.executable}'" in server.log


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_workers_started_by_root_run_as_the_user_that_is_named(start: Any, public_directory: Path) -> None:
    try:
        subprocess.run([sys.executable, "-c", "import numpy"], user="nobody", cwd="/", check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"the user nobody may not run {sys.executable}")
    shutil.copytree(PROGRAM, public_directory / "serving")
    server = start(
        """
import os
AT_IMPORT = os.getuid()

def model_fn(model_dir):
    return [AT_IMPORT, os.getuid(), os.getgid()]

def input_fn(body, content_type):
    return None

def predict_fn(rows, model):
    return [*model, os.getuid()]
""",
        program=public_directory,
        base=public_directory,
        SERVING_USER="nobody",
    )
    server.wait_for_ping(200)
    nobody = pwd.getpwnam("nobody")
    assert server.invoke().text == f"[{nobody.pw_uid},{nobody.pw_uid},{nobody.pw_gid},{nobody.pw_uid}]"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_fails_rather_than_run_as_root_when_the_user_does_not_exist(start: Any) -> None:
    server = start(ANSWERS_PROCESS, SERVING_USER="nobody-of-that-name")
    assert server.process.wait() == 1
    assert "SERVING_USER names 'nobody-of-that-name', which is no user here" in server.log


def wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)

"""The real image, where a container engine answers and a base image can be had."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError

import pytest

from engine import container_engine
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

REPOSITORY = Path(__file__).parents[2]
CONTAINER = REPOSITORY / "container"
IRIS = REPOSITORY / "models" / "iris"
IMAGE = "localhost/cdk-sagemaker-hosting-test"
LOCAL_BASE = "localhost/cdk-sagemaker-hosting-base:bookworm"

LOAD_FAILED = 500


class Engine:
    """docker, podman or finch."""

    def __init__(self, name: str) -> None:
        self.name = name
        runc = shutil.which("runc", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        self._command = [name, *(["--runtime", runc] if name == "podman" and runc is not None else [])]

    def __call__(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        ended = subprocess.run([*self._command, *arguments], capture_output=True, text=True, check=False)
        assert ended.returncode == 0 or not check, ended.stdout + ended.stderr
        return ended

    def has(self, image: str) -> bool:
        return self("image", "inspect", image, check=False).returncode == 0


@pytest.fixture(scope="module")
def engine() -> Engine:
    name = container_engine()
    if name is None:
        pytest.skip("no container engine answers: docker, podman and finch are missing or not running")
    return Engine(name)


@pytest.fixture(scope="module")
def image(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image, built from the Dockerfile on the first base that is there, can be pulled, or can be made."""
    default = re.findall(r"^ARG BASE_IMAGE=(.+)$", (CONTAINER / "Dockerfile").read_text(), re.MULTILINE)[0]
    if engine.has(default) or engine("pull", default, check=False).returncode == 0:
        base = default
    elif engine.has(LOCAL_BASE) or _make_base(engine, tmp_path_factory.mktemp("base") / "base.tar"):
        base = LOCAL_BASE
    else:
        pytest.skip(f"{default} cannot be pulled, and there is no mmdebstrap to make a base image")
    # The build uses the index and the certificates of this machine, as the tests' own environment did.
    shared = [path for path in ("/etc/ssl/certs", "/etc/pip.conf") if Path(path).exists() and engine.name == "podman"]
    volumes = [argument for path in shared for argument in ("--volume", f"{path}:{path}:ro")]
    engine("build", "--network=host", *volumes, "--build-arg", f"BASE_IMAGE={base}", "--tag", IMAGE, str(CONTAINER))
    return IMAGE


def _make_base(engine: Engine, archive: Path) -> bool:
    if shutil.which("mmdebstrap") is None:
        return False
    packages = "python3,python3-pip,python3-venv,ca-certificates"
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", "bookworm", str(archive)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        return False
    return engine("import", str(archive), LOCAL_BASE, check=False).returncode == 0


def options(base: Path) -> list[str]:
    limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"]
    return ["--network=host", *limits, "--volume", f"{base}:/opt/ml"]


def test_the_image_trains_and_serves_what_it_trained_as_an_unprivileged_user(
    engine: Engine, image: str, tmp_path: Path, free_port: int
) -> None:
    base = tmp_path / "ml"  # the folder of pytest around it is for its owner alone, the one of SageMaker is not
    shutil.copytree(IRIS / "data", base / "input" / "data")
    (base / "input" / "config").mkdir()
    shutil.copy(IRIS / "hyperparameters.json", base / "input" / "config")
    shutil.copytree(IRIS / "train", base / "code")
    assert "validation-accuracy: 0.9667" in engine("run", "--rm", *options(base), image, "train").stdout
    assert (base / "model" / "model.joblib").read_bytes() == (IRIS / "model" / "model.joblib").read_bytes()

    shutil.copytree(IRIS / "code", base / "model" / "code")
    (base / "model" / "code" / "whoami.py").write_text(
        """
import getpass
import os
import pathlib
from inference import model_fn, predict_fn

def refused(number):
    try:
        os.kill(os.getppid(), number)
    except PermissionError:
        return True

def output_fn(prediction, accept):
    status = pathlib.Path("/proc/self/status").read_text()
    capabilities = int(status.split("CapPrm:")[1].split()[0], 16)
    kept = status.split("NoNewPrivs:")[1].split()[0] == "1"
    told = [prediction[0]["label"], getpass.getuser(), os.getuid(), capabilities, kept, refused(15), refused(9)]
    return " ".join(map(str, told))
"""
    )
    settings = {"SAGEMAKER_BIND_TO_PORT": str(free_port), "SAGEMAKER_PROGRAM": "whoami.py"}
    environment = [argument for name, value in settings.items() for argument in ("--env", f"{name}={value}")]
    container = engine("run", "--detach", *options(base), *environment, image, "serve").stdout.strip()
    try:
        wait_until_ready(f"http://127.0.0.1:{free_port}/ping", lambda: engine("logs", container).stderr)
        request = urllib.request.Request(
            f"http://127.0.0.1:{free_port}/invocations",
            data=b"5.1,3.5,1.4,0.2",
            headers={"Content-Type": "text/csv"},
        )
        with urllib.request.urlopen(request) as response:  # noqa: S310 - see above
            species, user, uid, *privileges = response.read().decode().split()
        assert (species, user, uid) == ("setosa", "model", "902")
        assert privileges == ["0", "True", "True", "True"]
        assert engine("top", container, "user", "args").stdout.count("serving") >= 1
        engine("stop", container)
        assert engine("inspect", "--format", "{{.State.ExitCode}}", container).stdout.strip() == "0"
    finally:
        engine("rm", "--force", container)


def started(engine: Engine, image: str, base: Path, port: int, *more: str) -> str:
    """A container in the background, with the folder below /opt/ml."""
    settings = ["--env", f"SAGEMAKER_BIND_TO_PORT={port}", "--env", "SERVING_LOG_FORMAT=text"]
    return engine("run", "--detach", *options(base), *settings, *more, image, "serve").stdout.strip()


@pytest.mark.parametrize("private", [".", "code", "code/inference.py", "weights"])
def test_fails_naming_what_the_user_of_the_workers_cannot_read(
    engine: Engine, image: str, tmp_path: Path, free_port: int, private: str
) -> None:
    model = tmp_path / "ml" / "model"
    (model / "code").mkdir(parents=True)
    (model / "code" / "inference.py").write_text("def model_fn(model_dir):\n    return open(model_dir + '/weights')\n")
    (model / "weights").touch()
    (model / private).chmod(0o700 if (model / private).is_dir() else 0o600)
    container = started(engine, image, tmp_path / "ml", free_port)
    try:
        with pytest.raises(HTTPError, match="500"):
            wait_until_answered(f"http://127.0.0.1:{free_port}/ping")
        log = engine("logs", container).stderr
        assert "cannot be used by model, the user of the workers: a model's files and folders must be readable" in log
        assert "/opt/ml/model/" in log
    finally:
        engine("rm", "--force", container)


def test_fails_with_what_to_allow_without_the_capability_to_become_another_user(
    engine: Engine, image: str, tmp_path: Path, free_port: int
) -> None:
    container = started(engine, image, tmp_path, free_port, "--cap-drop=all")
    try:
        assert engine("wait", container).stdout.strip() == "1"
        log = engine("logs", container).stderr
        assert "The container cannot become the user serving" in log
        assert "set SERVING_USER to nothing" in log
    finally:
        engine("rm", "--force", container)


def test_tensorflow_serving_is_the_user_of_the_workers(
    engine: Engine, image: str, tmp_path: Path, free_port: int
) -> None:
    model = tmp_path / "ml" / "model"
    for file in ("1/saved_model.pb", "code/inference.py"):
        (model / file).parent.mkdir(parents=True)
        (model / file).write_text("def handler(data, context): ...\n")
    program = tmp_path / "tensorflow_model_server"
    program.write_text("#!/bin/sh\necho the model server is $(id -u)\nsleep 1\n")
    program.chmod(0o755)
    mounted = f"{program}:/usr/local/bin/tensorflow_model_server"
    container = started(engine, image, tmp_path / "ml", free_port, "--volume", mounted)
    try:
        until(lambda: "the model server is" in engine("logs", container).stdout)
        assert set(engine("logs", container).stdout.splitlines()) == {"the model server is 902"}
    finally:
        engine("rm", "--force", container)


def test_the_health_check_asks_the_port_that_is_set_and_no_proxy(
    engine: Engine, image: str, tmp_path: Path, free_port: int
) -> None:
    model = tmp_path / "ml" / "model"
    (model / "code").mkdir(parents=True)
    (model / "code" / "inference.py").write_text(
        "class Model:\n    def __init__(self, d): ...\n    def predict(self, data): ...\n"
    )
    (check,) = re.findall(r"^HEALTHCHECK .*CMD (\[.+\])$", (CONTAINER / "Dockerfile").read_text(), re.MULTILINE)
    container = started(engine, image, tmp_path / "ml", free_port, "--env", "http_proxy=http://127.0.0.1:1")
    try:
        wait_until_ready(f"http://127.0.0.1:{free_port}/ping", lambda: engine("logs", container).stderr)
        assert engine("exec", container, *json.loads(check), check=False).returncode == 0
    finally:
        engine("rm", "--force", container)


LOOKS_AROUND = """
import json, os, pathlib, py_compile, shutil, sys
import numpy, serving, sklearn
compiled = [pathlib.Path(module.__cached__).read_bytes() for module in (numpy, serving, sklearn)]
print(json.dumps({
    "compiler": shutil.which("gcc") or shutil.which("cc"),
    "caches": [str(path) for path in pathlib.Path("/root").glob(".cache/*")],
    "checked": [bytes[4:8] != b"\\1\\0\\0\\0" for bytes in compiled],
    "times": sorted({os.stat(each.__file__).st_mtime for each in (numpy, serving, sklearn)}),
    "build": os.path.exists("/opt/build"),
}))
"""


def test_the_image_holds_what_runs_and_no_traces_of_its_build(engine: Engine, image: str, tmp_path: Path) -> None:
    arguments = ["run", "--rm", *options(tmp_path), "--entrypoint", "python", image, "-c", LOOKS_AROUND]
    found = json.loads(engine(*arguments).stdout)
    assert found == {
        "compiler": None,
        "caches": [],
        "checked": [False, False, False],
        "times": [315532800],
        "build": False,
    }


def test_the_image_says_what_it_is(engine: Engine, image: str) -> None:
    labels = json.loads(engine("image", "inspect", "--format", "{{json .Config.Labels}}", image).stdout)
    assert labels["com.amazonaws.sagemaker.capabilities.accept-bind-to-port"] == "true"
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert labels["org.opencontainers.image.base.name"]


def wait_until_ready(url: str, log: Callable[[], str]) -> None:
    try:
        wait_until_answered(url)
    except (HTTPError, URLError, ConnectionError):
        pytest.fail(f"the container is not ready:\n{log()}")


def wait_until_answered(url: str) -> None:
    """Ask while nothing listens, and while the answer is that the model is being loaded."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url):  # noqa: S310 - see above
                return
        except (URLError, ConnectionError) as reason:
            if time.monotonic() > deadline or (isinstance(reason, HTTPError) and reason.code == LOAD_FAILED):
                raise
        time.sleep(0.1)

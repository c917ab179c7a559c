from __future__ import annotations

import http.client
import json
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sagemaker_local.dockerfile import ImageBuild, read_recipe
from sagemaker_local.engine import wait_until_healthy
from sagemaker_local.errors import ContainerError, LocalError
from sagemaker_local.process_engine import ProcessContainer, ProcessEngine
from sagemaker_local.virtualenvs import prepare_virtualenv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERVER = """
import http.server, json, os, subprocess, sys, pathlib

STATUS = int(os.environ.get("STATUS", "200"))
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({
            "variables": dict(os.environ), "arguments": sys.argv[1:], "directory": os.getcwd(), "child": child.pid,
            "executable": sys.executable,
        }).encode()
        self.send_response(STATUS)
        self.end_headers()
        self.wfile.write(body)

print("ready", flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""
DOCKERFILE = """
FROM base
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/opt/program:/usr/elsewhere VIRTUAL_ENV=/opt/venv MODEL=/opt/ml/model
WORKDIR /opt/program
COPY . ./
ENTRYPOINT ["python", "/opt/program/server.py"]
"""


@pytest.fixture
def context(tmp_path: Path) -> Path:
    directory = tmp_path / "context"
    directory.mkdir()
    (directory / "Dockerfile").write_text(DOCKERFILE)
    (directory / "server.py").write_text(SERVER)
    return directory


@pytest.fixture
def start(context: Path, tmp_path: Path) -> Iterator[Callable[..., ProcessContainer]]:
    started = []

    def start(**environment: str) -> ProcessContainer:
        base = tmp_path / "work" / "ml"
        base.mkdir(parents=True, exist_ok=True)
        container = ProcessEngine(say=lambda _: None).start(
            ImageBuild(directory=context),
            argument="serve",
            base_directory=base,
            port=free_port(),
            environment=environment,
            log_file=tmp_path / "container.log",
        )
        started.append(container)
        return container

    yield start
    for container in started:
        container.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def state(container: ProcessContainer) -> dict[str, Any]:
    wait_until_healthy(container, 20)
    connection = http.client.HTTPConnection(container.url.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", "/ping")
        with connection.getresponse() as response:
            answer: dict[str, Any] = json.load(response)
            return answer
    finally:
        connection.close()


def scratch_of(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "work").glob("process-*"))


def test_the_entrypoint_runs_with_the_argument_in_the_working_directory(
    start: Callable[..., ProcessContainer], tmp_path: Path
) -> None:
    answer = state(start())
    (scratch,) = scratch_of(tmp_path)
    assert answer["arguments"] == ["serve"]
    assert answer["directory"] == str(scratch.resolve() / "root/opt/program")


def test_python_is_that_of_the_virtual_environment(start: Callable[..., ProcessContainer]) -> None:
    answer = state(start())
    assert Path(answer["executable"]).parents[1] == Path(answer["variables"]["VIRTUAL_ENV"])
    assert answer["variables"]["PATH"].startswith(str(Path(answer["executable"]).parent))


def test_variables_of_the_image_name_paths_of_this_machine(
    start: Callable[..., ProcessContainer], tmp_path: Path
) -> None:
    variables = state(start())["variables"]
    (scratch,) = scratch_of(tmp_path)
    assert variables["PYTHONPATH"] == f"{scratch.resolve() / 'root/opt/program'}:/usr/elsewhere"
    assert variables["MODEL"] == str((tmp_path / "work/ml/model").resolve())


def test_the_container_sees_no_variable_of_this_machine(
    start: Callable[..., ProcessContainer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THIS_MACHINE", "1")
    assert "OF_THIS_MACHINE" not in state(start())["variables"]


def test_a_given_variable_wins_over_the_image_but_not_over_sagemaker(
    start: Callable[..., ProcessContainer], tmp_path: Path
) -> None:
    given = {"MODEL": "other", "SAGEMAKER_MODEL_SERVER_WORKERS": "2", "SAGEMAKER_BASE_DIR": "/x", "SERVING_USER": "me"}
    variables = state(start(**given))["variables"]
    assert (variables["MODEL"], variables["SAGEMAKER_MODEL_SERVER_WORKERS"]) == ("other", "2")
    assert variables["SAGEMAKER_BASE_DIR"] == str((tmp_path / "work/ml").resolve())
    assert variables["SERVING_USER"] == ""


def test_one_worker_serves_unless_another_number_is_given(start: Callable[..., ProcessContainer]) -> None:
    assert state(start())["variables"]["SAGEMAKER_MODEL_SERVER_WORKERS"] == "1"


def test_the_log_is_for_people_unless_another_format_is_given(start: Callable[..., ProcessContainer]) -> None:
    assert state(start())["variables"]["SERVING_LOG_FORMAT"] == "text"
    assert state(start(SERVING_LOG_FORMAT="json"))["variables"]["SERVING_LOG_FORMAT"] == "json"


def test_stopping_ends_every_process_and_removes_the_files(
    start: Callable[..., ProcessContainer], tmp_path: Path
) -> None:
    container = start()
    child = state(container)["child"]
    container.stop()
    container.stop()
    assert container.exit_code() is not None
    assert scratch_of(tmp_path) == []
    wait_until_gone(child)


def wait_until_gone(process: int) -> None:
    """Wait for a process that was killed: the kernel takes its time on a busy machine."""
    for _ in range(200):
        if not is_running(process):
            return
        time.sleep(0.05)
    pytest.fail(f"process {process} is still running")


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")  # an orphan that nobody has waited for yet has ended, too
    return not status.exists() or ") Z " not in status.read_text()


def test_fails_with_the_exit_code_and_the_log_of_a_program_that_ends(
    start: Callable[..., ProcessContainer], context: Path
) -> None:
    (context / "server.py").write_text("print('before'); raise SystemExit(3)")
    with pytest.raises(ContainerError, match="exited with code 3") as error:
        wait_until_healthy(start(), 20)
    assert error.value.log == "before\n"


def test_fails_at_once_when_ping_answers_500(start: Callable[..., ProcessContainer]) -> None:
    with pytest.raises(ContainerError, match="/ping answered 500") as error:
        wait_until_healthy(start(STATUS="500"), 60)
    assert "ready" in error.value.log


def test_fails_when_ping_does_not_answer_200_in_time(start: Callable[..., ProcessContainer]) -> None:
    container = start(STATUS="503")
    with pytest.raises(ContainerError, match=r"/ping answered no 200 within 1\.5 s"):
        wait_until_healthy(container, 1.5)


def test_fails_for_a_program_of_the_base_image(
    start: Callable[..., ProcessContainer], context: Path, tmp_path: Path
) -> None:
    (context / "Dockerfile").write_text('FROM base\nENTRYPOINT ["/usr/bin/no-such-program"]')
    with pytest.raises(LocalError, match="no-such-program is neither copied nor installed"):
        start()
    assert scratch_of(tmp_path) == []


def test_fails_for_a_file_that_the_context_does_not_have(start: Callable[..., ProcessContainer], context: Path) -> None:
    (context / "Dockerfile").write_text("FROM base\nCOPY missing /opt/")
    with pytest.raises(LocalError, match="line 2 of the Dockerfile copies missing"):
        start()


def test_a_script_is_the_program_when_there_is_no_entrypoint(
    start: Callable[..., ProcessContainer], context: Path
) -> None:
    script = context / "serve"
    script.write_text("#!/bin/sh\necho started by $0\n")
    script.chmod(0o755)
    (context / "Dockerfile").write_text("FROM base\nENV PATH=/opt/program:$PATH\nCOPY serve /opt/program/")
    container = start()
    with pytest.raises(ContainerError, match="exited with code 0"):
        wait_until_healthy(container, 20)
    assert "opt/program/serve" in container.log()


def copied(start: Callable[..., ProcessContainer], context: Path, *lines: str) -> list[str]:
    """Return what the image's root holds, below /here and /opt/ml."""
    (context / "Dockerfile").write_text("\n".join(["FROM base", *lines, 'ENTRYPOINT ["/bin/true"]']))
    start()
    base = context.parent / "work"
    (root,) = base.glob("process-*/root")
    below_here = [str(path.relative_to(root)) for path in root.glob("here/**/*") if path.is_file()]
    below_sagemaker = [str(path.relative_to(base)) for path in base.glob("ml/**/*") if path.is_file()]
    return sorted(below_here + below_sagemaker)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("COPY a.txt /here/", ["here/a.txt"]),
        ("COPY a.txt /here/b.txt", ["here/b.txt"]),
        ("COPY sub /here", ["here/deep/d.txt", "here/s.txt"]),
        ("COPY sub/ /here/sub/", ["here/sub/deep/d.txt", "here/sub/s.txt"]),
        ("COPY a.txt sub /here/", ["here/a.txt", "here/deep/d.txt", "here/s.txt"]),
        ("COPY *.txt /here/", ["here/a.txt", "here/b.txt"]),
        ("COPY ../a.txt /here/", ["here/a.txt"]),
        ("WORKDIR /here\nCOPY a.txt .", ["here/a.txt"]),
        ("WORKDIR /here\nCOPY a.txt /here", ["here/a.txt"]),
        ("COPY a.txt /first/\nFROM base\nCOPY --from=0 /first/ /here/", ["here/a.txt"]),
        ("COPY a.txt /opt/ml/code/train.py", ["ml/code/train.py"]),
    ],
)
def test_files_are_copied_as_docker_does(
    start: Callable[..., ProcessContainer], context: Path, line: str, expected: list[str]
) -> None:
    (context / "sub" / "deep").mkdir(parents=True)
    for name in ("a.txt", "b.txt", "sub/s.txt", "sub/deep/d.txt"):
        (context / name).write_text(name)
    assert copied(start, context, line) == expected


def test_what_sagemaker_puts_below_opt_ml_hides_what_the_image_has(
    start: Callable[..., ProcessContainer], context: Path, tmp_path: Path
) -> None:
    (context / "model.txt").write_text("of the image")
    uploaded = tmp_path / "work/ml/model/model.txt"
    uploaded.parent.mkdir(parents=True)
    uploaded.write_text("uploaded")
    assert copied(start, context, "COPY model.txt /opt/ml/model/") == ["ml/model/model.txt"]
    assert uploaded.read_text() == "uploaded"


@pytest.fixture
def package(context: Path) -> Path:
    """Return a package that pip installs without an index: a wheel, which is a zip file."""
    import zipfile

    path = context / "local_thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("local_thing.py", "ANSWER = 42\n")
        wheel.writestr("local_thing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: local-thing\nVersion: 1.0\n")
        wheel.writestr(
            "local_thing-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr("local_thing-1.0.dist-info/RECORD", "")
    (context / "requirements.txt").write_text(f"./{path.name}\n")
    return path


def virtualenv_of(context: Path, said: list[str]) -> Path:
    return prepare_virtualenv(read_recipe(ImageBuild(directory=context)), context, say=said.append)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.usefixtures("package")
def test_a_virtual_environment_is_made_once_for_the_same_requirements(context: Path, cache: Path) -> None:
    (context / "Dockerfile").write_text("FROM base\nRUN pip install --no-cache-dir -r /requirements.txt")
    said: list[str] = []
    first = virtualenv_of(context, said)
    assert cache in first.parents
    assert list(first.glob("lib/python*/site-packages/local_thing.py"))
    assert "pip install -r /requirements.txt" in said
    said.clear()
    assert virtualenv_of(context, said) == first
    assert said == []


@pytest.mark.usefixtures("cache")
def test_a_package_outlives_the_files_that_it_was_installed_from(context: Path, package: Path) -> None:
    (context / "Dockerfile").write_text(f"FROM base\nRUN pip install --user --target /opt/lib -e /{package.name}")
    said: list[str] = []
    virtualenv_of(context, said)
    assert said[-1] == f"pip install /{package.name}"


def test_an_environment_that_was_not_completed_is_made_anew(context: Path, cache: Path) -> None:
    first = virtualenv_of(context, [])
    assert cache in first.parents
    (first / ".complete").unlink()
    (first / "left-over").touch()
    assert virtualenv_of(context, []) == first
    assert not (first / "left-over").exists()


def test_other_contents_of_a_nested_requirement_file_make_another_environment(context: Path, cache: Path) -> None:
    (context / "Dockerfile").write_text("FROM base\nRUN pip install -r requirements.txt")
    (context / "requirements.txt").write_text("-r nested.txt\n")
    (context / "nested.txt").write_text("# nothing\n")
    first = virtualenv_of(context, [])
    (context / "nested.txt").write_text("# nothing else\n")
    assert virtualenv_of(context, []) != first
    assert cache.exists()


def test_fails_with_the_last_lines_of_pip(context: Path, cache: Path) -> None:
    (context / "Dockerfile").write_text("FROM base\nRUN pip install --no-index no-such-package")
    with pytest.raises(
        LocalError, match=r"pip install --no-index no-such-package failed(.|\n)*No matching distribution"
    ):
        virtualenv_of(context, [])
    assert not list(cache.rglob(".complete"))

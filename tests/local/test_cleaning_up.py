from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from waiting import until

if TYPE_CHECKING:
    from local.conftest import Project, Twin


def refuses(url: str) -> bool:
    port = urlsplit(url).port
    assert port is not None
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_when_it_is_stopped(own_twin: Twin, number: signal.Signals) -> None:
    answer = own_twin.client("sagemaker-runtime").invoke_endpoint(EndpointName="tiny", Body=b"")
    container = json.loads(answer["Body"].read())["pid"]

    assert own_twin.stop(number) == 0
    assert refuses(own_twin.url)
    with pytest.raises(ProcessLookupError):
        os.kill(container, 0)
    assert not list(own_twin.project.temporary.iterdir())


def test_nothing_is_left_after_a_deployment_that_ends_by_itself(project: Project) -> None:
    result = project.deploy("--invoke", "DescribeName")

    assert result.returncode == 0, result.stderr
    assert '"memory": "256"' in result.stdout
    assert not list(project.temporary.iterdir())


def test_nothing_is_left_when_it_is_interrupted_at_work(project: Project) -> None:
    with subprocess.Popen(
        project.command(), cwd=project.directory, env=project.environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Started the embedded AWS")
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "Stopped, and cleaned up." in output
    assert not list(project.temporary.iterdir())


LEAVES_LATE = """
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

def last_words(*_):
    time.sleep(1)
    Path(os.environ["CDK_OUTDIR"]).mkdir(parents=True, exist_ok=True)
    sys.exit()

signal.signal(signal.SIGTERM, last_words)
tempfile.mkdtemp()
Path("running").touch()
time.sleep(600)
"""


def test_nothing_is_left_when_it_is_interrupted_while_the_app_runs(project: Project) -> None:
    (project.directory / "app.py").write_text(LEAVES_LATE)
    with subprocess.Popen(project.command(), cwd=project.directory, env=project.environment) as process:
        until((project.directory / "running").exists)
        process.send_signal(signal.SIGINT)

    assert process.returncode == 130
    assert not list(project.temporary.iterdir())


def test_nothing_is_left_after_a_deployment_that_fails(project: Project) -> None:
    (project.directory / "app.py").write_text("raise RuntimeError('no app today')\n")
    result = project.deploy()

    assert result.returncode == 1
    assert not list(project.temporary.iterdir())

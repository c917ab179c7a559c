from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
TINY_APP = Path(__file__).with_name("tiny_app")


@dataclass(frozen=True)
class Project:
    """A directory with a CDK app, and the command that runs it locally."""

    directory: Path
    temporary: Path

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "sagemaker_local", "deploy", *arguments, "--app", f"{sys.executable} app.py"]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "TMPDIR": str(self.temporary), "PYTHONUNBUFFERED": "1"}

    def deploy(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``sagemaker-local deploy`` to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@dataclass(frozen=True)
class Twin:
    """A deployment that is kept running."""

    url: str
    output: str
    process: subprocess.Popen[str]
    project: Project

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",  # noqa: S106  a dummy
        )

    def outputs(self, stack: str) -> dict[str, str]:
        (found,) = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


def keep_running(project: Project, *arguments: str) -> Iterator[Twin]:
    """Start a deployment with ``--keep``, and stop it at the end if nobody did."""
    with subprocess.Popen(
        project.command(*arguments, "--keep"),
        cwd=project.directory,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Running until"):
                break
        output = "".join(lines)
        url = re.search(r"answers at (http://localhost:\d+)", output)
        assert url is not None, output
        yield Twin(url[1], output, process, project)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def tiny_project(target: Path) -> Project:
    """Copy the app of the tests: one endpoint, and functions that call it and fail in every way."""
    shutil.copytree(TINY_APP, target / "app", ignore=shutil.ignore_patterns("__pycache__"))
    (target / "app" / "cdk.json").write_text('{"app": "false"}')
    (target / "app" / "node_modules").symlink_to(ROOT / "node_modules")
    with tarfile.open(target / "app" / "model.tar.gz", "w:gz") as archive:
        archive.add(target / "app" / "model" / "model.txt", "model.txt")
    (target / "tmp").mkdir()
    return Project(target / "app", target / "tmp")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return tiny_project(tmp_path)


@pytest.fixture(scope="session")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """Return the tiny app, running."""
    yield from keep_running(tiny_project(tmp_path_factory.mktemp("twin")))


@pytest.fixture
def own_twin(project: Project) -> Iterator[Twin]:
    """Return the tiny app, running for one test, which may stop it."""
    yield from keep_running(project)

from __future__ import annotations

import socket
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from sagemaker_local.cli import main

if TYPE_CHECKING:
    import pytest

    from local.conftest import Project


def test_fails_with_the_log_of_a_container_that_ends(project: Project) -> None:
    (project.directory / "model" / "model.txt").write_text("broken")
    with tarfile.open(project.directory / "model.tar.gz", "w:gz") as archive:
        archive.add(project.directory / "model" / "model.txt", "model.txt")
    result = project.deploy()

    assert result.returncode == 1
    assert "Traceback (most recent call last)" in result.stderr
    assert "RuntimeError: the model is broken" in result.stderr
    assert result.stderr.strip().splitlines()[-1].startswith("error: the endpoint tiny failed: ")


def test_fails_with_what_the_app_printed(project: Project) -> None:
    (project.directory / "app.py").write_text("raise RuntimeError('no app today')\n")
    result = project.deploy()

    assert result.returncode == 1
    assert "RuntimeError: no app today" in result.stderr
    assert result.stderr.strip().endswith("error: `cdk synth` failed; its output is above")


def test_fails_for_a_stack_that_the_app_does_not_have(project: Project) -> None:
    result = project.deploy("Huge")

    assert result.returncode == 1
    assert "error: the app has no stack Huge; its stacks are Tiny" in result.stderr


def test_fails_for_a_stack_of_another_account(project: Project) -> None:
    app = project.directory / "app.py"
    environment = 'env=cdk.Environment(account="111122223333", region="eu-central-1")'
    app.write_text(app.read_text().replace('"Tiny", ', f'"Tiny", {environment}, '))
    result = project.deploy()

    assert result.returncode == 1
    assert "the stack Tiny belongs to aws://111122223333/eu-central-1" in result.stderr


def test_fails_if_the_invoked_function_says_that_it_did_not_pass(project: Project) -> None:
    result = project.deploy("--invoke", "JudgeName")

    assert result.returncode == 1
    assert '"passed": false' in result.stdout


def test_fails_for_a_port_that_is_taken(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.directory)
    with socket.create_server(("localhost", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["deploy", "--port", str(port)]) == 1

    assert f"error: port {port} is taken" in capsys.readouterr().err


def test_fails_where_there_is_no_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["deploy"]) == 1

    assert f"error: there is no cdk.json in {tmp_path}" in capsys.readouterr().err


def test_fails_where_there_is_no_cli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cdk.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    assert main(["deploy"]) == 1

    assert "error: there is no CDK CLI here: run `npm ci`" in capsys.readouterr().err


def test_the_command_is_installed_and_explains_itself() -> None:
    command = Path(sys.executable).with_name("sagemaker-local")
    result = subprocess.run([command, "deploy", "--help"], capture_output=True, text=True, check=True)

    assert "--keep" in result.stdout

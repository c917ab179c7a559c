"""Runs the real CDK CLI."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sagemaker_local.errors import CommandError, LocalError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


_STOP_SECONDS = 3
_POLL_SECONDS = 0.05


class CdkCli:
    """The CLI that a project would use, with an environment that points at the embedded AWS."""

    def __init__(self, project: Path, environment: Mapping[str, str], temporary: Path) -> None:
        """Find the CLI.

        Args:
            project: Directory of the CDK app.
            environment: One in which AWS is the embedded one.
            temporary: Directory for its temporary files and those of the app: neither removes them when it is stopped.

        Raises:
            LocalError: If there is no app, or no CLI.
        """
        if not (project / "cdk.json").exists():
            raise LocalError(f"there is no cdk.json in {project}: run this in the directory of a CDK app")
        self._command = find_cdk(project)
        self._project = project
        self._environment = {
            **environment,
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            # Docker knows nothing of the embedded AWS: for an image that is not there it would log in to the real one.
            "CDK_DOCKER": "false",
            "NO_COLOR": "1",
            "TMPDIR": str(temporary),
        }

    def run(self, *arguments: str) -> None:
        """Run a command of the CLI to its end.

        Args:
            arguments: The command and its options.

        Raises:
            CommandError: If it fails.
        """
        command = [*self._command, *arguments, "--ci", "--no-color", "--no-notices"]
        # In a group of its own, so that Ctrl-C stops this program, which then stops the CLI and the app it runs.
        with subprocess.Popen(  # noqa: S603  the CLI of the user's own project
            command,
            cwd=self._project,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as process:
            try:
                output, _ = process.communicate()
            except BaseException:
                _stop_group(process)
                raise
        if process.returncode != 0:
            raise CommandError(f"`cdk {arguments[0]}` failed; its output is above", output)


def _stop_group(leader: subprocess.Popen[str]) -> None:
    """Stop a process and all that it has started, and wait until none of them writes anything any more."""
    with suppress(ProcessLookupError):  # there is none any more
        for number in (signal.SIGTERM, signal.SIGKILL):
            os.killpg(leader.pid, number)
            deadline = time.monotonic() + _STOP_SECONDS
            while time.monotonic() < deadline:
                leader.poll()
                os.killpg(leader.pid, 0)
                time.sleep(_POLL_SECONDS)


def find_cdk(project: Path) -> tuple[str, ...]:
    """Return the command that starts the CLI: the project's own, else the one on the path.

    Args:
        project: Directory of the CDK app; ``node_modules`` is looked for in it and above.

    Raises:
        LocalError: If there is none.
    """
    for directory in (project, *project.parents):
        own = directory / "node_modules" / ".bin" / "cdk"
        if own.exists():
            return (str(own),)
    installed = shutil.which("cdk")
    if installed is None:
        raise LocalError(
            "there is no CDK CLI here: run `npm ci`, or `npm install aws-cdk@2` in the project's directory"
        )
    return (installed,)

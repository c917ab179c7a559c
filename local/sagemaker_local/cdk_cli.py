"""Runs the real CDK CLI."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

from sagemaker_local.errors import CommandError, LocalError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class CdkCli:
    """The CLI that a project would use, with an environment that points at the embedded AWS."""

    def __init__(self, project: Path, environment: Mapping[str, str]) -> None:
        """Find the CLI.

        Args:
            project: Directory of the CDK app.
            environment: One in which AWS is the embedded one.

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
                os.killpg(process.pid, signal.SIGTERM)
                raise
        if process.returncode != 0:
            raise CommandError(f"`cdk {arguments[0]}` failed; its output is above", output)


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

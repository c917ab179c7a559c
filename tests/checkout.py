from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Checkout:
    """A copy of what the app is made of, to be changed and synthesized by the real CLI."""

    root: Path

    def synthesize(self, output: str = "cdk.out", *, validate: bool = False) -> Path:
        """Run ``cdk synth`` and return the cloud assembly."""
        assembly = self.root / output
        result = self.run("synth", "--quiet", "--output", str(assembly), validate=validate)
        assert result.returncode == 0, result.stdout + result.stderr
        return assembly

    def run(self, *arguments: str, validate: bool) -> subprocess.CompletedProcess[str]:
        """Run the CLI without credentials.

        Args:
            arguments: Its command line.
            validate: Whether the CDK's own validator of CloudFormation runs, too.
        """
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment["CDK_VALIDATION"] = "true" if validate else "false"
        environment["PATH"] = f"{self.root / 'no-docker'}:{environment['PATH']}"
        return subprocess.run(
            [ROOT / "node_modules" / ".bin" / "cdk", *arguments, "--app", f"{sys.executable} app.py"],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


def copy_app(target: Path) -> Checkout:
    """Copy the app, and put a ``docker`` in front of any other that fails when it is called."""
    for name in ("stacks", "models", "container"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "cdk.json"):
        shutil.copy(ROOT / name, target / name)
    docker = target / "no-docker" / "docker"
    docker.parent.mkdir()
    docker.write_text("#!/bin/sh\nexit 1\n")
    docker.chmod(0o755)
    return Checkout(target)

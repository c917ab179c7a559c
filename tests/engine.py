from __future__ import annotations

import shutil
import subprocess


def container_engine() -> str | None:
    """The first container engine that answers."""
    for name in ("docker", "podman", "finch"):
        if shutil.which(name) and subprocess.run([name, "info"], capture_output=True, check=False).returncode == 0:
            return name
    return None

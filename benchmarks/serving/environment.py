"""A virtual environment for each server, made when it is needed first.

All have the same versions of what the models need, those of the container's image, unless the server asks for another.
"""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

from benchmarks.serving.peer import ROOT, Peer

CACHE = ROOT / ".benchmarks"
MODEL_REQUIREMENTS = ("sklearn.txt", "onnx.txt")


def bin_of(peer: Peer) -> Path:
    """The folder with its Python, after everything is installed."""
    models = [peer.program / "requirements" / name for name in MODEL_REQUIREMENTS]
    pins = {_name(pin): pin for pin in [*_pins(*models), *_pins(*peer.requirements)]}
    digest = hashlib.sha256("\n".join([sys.version, *pins.values()]).encode()).hexdigest()[:12]
    folder = CACHE / f"{peer.folder.name}-{digest}"
    installed = folder / "installed"
    if not installed.exists():
        print(f"installing {peer.folder.name} into {folder}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *pins.values()], check=True)
        installed.touch()
    return folder / "bin"


def _name(pin: str) -> str:
    return pin.partition("==")[0].lower().replace("_", "-")


def _pins(*paths: Path) -> list[str]:
    """Names and versions, without hashes: they would have to be there for all."""
    pins = re.compile(r"^([A-Za-z0-9._-]+(?:\[[^]]*\])?==[^\s;\\]+)", re.MULTILINE)
    return [pin for path in paths if path.exists() for pin in pins.findall(path.read_text())]

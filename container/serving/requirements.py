"""`code/requirements.txt`: what the author's program needs beyond the image, installed before it is imported.

Only a setting allows it: it needs a package index when the container starts, and code from there runs beside the model.
Packages go to a folder of their own below the temporary directory, which is what a serverless endpoint leaves writable.
What the image has stays as it is: a requirement that needs another version of it is an error.
"""

import asyncio
import importlib.metadata
import os
import pwd
import secrets
import sys
import sysconfig
import tempfile
import time
from functools import partial
from pathlib import Path

from serving import log
from serving.errors import RequirementsError
from serving.privileges import become_in_child

FILE_NAME = "requirements.txt"
SHOWN_LINES = 20


async def prepare(code: Path, *, allowed: bool, user: pwd.struct_passwd | None = None) -> Path | None:
    """Install what a folder's `requirements.txt` names, and let processes that are started later import it.

    Args:
        code: The folder.
        allowed: Whether the setting allows it. If not, a warning says that the file is left alone.
        user: Whose process installs: packages may run code of their own. Without it, the user of this process.

    Returns:
        The folder with the packages, or None if nothing was installed.

    Raises:
        RequirementsError: With what pip says.
    """
    path = code / FILE_NAME
    if not path.is_file():
        return None
    if not allowed:
        log.warning(
            "requirements are not installed; build them into the image, or set SERVING_INSTALL_REQUIREMENTS=true",
            path=path,
        )
        return None
    began = time.perf_counter()
    try:
        folder = await _install(path, user)
    except OSError as reason:
        raise RequirementsError(f"{path} cannot be installed: {reason}") from reason
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    log.info("requirements installed", path=path, folder=folder, seconds=round(time.perf_counter() - began, 1))
    return folder


async def _install(path: Path, user: pwd.struct_passwd | None) -> Path:
    prefix = Path(tempfile.gettempdir()) / f"requirements-{secrets.token_hex(8)}"
    constraints = prefix.with_suffix(".txt")
    installed = {each.metadata["Name"]: each.version for each in importlib.metadata.distributions()}
    constraints.write_text("".join(f"{name}=={version}\n" for name, version in sorted(installed.items())))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pip", "install", "--no-input", "--no-cache-dir", "--disable-pip-version-check"),
        *("--quiet", "--prefix", str(prefix), "--constraint", str(constraints), "--requirement", path.name),
        cwd=path.parent,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        preexec_fn=partial(become_in_child, user) if user is not None else None,
    )
    try:
        said, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    finally:
        constraints.unlink(missing_ok=True)
    if process.returncode != 0:
        lines = said.decode(errors="replace").strip().splitlines()[-SHOWN_LINES:]
        raise RequirementsError("\n".join([f"{path} cannot be installed:", *lines]))
    return Path(sysconfig.get_path("purelib", vars={"base": str(prefix), "platbase": str(prefix)}))

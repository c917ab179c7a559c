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
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from serving import log
from serving.errors import RequirementsError
from serving.privileges import become_in_child

FILE_NAME = "requirements.txt"
SHOWN_LINES = 20


@dataclass(frozen=True, kw_only=True)
class Packages:
    """What was installed of one `requirements.txt`.

    Attributes:
        prefix: The folder of it.
        user: Whose it is. None for the user of this process.
    """

    prefix: Path
    user: pwd.struct_passwd | None

    @property
    def folder(self) -> Path:
        """What is imported from."""
        return Path(sysconfig.get_path("purelib", vars={"base": str(self.prefix), "platbase": str(self.prefix)}))

    def environment(self, env: Mapping[str, str]) -> dict[str, str]:
        """The variable that lets a process import them.

        Args:
            env: The other variables of that process.
        """
        return {"PYTHONPATH": os.pathsep.join([str(self.folder), *filter(None, [env.get("PYTHONPATH")])])}

    async def remove(self) -> None:
        """Delete them."""
        await _run(self.user, "rm", "-rf", "--", str(self.prefix))


async def prepare(code: Path, *, allowed: bool, user: pwd.struct_passwd | None = None) -> Packages | None:
    """Install what a folder's `requirements.txt` names.

    Args:
        code: The folder.
        allowed: Whether the setting allows it. If not, a warning says that the file is left alone.
        user: Whose process installs: packages may run code of their own. Without it, the user of this process.

    Returns:
        The packages, or None if nothing was installed.

    Raises:
        RequirementsError: With what pip says.
    """
    path = code / FILE_NAME
    try:
        found = path.is_file()
    except PermissionError:
        found = False  # who loads the model says which file it is that cannot be read
    if not found:
        return None
    if not allowed:
        log.warning(
            "requirements are not installed; build them into the image, or set SERVING_INSTALL_REQUIREMENTS=true",
            path=path,
        )
        return None
    began = time.perf_counter()
    packages = Packages(prefix=Path(tempfile.gettempdir()) / f"requirements-{secrets.token_hex(8)}", user=user)
    try:
        await _install(path, packages)
    except OSError as reason:
        raise RequirementsError(f"{path} cannot be installed: {reason}") from reason
    log.info("requirements installed", path=path, folder=packages.folder, seconds=round(time.perf_counter() - began, 1))
    return packages


async def _install(path: Path, packages: Packages) -> None:
    constraints = packages.prefix.with_suffix(".txt")
    installed = {each.metadata["Name"]: each.version for each in importlib.metadata.distributions()}
    constraints.write_text("".join(f"{name}=={version}\n" for name, version in sorted(installed.items())))
    complete = False
    try:
        code, said = await _run(
            packages.user,
            *(sys.executable, "-m", "pip", "install", "--no-input", "--no-cache-dir", "--disable-pip-version-check"),
            *("--quiet", "--prefix", str(packages.prefix)),
            *("--constraint", str(constraints), "--requirement", path.name),
            folder=path.parent,
        )
        complete = code == 0
    finally:
        constraints.unlink(missing_ok=True)
        if not complete:
            await packages.remove()
    if not complete:
        lines = said.decode(errors="replace").strip().splitlines()[-SHOWN_LINES:]
        raise RequirementsError("\n".join([f"{path} cannot be installed:", *lines]))


async def _run(user: pwd.struct_passwd | None, *command: str, folder: Path | None = None) -> tuple[int | None, bytes]:
    """Run a program as a user; its exit code, and all that it said."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        preexec_fn=partial(become_in_child, user) if user is not None else None,
    )
    try:
        said, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    return process.returncode, said

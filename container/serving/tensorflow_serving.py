"""TensorFlow Serving beside the workers: one `tensorflow_model_server` for all of them.

It is started where the program is on PATH and the model directory holds a SavedModel in a folder named by its version:
`1/saved_model.pb`, or one folder deeper, as SageMaker's own container takes it.
https://www.tensorflow.org/tfx/serving/api_rest
"""

import asyncio
import os
import pwd
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

from serving import log
from serving.config import Config
from serving.privileges import become_in_child, environment_of

PROGRAM = "tensorflow_model_server"
RESTART_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class ModelServer:
    """How TensorFlow Serving is started, and where it answers.

    Attributes:
        program: The file that is run.
        base: The folder with the versions.
        name: The model's name in its URLs.
        version: The newest version, which is served.
        port: Its port for REST.
    """

    program: str
    base: Path
    name: str
    version: str
    port: int

    @classmethod
    def find(cls, config: Config) -> Self | None:
        """What there is to start, or None."""
        program = shutil.which(PROGRAM)
        try:
            saved = [*config.model_dir.glob("*/saved_model.pb"), *config.model_dir.glob("*/*/saved_model.pb")]
        except PermissionError:  # who loads the model says what cannot be read
            saved = []
        versions = [path.parent for path in saved if path.parent.name.isdecimal()]
        if program is None or not versions:
            return None
        newest = max(versions, key=lambda version: int(version.name))
        base = newest.parent
        name = base.name if base != config.model_dir else "model"
        return cls(program=program, base=base, name=name, version=newest.name, port=config.tensorflow_port)

    @property
    def rest_uri(self) -> str:
        """The model's URL, without a method."""
        return f"http://127.0.0.1:{self.port}/v1/models/{self.name}"

    async def keep(self, user: pwd.struct_passwd | None = None) -> None:
        """Run it, and run it again after its end, until this is cancelled.

        Args:
            user: Whose process it is: what it computes is the author's. Without it, the user of this process.
        """
        while True:
            try:
                process = await self._started(user)
            except OSError as reason:
                log.error("tensorflow serving cannot be started", program=self.program, error=str(reason))
                await asyncio.sleep(RESTART_SECONDS)
                continue
            log.info("tensorflow serving started", port=self.port, model=self.name, version=self.version)
            try:
                code = await process.wait()
            except asyncio.CancelledError:
                process.kill()
                await process.wait()
                raise
            log.error("tensorflow serving ended and is started again", exit=code)
            await asyncio.sleep(RESTART_SECONDS)

    async def _started(self, user: pwd.struct_passwd | None) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            self.program,
            f"--rest_api_port={self.port}",
            "--port=0",
            f"--model_name={self.name}",
            f"--model_base_path={self.base}",
            env=None if user is None else {**os.environ, **environment_of(user)},
            preexec_fn=None if user is None else partial(become_in_child, user),
        )

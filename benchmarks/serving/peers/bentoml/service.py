"""A service of BentoML."""

import os
from typing import Annotated

import bentoml
import task
from bentoml.validators import ContentType

WORKERS = int(os.environ.get("WORKERS", "1"))
MODEL = os.environ["MODEL"]
TYPE = "text/csv" if MODEL == "iris" else "image/jpeg"


@bentoml.service(workers=WORKERS, logging={"access": {"enabled": False}}, metrics={"enabled": False})
class Service:
    """The model."""

    def __init__(self) -> None:
        self._task = task.load()

    @bentoml.api(route="/invocations")
    def invocations(self, body: Annotated[bytes, ContentType(TYPE)], /) -> Annotated[bytes, ContentType("text/csv")]:
        """The model's answer."""
        return self._task.answer(body)

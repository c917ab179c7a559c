"""A runtime of MLServer with a handler of its own for bodies that are no tensors.

https://mlserver.readthedocs.io/en/stable/user-guide/custom.html
"""

import task
from mlserver import MLModel
from mlserver.handlers import custom_handler
from starlette.requests import Request
from starlette.responses import Response


class Runtime(MLModel):
    """The model."""

    async def load(self) -> bool:
        """Load it."""
        self._task = task.load()
        return True

    @custom_handler(rest_path="/invocations")
    async def invocations(self, request: Request) -> Response:
        """The model's answer."""
        return Response(self._task.answer(await request.body()), media_type=self._task.content_type)

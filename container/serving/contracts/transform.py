"""One function instead of three, as in SageMaker's PyTorch and MXNet containers.

    model_fn(model_dir)                                     required
    transform_fn(model, request_body, content_type, accept) the response's body, or (body, content type)

https://docs.aws.amazon.com/sagemaker/latest/dg/neo-deployment-hosting-services-prerequisites.html
"""

from collections.abc import Mapping
from typing import Any

from serving import content_types
from serving.context import Context
from serving.contracts.contract import Contract, Function
from serving.contracts.four_functions import MODEL_FN
from serving.contracts.stream import STREAM_FN, Streaming
from serving.handler import Program, Request, Response, UserFunction, response_of


class Transform(Streaming):
    """A model and its transform_fn."""

    contract = "model_fn, transform_fn"

    def __init__(self, functions: Mapping[str, UserFunction], program: Program) -> None:
        self._config = program.config
        self._stream = functions.get("stream_fn")
        self.converses = self._stream is not None
        self._transform = functions["transform_fn"]
        model_dir = program.config.model_dir
        self._model = functions["model_fn"](str(model_dir), context=Context(model_dir=model_dir))

    def read(self, request: Request) -> str | bytes:
        """The body: a string for text and JSON, else the bytes."""
        return content_types.text_or_bytes(request.body, request.content_type)

    def predict(self, data: Any, request: Request) -> Any:  # noqa: ANN401 - what transform_fn returns
        """All of it, through transform_fn."""
        content_type = content_types.media_type(request.content_type)
        return self._transform(
            self._model, data, content_type, self._accept(request), context=self.context(request, self._transform)
        )

    def write(self, prediction: Any, request: Request) -> Response:  # noqa: ANN401 - see predict
        """What transform_fn returned."""
        return response_of(prediction, self._accept(request), returned_by="transform_fn")

    def _accept(self, request: Request) -> str:
        return content_types.first_choice(request.accept, self._config.default_accept)


CONTRACT = Contract(
    name="transform",
    functions=(
        MODEL_FN,
        Function(name="transform_fn", parameters=("model", "request_body", "content_type", "accept")),
        STREAM_FN,
    ),
    required=("model_fn", "transform_fn"),
    marks=("transform_fn",),
    load=Transform,
)

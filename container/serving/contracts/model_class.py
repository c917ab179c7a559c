"""A plain class, for those who start fresh.

    class Model:
        def __init__(self, model_dir): ...      load what is in the model directory
        def predict(self, data): ...            an array of rows in, one item for each row out

Bodies are read and written by the container: CSV, JSON, JSON Lines, npy. Of any other type, such as an image, `predict`
gets the bytes. A `predict` that yields str or bytes streams its response. With `batchable = True` in the class, the
rows of several waiting requests are predicted by one call.
"""

import inspect
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from serving import codec
from serving.contracts.contract import Contract, Function
from serving.errors import ContractError
from serving.handler import Handler, Program, Request, Response, UserFunction, is_stream, response_of

PREDICT = Function(name="predict", parameters=("data",))


class ModelClass(Handler):
    """An instance of the class."""

    contract = "class Model"

    def __init__(self, functions: Mapping[str, UserFunction], program: Program) -> None:
        self._config = program.config
        cls: Any = functions["Model"].call
        expected = f"{program.path}: class Model needs a method predict(self, data) or predict(self, data, context)"
        if not inspect.isfunction(getattr(cls, "predict", None)):
            raise ContractError(expected)
        try:
            PREDICT.of(cls.predict.__get__(object()))
        except TypeError as reason:
            raise ContractError(f"{expected}; it {reason}") from None
        model = functions["Model"](str(program.config.model_dir), context=None)
        self._predict = PREDICT.of(model.predict)
        self.batchable = getattr(model, "batchable", False) is True
        if self.batchable and self._predict.takes_context:
            raise ContractError(f"{expected}; a batchable one has no context of one request")
        if self.batchable and inspect.isgeneratorfunction(model.predict):
            raise ContractError(f"{program.path}: a batchable Model needs a predict that returns; it yields.")

    def read(self, request: Request) -> Any:  # noqa: ANN401 - rows or bytes
        """Rows, or the bytes of a type that has no rows."""
        body = codec.text_or_bytes(request.body, request.content_type)
        if isinstance(body, bytes) and codec.is_opaque(request.content_type):
            return body
        return codec.decode(body, request.content_type)

    def predict(self, data: Any, request: Request) -> Any:  # noqa: ANN401 - what the class takes and returns
        """What the class answers."""
        return self._predict(data, context=self.context(request))

    def write(self, prediction: Any, request: Request) -> Response:  # noqa: ANN401 - see predict
        """The answer in the type that is asked for."""
        if is_stream(prediction):
            accept = codec.first_choice(request.accept, self._config.default_accept)
            return response_of(prediction, accept, returned_by="predict")
        accept = codec.negotiate(request.accept, self._config.default_accept)
        return Response(body=codec.encode(prediction, accept), content_type=accept)


def _defined_here(module: ModuleType, name: str) -> object:
    """The class if this file defines it for the container.

    A name that is imported, such as keras.Model, is somebody else's; a class beside model_fn is what model_fn loads.
    """
    if hasattr(module, "model_fn"):
        return None
    found = getattr(module, name, None)
    return found if inspect.isclass(found) and found.__module__ == module.__name__ else None


CONTRACT = Contract(
    name="class",
    functions=(Function(name="Model", parameters=("model_dir",), context=False),),
    required=("Model",),
    marks=(),
    load=ModelClass,
    defined=_defined_here,
)

"""A plain class, for those who start fresh.

    class Model:
        def __init__(self, model_dir): ...      load what is in the model directory
        def predict(self, data): ...            an array of rows in, one item for each row out
        def stream(self, parts): ...            for bidirectional streams: yields parts while it iterates over them

Bodies are read and written by the container: CSV, JSON, JSON Lines, npy. Of any other type, such as an image, `predict`
gets the bytes. A `predict` that yields str or bytes streams its response. With `batchable = True` in the class, the
rows of several waiting requests are predicted by one call.
"""

import inspect
from collections.abc import Generator, Iterator, Mapping
from types import ModuleType
from typing import Any

from serving import codec, content_types
from serving.contracts.contract import Contract, Function
from serving.errors import ContractError, HandlerError
from serving.handler import Handler, Program, Request, Response, UserFunction, is_stream, parts_of, response_of
from serving.part import Part

PREDICT = Function(name="predict", parameters=("data",))
STREAM = Function(name="stream", parameters=("parts",))


class ModelClass(Handler):
    """An instance of the class."""

    contract = "class Model"

    def __init__(self, functions: Mapping[str, UserFunction], program: Program) -> None:
        self._config = program.config
        cls: Any = functions["Model"].call
        expected = f"{program.path}: class Model needs a method predict(self, data) or predict(self, data, context)"
        methods = [each for each in (PREDICT, STREAM) if inspect.isfunction(getattr(cls, each.name, None))]
        if not methods:
            raise ContractError(expected)
        for method in methods:
            try:
                method.of(getattr(cls, method.name).__get__(object()))
            except TypeError as reason:
                needs = f"{method.name}(self, {method.parameters[0]})"
                message = f"{program.path}: class Model needs a method {needs} or {needs[:-1]}, context); it {reason}"
                raise ContractError(message) from None
        model = functions["Model"](str(program.config.model_dir), context=None)
        self._predict = PREDICT.of(model.predict) if PREDICT in methods else _ONLY_STREAMS
        self._stream = STREAM.of(model.stream) if STREAM in methods else None
        self.converses = self._stream is not None
        self.batchable = getattr(model, "batchable", False) is True
        if self.batchable and self._predict.takes_context:
            raise ContractError(f"{expected}; a batchable one has no context of one request")
        if self.batchable and inspect.isgeneratorfunction(self._predict.call):
            raise ContractError(f"{program.path}: a batchable Model needs a predict that returns; it yields.")

    def read(self, request: Request) -> Any:  # noqa: ANN401 - rows or bytes
        """Rows, or the bytes of a type that has no rows."""
        body = content_types.text_or_bytes(request.body, request.content_type)
        if isinstance(body, bytes) and content_types.is_opaque(request.content_type):
            return body
        return codec.decode(body, request.content_type)

    def predict(self, data: Any, request: Request) -> Any:  # noqa: ANN401 - what the class takes and returns
        """What the class answers."""
        return self._predict(data, context=self.context(request, self._predict))

    def converse(self, parts: Iterator[Part], request: Request) -> Generator[Part]:
        """What stream says to what the client says."""
        assert self._stream is not None  # noqa: S101 - converses says so
        return parts_of(self._stream(parts, context=self.context(request, self._stream)), returned_by="stream")

    def write(self, prediction: Any, request: Request) -> Response:  # noqa: ANN401 - see predict
        """The answer in the type that is asked for."""
        if is_stream(prediction):
            accept = content_types.first_choice(request.accept, self._config.default_accept)
            return response_of(prediction, accept, returned_by="predict")
        if prediction is None:
            raise HandlerError("predict returned None; return what the model answers, one item for each row.")
        accept = content_types.negotiate(request.accept, self._config.default_accept)
        return Response(body=codec.encode(prediction, accept), content_type=accept)


def _refuse(_data: object) -> None:
    raise HandlerError("class Model defines stream alone; /invocations needs a method predict(self, data).")


_ONLY_STREAMS = UserFunction(name="predict", call=_refuse, takes_context=False)


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

"""Four functions between a request and its response, those of SageMaker's scikit-learn, PyTorch and MXNet containers.

    model_fn(model_dir)                      required: load what is in the model directory
    input_fn(request_body, content_type)     the body as predict_fn wants it; default: a two-dimensional float32 array
    predict_fn(input_data, model)            default: model.predict(input_data)
    output_fn(prediction, accept)            the response's body, or (body, content type); default: the types of codec

The defaults are those of SageMaker's scikit-learn container:
https://github.com/aws/sagemaker-scikit-learn-container/blob/master/src/sagemaker_sklearn_container/handler_service.py

predict_fn or output_fn may yield str or bytes instead of returning: then the response is streamed, part by part.

`BATCHABLE = True` beside them says that a prediction has one item for each row and that rows do not depend on each
other: then the rows of several waiting requests are predicted by one call. That needs the default input_fn, and a
predict_fn without context.
"""

import inspect
from collections.abc import Mapping
from typing import Any

from serving import codec, content_types
from serving.context import Context
from serving.contracts.contract import Contract, Function
from serving.contracts.stream import STREAM_FN, Streaming
from serving.errors import ContractError, HandlerError
from serving.handler import Program, Request, Response, UserFunction, is_stream, response_of

MODEL_FN = Function(name="model_fn", parameters=("model_dir",))
OPTIONAL = ("input_fn", "predict_fn", "output_fn")


class FourFunctions(Streaming):
    """The functions that are defined, and the defaults of the others."""

    def __init__(self, functions: Mapping[str, UserFunction], program: Program) -> None:
        self._config = program.config
        self._input = functions.get("input_fn")
        self._output = functions.get("output_fn")
        found = [name if name in functions else f"{name} (default)" for name in OPTIONAL]
        self.contract = ", ".join(["model_fn", *found, *(name for name in ("stream_fn",) if name in functions)])
        self._stream = functions.get("stream_fn")
        self.converses = self._stream is not None
        self.batchable = _batchable(functions, program)
        model_dir = program.config.model_dir
        self._model = functions["model_fn"](str(model_dir), context=Context(model_dir=model_dir))
        self._predict = functions.get("predict_fn") or self._default_predict()

    def read(self, request: Request) -> Any:  # noqa: ANN401 - what input_fn returns
        """The body, through input_fn."""
        content_type = request.content_type
        body = content_types.text_or_bytes(request.body, content_type)
        if self._input is None:
            return codec.decode(body, content_type)
        return self._input(body, content_types.media_type(content_type), context=self.context(request, self._input))

    def predict(self, data: Any, request: Request) -> Any:  # noqa: ANN401 - what predict_fn takes and returns
        """The prediction, through predict_fn."""
        return self._predict(data, self._model, context=self.context(request, self._predict))

    def write(self, prediction: Any, request: Request) -> Response:  # noqa: ANN401 - what predict_fn returned
        """The response, through output_fn."""
        default = self._config.default_accept
        if self._output is None and is_stream(prediction):
            accept = content_types.first_choice(request.accept, default)
            return response_of(prediction, accept, returned_by="predict_fn")
        if self._output is None:
            if prediction is None:
                raise HandlerError("predict_fn returned None; return the prediction.")
            accept = content_types.negotiate(request.accept, default)
            return Response(body=codec.encode(prediction, accept), content_type=accept)
        accept = content_types.first_choice(request.accept, default)
        output = self._output(prediction, accept, context=self.context(request, self._output))
        return response_of(output, accept, returned_by="output_fn")

    def _default_predict(self) -> UserFunction:
        predict = getattr(self._model, "predict", None)
        if not callable(predict) and self.converses:
            return UserFunction(name="predict_fn", call=_only_streams, takes_context=False)
        if not callable(predict):
            raise HandlerError(
                f"model_fn returned a {type(self._model).__name__}, which has no method predict; "
                "inference.py must define predict_fn(input_data, model)."
            )
        return UserFunction(name="model.predict", call=lambda data, _model: predict(data), takes_context=False)


def _only_streams(_data: object, _model: object) -> None:
    raise HandlerError("inference.py defines stream_fn alone; /invocations needs predict_fn(input_data, model).")


def _batchable(functions: Mapping[str, UserFunction], program: Program) -> bool:
    if getattr(program.module, "BATCHABLE", False) is not True:
        return False
    if "input_fn" in functions:
        raise ContractError(f"{program.path}: BATCHABLE needs the default input_fn, which makes rows; leave one out.")
    if "predict_fn" in functions and functions["predict_fn"].takes_context:
        raise ContractError(
            f"{program.path}: BATCHABLE needs predict_fn(input_data, model): a batch has no context of one request."
        )
    yields = [name for name in OPTIONAL if name in functions and inspect.isgeneratorfunction(functions[name].call)]
    if yields:
        raise ContractError(f"{program.path}: BATCHABLE needs functions that return; {yields[0]} yields.")
    return True


CONTRACT = Contract(
    name="four functions",
    functions=(
        MODEL_FN,
        Function(name="input_fn", parameters=("request_body", "content_type")),
        Function(name="predict_fn", parameters=("input_data", "model")),
        Function(name="output_fn", parameters=("prediction", "accept")),
        STREAM_FN,
    ),
    required=("model_fn",),
    marks=OPTIONAL,
    load=FourFunctions,
)

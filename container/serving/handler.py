"""The contract of `inference.py`: four functions between a request and its response.

    model_fn(model_dir)                      required: load what is in the model directory
    input_fn(request_body, content_type)     the body as predict_fn wants it; default: a two-dimensional float32 array
    predict_fn(input_data, model)            default: model.predict(input_data)
    output_fn(prediction, accept)            the response's body, or (body, content type); default: CSV or JSON

The defaults are those of SageMaker's scikit-learn container:
https://github.com/aws/sagemaker-scikit-learn-container/blob/master/src/sagemaker_sklearn_container/handler_service.py
Each function may take one more parameter, `context`, last, as in SageMaker's PyTorch toolkit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from serving import codec
from serving.errors import HandlerError, ServingError


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a function of `inference.py` may know beyond its arguments.

    Attributes:
        model_dir: The directory that the model was loaded from.
        headers: The request's headers, names in lower case. SageMaker passes on those of InvokeEndpoint only. Empty
            while the model is loaded.
    """

    model_dir: Path
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def custom_attributes(self) -> str:
        """`X-Amzn-SageMaker-Custom-Attributes`: up to 1,024 ASCII characters of the client's own, else empty.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
        """
        return self.headers.get("x-amzn-sagemaker-custom-attributes", "")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What arrived at `/invocations`."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Response:
    """What goes back."""

    body: bytes
    content_type: str


@dataclass(frozen=True, kw_only=True)
class UserFunction:
    """A function of `inference.py`, called with its context if it takes one.

    Attributes:
        name: Its name in the contract.
        call: The function.
        takes_context: Whether it has the optional last parameter.
    """

    name: str
    call: Callable[..., Any]
    takes_context: bool

    def __call__(self, *args: object, context: Context) -> Any:  # noqa: ANN401 - whatever the author returns
        """Call it.

        Raises:
            ServingError: As the function raised it.
            HandlerError: The function raised anything else.
        """
        try:
            return self.call(*args, context) if self.takes_context else self.call(*args)
        except ServingError:
            raise
        except (Exception, SystemExit) as reason:
            kind = type(reason).__name__
            raise HandlerError(f"{self.name} raised {kind}; the traceback is in the container's log.") from reason


class Handler:
    """A loaded model and the functions around it: takes a request, returns the response.

    Args:
        functions: The functions that `inference.py` defines, by name. `model_fn` is among them.
        model_dir: The model directory, handed to `model_fn` as a string.
        default_accept: The response's type where the request leaves it open.

    Raises:
        HandlerError: `model_fn` raised, or returned what only a predict_fn could use.
    """

    def __init__(self, functions: Mapping[str, UserFunction], *, model_dir: Path, default_accept: str) -> None:
        self._model_dir = model_dir
        self._default_accept = default_accept
        self._input = functions.get("input_fn")
        self._predict = functions.get("predict_fn")
        self._output = functions.get("output_fn")
        self._model = functions["model_fn"](str(model_dir), context=Context(model_dir=model_dir))
        if self._predict is None and not callable(getattr(self._model, "predict", None)):
            raise HandlerError(
                f"model_fn returned a {type(self._model).__name__}, which has no method predict; "
                "inference.py must define predict_fn(input_data, model)."
            )

    @property
    def contract(self) -> str:
        """What was found, for the log: the four functions, and which of them are the defaults."""
        optional = {"input_fn": self._input, "predict_fn": self._predict, "output_fn": self._output}
        found = [name if function is not None else f"{name} (default)" for name, function in optional.items()]
        return ", ".join(["model_fn", *found])

    def __call__(self, request: Request) -> Response:
        """Answer one request. Called by one thread at a time.

        Raises:
            RequestError: The request is the client's mistake.
            HandlerError: A function raised, or returned what cannot be sent.
        """
        context = Context(model_dir=self._model_dir, headers=request.headers)
        accept = self._accept(request.headers.get("accept", ""))
        content_type = request.headers.get("content-type", "")
        body = codec.text_or_bytes(request.body, content_type)
        data = (
            codec.decode(body, content_type)
            if self._input is None
            else self._input(body, codec.media_type(content_type), context=context)
        )
        prediction = self._predicted(data, context)
        if self._output is None:
            return Response(body=codec.encode(prediction, accept), content_type=accept)
        return _response(self._output(prediction, accept, context=context), accept)

    def _accept(self, header: str) -> str:
        if self._output is None:
            return codec.negotiate(header, self._default_accept)
        return codec.first_choice(header, self._default_accept)

    def _predicted(self, data: object, context: Context) -> Any:  # noqa: ANN401 - whatever the model answers
        if self._predict is not None:
            return self._predict(data, self._model, context=context)
        default = UserFunction(name="model.predict", call=self._model.predict, takes_context=False)
        return default(data, context=context)


def _response(output: object, accept: str) -> Response:
    match output:
        case (body, str(content_type)):
            pass
        case _:
            body, content_type = output, accept
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes | bytearray | memoryview):
        raise HandlerError(
            f"output_fn returned a {type(output).__name__}; return str or bytes, or (str or bytes, content type)."
        )
    return Response(body=bytes(body), content_type=content_type)

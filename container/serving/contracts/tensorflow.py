"""Functions around TensorFlow Serving, as in SageMaker's TensorFlow container.

    input_handler(data, context)      the request's body, a stream to read, as the body for TensorFlow Serving
    output_handler(response, context) TensorFlow Serving's response as (body, content type)

or, instead of both, and used where all three are there:

    handler(data, context)            the same from end to end; sends its own request to context.rest_uri

https://sagemaker.readthedocs.io/en/stable/frameworks/tensorflow/deploying_tensorflow_serving.html. The module
`tensorflow_serving` starts the model server.
"""

import io
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import orjson

from serving import content_types
from serving.context import Responding
from serving.contracts.contract import Contract, Function
from serving.errors import ContractError, HandlerError
from serving.handler import Handler, Program, Request, Response, UserFunction, response_of
from serving.tensorflow_serving import ModelServer

_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Whatever proxy the environment names, it is not on the way to the model server."""

READY_SECONDS = 480
"""How long TensorFlow Serving may take to load its model: as long as SageMaker waits for a container."""


@dataclass(frozen=True, kw_only=True)
class TensorFlowContext(Responding):
    """What the functions are told of a request, with the attributes of SageMaker's own container.

    Attributes:
        model_name: The name that TensorFlow Serving has for the model.
        model_version: Its version, the name of its folder.
        method: `predict`, `classify` or `regress`, as the custom attribute `tfs-method` says.
        rest_uri: Where TensorFlow Serving answers that.
        custom_attributes: `X-Amzn-SageMaker-Custom-Attributes`, or None.
        request_content_type: The body's type, or None.
        accept_header: The type wanted most.
        content_length: Bytes of the body.
    """

    model_name: str
    model_version: str
    method: str
    rest_uri: str
    custom_attributes: str | None
    request_content_type: str | None
    accept_header: str
    content_length: int


@dataclass(frozen=True, kw_only=True)
class ServerResponse:
    """What TensorFlow Serving answered, with the names of the `requests` package.

    Attributes:
        status_code: Its HTTP status.
        content: The body.
        headers: The headers.
    """

    status_code: int
    content: bytes
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode()

    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The body read as JSON."""
        return orjson.loads(self.content)


class TensorFlow(Handler):
    """The functions, and the model server that they speak to."""

    def __init__(self, functions: Mapping[str, UserFunction], program: Program) -> None:
        self._config = program.config
        self._handler = functions.get("handler")
        self._pair = (functions.get("input_handler"), functions.get("output_handler"))
        if self._handler is None and None in self._pair:
            raise ContractError(
                f"{program.path} must define both input_handler(data, context) and output_handler(response, context), "
                "or handler(data, context)."
            )
        self.contract = "handler" if self._handler is not None else "input_handler, output_handler"
        server = ModelServer.find(program.config)
        if server is None:
            raise ContractError(
                f"{program.path} is written for TensorFlow Serving, which needs tensorflow_model_server in the image "
                f"and a SavedModel in a folder that is named by its version below {program.config.model_dir}."
            )
        self._server = server
        _wait_for(server)

    def read(self, request: Request) -> TensorFlowContext:
        """What the functions are told."""
        attributes = request.headers.get("x-amzn-sagemaker-custom-attributes")
        method = _method(attributes or "")
        return TensorFlowContext(
            model_name=self._server.name,
            model_version=self._server.version,
            method=method,
            rest_uri=f"{self._server.rest_uri}:{method}",
            custom_attributes=attributes,
            request_content_type=content_types.media_type(request.content_type) or None,
            accept_header=content_types.first_choice(request.accept, self._config.default_accept),
            content_length=len(request.body),
            session=request.session,
            response_headers=request.response_headers,
        )

    def predict(self, data: Any, request: Request) -> Any:  # noqa: ANN401 - what the functions return
        """All of it, through handler, or through input_handler, the server and output_handler."""
        body = io.BytesIO(request.body)
        if self._handler is not None:
            return self._handler(body, data, context=None)
        before, after = self._pair
        assert before is not None  # noqa: S101 - checked at load
        assert after is not None  # noqa: S101 - same
        asked = before(body, data, context=None)
        if isinstance(asked, str):
            asked = asked.encode()
        if not isinstance(asked, bytes):
            raise HandlerError(f"input_handler returned a {type(asked).__name__}; return str or bytes.")
        answer = _asked(data.rest_uri, asked, timeout=self._config.timeout_seconds)
        return after(answer, data, context=None)

    def write(self, prediction: Any, request: Request) -> Response:  # noqa: ANN401 - see predict
        """What the last function returned."""
        accept = content_types.first_choice(request.accept, self._config.default_accept)
        return response_of(prediction, accept, returned_by=self.contract.rpartition(" ")[2])


def _method(attributes: str) -> str:
    for attribute in attributes.split(","):
        name, _, value = attribute.strip().partition("=")
        if name == "tfs-method" and value in ("predict", "classify", "regress"):
            return value
    return "predict"


def _asked(uri: str, body: bytes | None, *, timeout: float) -> ServerResponse:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(uri, data=body, headers=headers)  # noqa: S310 - a server of our own
    try:
        with _DIRECTLY.open(request, timeout=timeout) as answer:
            return ServerResponse(status_code=answer.status, content=answer.read(), headers=dict(answer.headers))
    except urllib.error.HTTPError as answer:
        with answer:
            return ServerResponse(status_code=answer.code, content=answer.read(), headers=dict(answer.headers))
    except OSError as reason:
        raise HandlerError(f"TensorFlow Serving does not answer: {reason}.") from reason


def _wait_for(server: ModelServer) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            states = _asked(server.rest_uri, None, timeout=2).json()["model_version_status"]
            if any(state["state"] == "AVAILABLE" for state in states):
                return
        except (HandlerError, KeyError, ValueError):
            pass
        time.sleep(0.1)
    raise HandlerError(f"TensorFlow Serving has not loaded its model within {READY_SECONDS} s.")


PARAMETERS = ("data", "context")


def _function(module: ModuleType, name: str) -> object:
    """What can be called: a script of any contract may keep its logging.StreamHandler in a variable `handler`."""
    found = getattr(module, name, None)
    return found if callable(found) else None


CONTRACT = Contract(
    name="TensorFlow Serving",
    functions=(
        Function(name="handler", parameters=PARAMETERS, context=False),
        Function(name="input_handler", parameters=PARAMETERS, context=False),
        Function(name="output_handler", parameters=("response", "context"), context=False),
    ),
    required=(),
    marks=("handler", "input_handler", "output_handler"),
    load=TensorFlow,
    defined=_function,
)

"""What every contract of `inference.py` comes down to: three steps between a request and its response.

    read(request) -> data        what the model takes
    predict(data) -> prediction  what the model answers
    write(prediction) -> body    what the client gets

`serving.contracts` has one handler for each contract.
"""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from serving.config import Config
from serving.context import Context, ResponseHeaders, Session
from serving.errors import HandlerError, ServingError
from serving.part import Part


@dataclass(slots=True, kw_only=True)  # not frozen: that costs a microsecond for each request
class Request:
    """What arrived at `/invocations`.

    Attributes:
        body: All of it.
        headers: Names in lower case.
        number: Which request it is, for the log.
        session: The session it belongs to, if it does.
        answers: What functions want to answer beside the body, if one was asked.
    """

    body: bytes
    headers: Mapping[str, str]
    number: int = 0
    session: Session | None = None
    answers: ResponseHeaders | None = None

    @property
    def response_headers(self) -> ResponseHeaders:
        """What functions want to answer beside the body."""
        if self.answers is None:
            self.answers = ResponseHeaders()
        return self.answers

    @property
    def content_type(self) -> str:
        """The header as it was sent, else empty."""
        return self.headers.get("content-type", "")

    @property
    def accept(self) -> str:
        """The header as it was sent, else empty."""
        return self.headers.get("accept", "")


@dataclass(slots=True, kw_only=True)  # see Request
class Response:
    """What goes back.

    Attributes:
        body: All of it, unless it is streamed.
        content_type: Its type.
        parts: What a function yields, each as bytes that are not empty. Closing it closes the function's generator.
    """

    content_type: str
    body: bytes = b""
    parts: Generator[bytes] | None = None


@dataclass(frozen=True, kw_only=True)
class Program:
    """The user's program, imported.

    Attributes:
        path: Its file, for messages.
        module: What it defines.
        config: The container's settings.
    """

    path: Path
    module: ModuleType
    config: Config


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

    def __call__(self, *args: object, context: object) -> Any:  # noqa: ANN401 - whatever the author returns
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


class Handler(ABC):
    """A loaded model and the functions around it. Called by one thread at a time.

    Every step raises a RequestError where the request is the client's mistake, and a HandlerError where a function
    raised or returned what cannot be used.

    Attributes:
        contract: What was found in `inference.py`, for the log.
        converses: Whether there is a function for bidirectional streams.
        batchable: Whether `predict` takes the rows of several requests at once, and answers one item for each row.
    """

    contract: str
    batchable: bool = False
    converses: bool = False
    _config: Config

    @abstractmethod
    def read(self, request: Request) -> Any:  # noqa: ANN401 - whatever the model takes
        """The request as the model takes it."""

    @abstractmethod
    def predict(self, data: Any, request: Request) -> Any:  # noqa: ANN401 - whatever the model takes and answers
        """What the model answers. A batchable handler does not look at the request."""

    @abstractmethod
    def write(self, prediction: Any, request: Request) -> Response:  # noqa: ANN401 - see predict
        """What the client gets."""

    def converse(self, parts: Iterator[Part], request: Request) -> Generator[Part]:
        """Answer a bidirectional stream.

        Args:
            parts: What the client says, each as soon as it is there.
            request: What opened the stream, without a body.
        """
        raise NotImplementedError

    def context(self, request: Request, function: UserFunction) -> Context | None:
        """What a function is told of a request, if it takes that."""
        if not function.takes_context:
            return None
        return Context(
            model_dir=self._config.model_dir,
            headers=request.headers,
            session=request.session,
            response_headers=request.response_headers,
        )

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        return self.write(self.predict(self.read(request), request), request)


def is_stream(output: object) -> bool:
    """Whether a function yields its output, alone or with its content type."""
    match output:
        case (body, str()):
            return isinstance(body, Iterator)
        case _:
            return isinstance(output, Iterator)


def response_of(output: object, accept: str, *, returned_by: str) -> Response:
    """The response that a function of `inference.py` wrote: a body, or a body and its content type.

    Args:
        output: What the function returned. An iterator is streamed.
        accept: The content type of a body that comes alone.
        returned_by: The function's name, for the message.

    Raises:
        HandlerError: It is neither, or its content type cannot stand in a header.
    """
    if isinstance(output, tuple | list) and len(output) == 2 and isinstance(output[1], str):  # noqa: PLR2004 - a pair
        body, content_type = output
    else:
        body, content_type = output, accept
    if not (content_type.isascii() and content_type.isprintable()):
        raise HandlerError(f"{returned_by} returned a content type that is no header's value: {content_type!r}.")
    match body:
        case str():
            return Response(content_type=content_type, body=body.encode())
        case bytes() | bytearray() | memoryview():
            return Response(content_type=content_type, body=bytes(body))
        case Iterator():
            return Response(content_type=content_type, parts=_parts(body, yielded_by=returned_by))
    raise HandlerError(
        f"{returned_by} returned a {type(body).__name__} as body; return str or bytes, or (str or bytes, content type)."
    )


def parts_of(output: object, *, returned_by: str) -> Generator[Part]:
    """The parts that a function for bidirectional streams yields.

    Args:
        output: What the function returned.
        returned_by: Its name, for messages.

    Raises:
        HandlerError: It does not yield, or yields what is no part, or a text within a message of bytes.
    """
    if not isinstance(output, Iterator):
        raise HandlerError(f"{returned_by} returned a {type(output).__name__}; it must yield its parts.")
    kind: type | None = None
    with contextlib.closing(_guarded(output, yielded_by=returned_by)) as yielded:
        for each in yielded:
            part = each if isinstance(each, Part) else Part(data=_bytes_or_str(each, returned_by))
            data = _bytes_or_str(part.data, returned_by)
            if kind not in (None, type(data)):
                raise HandlerError(f"{returned_by} yielded a {type(data).__name__} within a message of the other kind.")
            kind = None if part.complete else type(data)
            yield Part(data=data, complete=part.complete)


def _bytes_or_str(data: object, yielded_by: str) -> str | bytes:
    match data:
        case str() | bytes():
            return data
        case bytearray() | memoryview():
            return bytes(data)
    raise HandlerError(f"{yielded_by} yielded a {type(data).__name__}; yield str or bytes.")


def _parts(yielded: Iterator[object], *, yielded_by: str) -> Generator[bytes]:
    with contextlib.closing(_guarded(yielded, yielded_by=yielded_by)) as parts:
        for part in parts:
            data = _bytes_or_str(part, yielded_by)
            if data:
                yield data.encode() if isinstance(data, str) else data


def _guarded(yielded: Iterator[object], *, yielded_by: str) -> Generator[object]:
    """The same, where what the function raises is a HandlerError, and its generator is closed at the end."""
    try:
        yield from yielded
    except ServingError:
        raise
    except (Exception, SystemExit) as reason:
        kind = type(reason).__name__
        raise HandlerError(f"{yielded_by} raised {kind}; the traceback is in the container's log.") from reason
    finally:
        close = getattr(yielded, "close", None)
        if close is not None:
            close()

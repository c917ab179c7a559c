"""What a function of `inference.py` may know of its request, and say in its response beyond the body."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from serving.errors import HandlerError

SESSION_ID = "x-amzn-sagemaker-session-id"

CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"

MAX_CUSTOM_ATTRIBUTES = 1024
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html"""

_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")

_OF_THE_CONTAINER = {
    "content-type": "return (body, content type)",
    **dict.fromkeys(
        ("connection", "content-length", "date", "keep-alive", "trailer", "transfer-encoding", "upgrade"),
        "the container writes it",
    ),
    **dict.fromkeys(
        ("x-amzn-sagemaker-new-session-id", "x-amzn-sagemaker-closed-session-id"), "the container keeps the sessions"
    ),
}


class ResponseHeaders:
    """The headers that functions have set.

    Attributes:
        values: By name in lower case.
        sent: The first part of a streamed response is on its way, and with it the headers.
    """

    __slots__ = ("sent", "values")

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.sent = False

    def set(self, name: str, value: str) -> None:
        """Set one, instead of what it was.

        Raises:
            HandlerError: Name or value cannot stand in a header, the container writes it itself, or it is too late.
        """
        lower = name.lower() if isinstance(name, str) else ""
        if not lower or not _TOKEN.issuperset(lower):
            raise HandlerError(f"A response header must have a name of letters, digits and -, got {name!r}.")
        if lower in _OF_THE_CONTAINER:
            raise HandlerError(f"The response header {name} cannot be set: {_OF_THE_CONTAINER[lower]}.")
        if not isinstance(value, str) or not value.isascii() or not (value == "" or value.isprintable()):
            raise HandlerError(f"The response header {name} must be printable ASCII characters, got {value!r}.")
        if lower == CUSTOM_ATTRIBUTES and len(value) > MAX_CUSTOM_ATTRIBUTES:
            raise HandlerError(
                f"{name} must have at most {MAX_CUSTOM_ATTRIBUTES} characters, got {len(value)}: {value[:40]!r}..."
            )
        if self.sent:
            raise HandlerError(f"The response header {name} must be set before the first part is yielded.")
        self.values[lower] = value


@dataclass(frozen=True, kw_only=True)
class Session:
    """A stateful session.

    Attributes:
        id: What the client calls it.
        state: Whatever functions keep in it, in the memory of the one worker that answers the session's requests. Empty
            at first, and gone with the session.
    """

    id: str
    state: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Responding:
    """What every context has.

    Attributes:
        session: The request's session, or None for one without, or where the container keeps no sessions.
        response_headers: What was set.
    """

    session: Session | None = None
    response_headers: ResponseHeaders = field(default_factory=ResponseHeaders, repr=False, compare=False)

    def set_custom_attributes(self, value: str) -> None:
        """Answer with `X-Amzn-SageMaker-Custom-Attributes`, which SageMaker passes on to the client.

        Args:
            value: At most 1,024 printable ASCII characters.

        Raises:
            HandlerError: It is not, or the first part of a streamed response was yielded already.
        """
        self.response_headers.set("X-Amzn-SageMaker-Custom-Attributes", value)

    def set_header(self, name: str, value: str) -> None:
        """Answer with a header of any other name. SageMaker itself passes on only those it knows.

        Args:
            name: The header. Content-Type and those of the connection are not allowed.
            value: Printable ASCII characters.

        Raises:
            HandlerError: One of them is not allowed, or the first part of a streamed response was yielded already.
        """
        self.response_headers.set(name, value)


@dataclass(frozen=True, kw_only=True)
class Context(Responding):
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
        return self.headers.get(CUSTOM_ATTRIBUTES, "")

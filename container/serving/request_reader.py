"""Bytes in, exchanges out: the requests of one connection, parsed and within the limits.

httptools parses. What it lets pass and an intermediary may read differently is refused here: a Transfer-Encoding that
is not `chunked` alone, or in HTTP/1.0.
"""

import contextlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol

import httptools

from serving import log
from serving.errors import (
    BodyTooLargeError,
    HeadTooLargeError,
    MalformedRequestError,
    RequestError,
    VersionNotSupportedError,
)
from serving.exchange import Exchange
from serving.known_heads import Head, KnownHeads

MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 256


class Receiver(Protocol):
    """Who gets the requests."""

    def begun(self, exchange: Exchange) -> None:
        """Its head is there: from now on its reply has a place in the order."""

    def check(self, exchange: Exchange) -> None:
        """Refuse by a RequestError what needs no body to be refused."""

    def handle(self, exchange: Exchange) -> None:
        """Answer a complete request, now or later."""

    def flush(self) -> None:
        """An exchange has something to be written."""


class RequestReader:
    """Reads one connection's requests.

    Attributes:
        began: When the first byte came of the request that is not complete.
        exchange: Its head is complete, its body is not.
        size: How many bytes of the body are there.
        asked_to_continue: The client waits for `100 Continue` before it sends the body.

    Args:
        receiver: Gets the requests.
        clock: Tells when a request began.
        max_body_bytes: The largest body, or None for any.
        heads: Those of other requests.
    """

    def __init__(
        self, receiver: Receiver, clock: Callable[[], float], max_body_bytes: int | None, heads: KnownHeads
    ) -> None:
        self._receiver = receiver
        self._clock = clock
        self._max_body_bytes = max_body_bytes
        self._heads = heads
        self._data: bytes | None = None  # all that has come of the request, if it came at once
        self._last = False  # no request may follow
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._unused = 0  # bytes since the last head that was complete, and the last of a body
        self._body: bytes | bytearray = b""
        self.began: float | None = None
        self.exchange: Exchange | None = None
        self.size = 0
        self.asked_to_continue = False

    def feed(self, data: bytes) -> bytes | None:
        """Read.

        Returns:
            Normally None. After a request for another protocol, the bytes that follow it.

        Raises:
            RequestError: No more can be read.
        """
        if self.began is None and not self._last:
            known = self._heads.find(data)
            if known is not None:
                self._take(*known)
                return None
            self._data = data
        self._unused += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return data[upgrade.args[0] :]
        except httptools.HttpParserError as reason:
            raise _refusal(reason) from reason
        self._data = None
        if self._unused > MAX_HEAD_BYTES + len(data):
            raise _head_too_large()
        return None

    def stop(self) -> Exchange | None:
        """Forget the request that is not complete, and return it if its head is."""
        exchange, self.exchange = self.exchange, None
        self.began = None
        return exchange

    # What httptools calls

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self.began = self._clock()
        self._url = b""
        self._headers = []
        self.size = 0
        self._body = b""

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which nobody here asked for."""
        headers = self._headers
        if len(headers) == MAX_HEADERS:
            raise _head_too_large()
        headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is there: refuse what can be refused without the body."""
        parser = self._parser
        version = parser.get_http_version()
        path, query = _path_and_query(self._url)
        headers = {name.lower(): value for name, value in self._headers}
        if len(headers) < len(self._headers):
            headers = _joined(self._headers)
        exchange = self.exchange = Exchange(
            parser.get_method(),
            path,
            headers,
            query=query,
            keep_alive=parser.should_keep_alive(),
            http_1_0=version == "1.0",
            answered=self._receiver.flush,
        )
        self._receiver.begun(exchange)
        if self._unused > MAX_HEAD_BYTES and self._head_bytes() > MAX_HEAD_BYTES:
            raise _head_too_large()
        self._unused = 0
        if version not in ("1.1", "1.0"):
            raise VersionNotSupportedError(f"HTTP/{version} is not spoken here; send HTTP/1.1.")
        if b"transfer-encoding" in headers and (
            headers[b"transfer-encoding"].lower() != b"chunked" or version == "1.0" or b"content-length" in headers
        ):
            raise MalformedRequestError(
                "A body has a Content-Length, or in HTTP/1.1 Transfer-Encoding: chunked, and nothing else."
            )
        if b"content-length" in headers:
            self._require_room(int(headers[b"content-length"]))
        if b"expect" in headers and headers[b"expect"].lower() == b"100-continue" and version == "1.1":
            self._receiver.check(exchange)
            self.asked_to_continue = True
            self._receiver.flush()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._unused = 0
        self.size += len(body)
        self._require_room(self.size)
        if not self._body:
            self._body = body
        elif isinstance(self._body, bytearray):
            self._body += body
        else:
            self._body = bytearray(self._body) + body

    def on_message_complete(self) -> None:
        """The request is there."""
        exchange = self.exchange
        if exchange is None:
            return
        exchange.body = self._body
        self.exchange = None
        self._body = b""
        self.began = None
        self.asked_to_continue = False
        self._last = not exchange.keep_alive
        if self._data is not None and exchange.keep_alive and not exchange.http_1_0:
            head = Head(exchange.method, exchange.path, exchange.query, exchange.headers)
            self._heads.remember(self._data, head, len(exchange.body))
        self._receiver.handle(exchange)

    def _take(self, head: Head, body: bytes) -> None:
        method, path, query, headers = head
        exchange = Exchange(method, path, headers, query=query, keep_alive=True, answered=self._receiver.flush)
        exchange.body = body
        self._receiver.begun(exchange)
        self._receiver.handle(exchange)

    def _head_bytes(self) -> int:
        return len(self._url) + sum(len(name) + len(value) for name, value in self._headers)

    def _require_room(self, size: int) -> None:
        limit = self._max_body_bytes
        if limit is not None and size > limit:
            raise BodyTooLargeError(
                f"The body is larger than {limit} bytes; SAGEMAKER_MAX_PAYLOAD_IN_MB sets the limit."
            )


def _refusal(reason: httptools.HttpParserError) -> RequestError:
    cause = reason.__context__  # what was raised by a method that httptools called
    if isinstance(cause, RequestError):
        return cause
    if cause is not None:
        log.error("request could not be taken", traceback_of=cause)
    return MalformedRequestError(f"The request is no valid HTTP/1.1: {reason}.")


def _joined(headers: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Those of several lines as one list."""
    joined: dict[bytes, bytes] = {}
    for name, value in headers:
        before = joined.get(name.lower())
        joined[name.lower()] = value if before is None else b"%b, %b" % (before, value)
    return joined


@lru_cache(maxsize=64)
def _path_and_query(target: bytes) -> tuple[str, bytes]:
    path, _, query = target.partition(b"?")
    if not target.startswith(b"/"):
        with contextlib.suppress(httptools.HttpParserInvalidURLError):
            url = httptools.parse_url(target)
            path, query = url.path or b"/", url.query or b""
    return path.decode("latin-1"), query


def _head_too_large() -> HeadTooLargeError:
    return HeadTooLargeError(
        f"The request's line and headers are more than {MAX_HEAD_BYTES} bytes, or {MAX_HEADERS} headers."
    )

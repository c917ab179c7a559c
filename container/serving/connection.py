"""HTTP/1.1 on one connection: bytes in, exchanges out, replies in the order of their requests.

httptools parses. What it lets pass and an intermediary may read differently is refused here: a Transfer-Encoding that
is not `chunked` alone, or in HTTP/1.0. Requests that follow each other without waiting (pipelining) are worked on at
the same time. A client that takes too long to send its request, or to take its reply, loses the connection.
"""

import asyncio
import contextlib
from collections import deque
from http import HTTPStatus
from typing import Protocol, cast

import httptools

from serving import log
from serving.errors import (
    BodyTooLargeError,
    HeadTooLargeError,
    MalformedRequestError,
    RequestError,
    RequestTimeoutError,
    VersionNotSupportedError,
)
from serving.exchange import Exchange, Reply

KEEP_ALIVE_SECONDS = 75
"""Longer than the usual 60 s of proxies: they close an idle connection, and no request is lost to our closing it."""

MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 256
MAX_PIPELINED = 64
"""How many requests of a connection may wait for a reply before no more is read from it."""

SLOWEST_BYTES_PER_SECOND = 16 * 1024
"""A body may take as much longer as its bytes need at this rate."""

LINGER_SECONDS = 5
"""How long a client that was refused may go on sending, unread, so that it reads the refusal before the end."""

TAKE_SECONDS = 60
"""How long a client may take to make room for its reply."""

_STATUS_LINES = {status.value: b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}


class Server(Protocol):
    """What connections need of the server."""

    max_body_bytes: int | None
    client_seconds: float
    draining: bool
    follows: bool
    date: bytes

    def check(self, exchange: Exchange) -> None:
        """Refuse by a RequestError what needs no body to be refused."""

    def handle(self, exchange: Exchange) -> None:
        """Answer a complete request, now or later."""

    def refused(self, reason: RequestError) -> Reply:
        """Write the refusal."""

    def replied(self, exchange: Exchange, reply: Reply) -> None:
        """A reply is being sent that is a failure, or any reply if it follows them."""

    def opened(self, connection: "Connection") -> None:
        """A client connected."""

    def closed(self, connection: "Connection") -> None:
        """Its connection is gone."""


class Connection(asyncio.Protocol):
    """One client's connection.

    Args:
        server: Answers requests.
        loop: Its clock.
    """

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._clock = loop.time
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._pending: deque[Exchange] = deque()
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._exchange: Exchange | None = None  # its head is complete, its body is not
        self._body: bytes | bytearray = b""
        self._head_size = 0
        self._size = 0
        self._began: float | None = None  # when the first byte came of the request that is not complete
        self._idle_since = 0.0
        self._full_since: float | None = None  # the client does not take its reply
        self._linger_until: float | None = None
        self._deaf = False  # what else comes is not read
        self._asked_to_continue = False
        self._parsing = False

    @property
    def busy(self) -> bool:
        """Whether a request has begun, or a reply is not with the transport yet."""
        return self._began is not None or bool(self._pending)

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._idle_since = self._clock()
        self._server.opened(self)

    def connection_lost(self, _reason: Exception | None) -> None:
        """Nobody waits any more."""
        for exchange in self._pending:
            exchange.gone = True
        self._pending.clear()
        self._began = None
        self._deaf = True
        self._server.closed(self)

    def eof_received(self) -> None:
        """The client ended its side: it waits no more. One that only says that it sends no more is not told apart."""

    def data_received(self, data: bytes) -> None:
        """Parse."""
        if self._deaf:
            return
        self._parsing = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # No other protocol is spoken here: the request is answered, what follows is not HTTP/1.1.
            self._deaf = True
            self._close_after_last()
        except httptools.HttpParserError as reason:
            self._refuse(_refusal(reason))
        self._parsing = False
        if self._began is not None and self._exchange is None and not self._deaf:
            self._size += len(data)
            if self._size > MAX_HEAD_BYTES + len(data):
                self._refuse(_head_too_large())
        self._flush()

    def pause_writing(self) -> None:
        """The client does not take its reply: read nothing more from it."""
        self._full_since = self._clock()
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It does again."""
        self._full_since = None
        self._resume_reading()

    # What httptools calls

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._began = self._clock()
        self._url = b""
        self._headers = {}
        self._head_size = 0
        self._size = 0

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self._url += url
        self._head_size += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which nobody here asked for."""
        if self._exchange is None:
            self._head_size += len(name) + len(value)
            if self._head_size > MAX_HEAD_BYTES or len(self._headers) == MAX_HEADERS:
                raise _head_too_large()
            name = name.lower()
            before = self._headers.get(name)
            self._headers[name] = value if before is None else b"%b, %b" % (before, value)

    def on_headers_complete(self) -> None:
        """The head is there: refuse what can be refused without the body."""
        self._size = 0
        self._body = b""
        headers = self._headers
        exchange = Exchange(
            self._parser.get_method(),
            _path(self._url),
            headers,
            keep_alive=self._parser.should_keep_alive(),
            answered=self._flush,
        )
        self._exchange = exchange
        self._pending.append(exchange)
        version = self._parser.get_http_version()
        if version not in ("1.1", "1.0"):
            raise VersionNotSupportedError(f"HTTP/{version} is not spoken here; send HTTP/1.1.")
        if b"transfer-encoding" in headers and (
            headers[b"transfer-encoding"].lower() != b"chunked" or version == "1.0" or b"content-length" in headers
        ):
            raise MalformedRequestError(
                "A body has a Content-Length, or in HTTP/1.1 Transfer-Encoding: chunked, and nothing else."
            )
        self._require_room(int(headers.get(b"content-length", b"0")))
        if headers.get(b"expect", b"").lower() == b"100-continue" and version == "1.1":
            self._server.check(exchange)
            self._asked_to_continue = True

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._size += len(body)
        self._require_room(self._size)
        if not self._body:
            self._body = body
        elif isinstance(self._body, bytearray):
            self._body += body
        else:
            self._body = bytearray(self._body) + body

    def on_message_complete(self) -> None:
        """The request is there."""
        exchange = self._exchange
        if exchange is None or self._deaf:
            return
        exchange.body = self._body
        self._exchange = None
        self._body = b""
        self._began = None
        self._asked_to_continue = False
        self._server.handle(exchange)

    # What the server calls

    def tick(self, now: float) -> None:
        """Look for what takes too long."""
        if self._linger_until is not None:
            if now > self._linger_until and not self._pending:
                self._transport.abort()
        elif self._full_since is not None:
            if now > self._full_since + TAKE_SECONDS:
                self._transport.abort()
        elif self._began is not None:
            body_seconds = self._size / SLOWEST_BYTES_PER_SECOND if self._exchange is not None else 0
            if now > self._began + self._server.client_seconds + body_seconds:
                self._refuse(RequestTimeoutError("The request did not arrive in time."))
                self._flush()
        elif not self._pending and now > self._idle_since + KEEP_ALIVE_SECONDS:
            self._transport.close()

    def close_if_idle(self) -> None:
        """The server stops: end it unless a request has begun."""
        if not self.busy:
            self._transport.close()

    def abort(self) -> None:
        """End it at once."""
        self._transport.abort()

    def _refuse(self, reason: RequestError) -> None:
        """Answer the request that is being read, read no more."""
        self._deaf = True
        self._began = None
        exchange, self._exchange = self._exchange, None
        if exchange is None:
            exchange = Exchange(b"", "", {}, keep_alive=False, answered=self._flush)
            self._pending.append(exchange)
        exchange.keep_alive = False
        exchange.reply = self._server.refused(reason)
        self._linger_until = self._clock() + LINGER_SECONDS

    def _close_after_last(self) -> None:
        if self._pending:
            self._pending[-1].keep_alive = False
        else:
            self._transport.close()

    def _flush(self) -> None:
        """Write the replies whose turn it is."""
        if self._parsing:  # once for all that came together
            return
        pending = self._pending
        replies: list[bytes] = []
        ends = False
        while pending and pending[0].reply is not None:
            exchange = pending.popleft()
            last = not pending and self._began is None
            ends = not exchange.keep_alive or (last and self._server.draining)
            replies.append(self._rendered(exchange, ends=ends))
            if ends:
                break
        if self._asked_to_continue and len(pending) == 1 and self._exchange is pending[0]:
            self._asked_to_continue = False
            replies.append(b"HTTP/1.1 100 Continue\r\n\r\n")
        if replies:
            self._idle_since = self._clock()
            self._transport.write(replies[0] if len(replies) == 1 else b"".join(replies))
        if ends:
            self._end()
        elif len(pending) >= MAX_PIPELINED:
            self._transport.pause_reading()
        elif replies:
            self._resume_reading()

    def _end(self) -> None:
        for exchange in self._pending:
            exchange.gone = True
        self._pending.clear()
        self._deaf = True
        self._began = None
        if self._linger_until is None:
            self._transport.close()
        elif self._transport.can_write_eof():
            self._linger_until = self._clock() + LINGER_SECONDS
            self._transport.write_eof()
            self._transport.resume_reading()

    def _resume_reading(self) -> None:
        if self._full_since is None and len(self._pending) < MAX_PIPELINED and not self._transport.is_closing():
            self._transport.resume_reading()

    def _rendered(self, exchange: Exchange, *, ends: bool) -> bytes:
        reply = exchange.reply
        assert reply is not None  # noqa: S101 - the caller looked
        if self._server.follows or reply.status >= HTTPStatus.BAD_REQUEST:
            self._server.replied(exchange, reply)
        line = _STATUS_LINES.get(reply.status) or b"HTTP/1.1 %d \r\n" % reply.status
        lines = [line, b"date: ", self._server.date, b"\r\n"]
        for name, value in reply.headers.items():
            lines += (name, b": ", value, b"\r\n")
        if ends:
            lines.append(b"connection: close\r\n")
        elif self._parser.get_http_version() == "1.0":
            lines.append(b"connection: keep-alive\r\n")
        lines.append(b"content-length: %d\r\n\r\n" % len(reply.body))
        if exchange.method != b"HEAD":
            lines.append(reply.body)
        return b"".join(lines)

    def _require_room(self, size: int) -> None:
        limit = self._server.max_body_bytes
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


def _path(target: bytes) -> str:
    if not target.startswith(b"/"):
        with contextlib.suppress(httptools.HttpParserInvalidURLError):
            target = httptools.parse_url(target).path or b"/"
    return target.partition(b"?")[0].decode("latin-1")


def _head_too_large() -> HeadTooLargeError:
    return HeadTooLargeError(
        f"The request's line and headers are more than {MAX_HEAD_BYTES} bytes, or {MAX_HEADERS} headers."
    )

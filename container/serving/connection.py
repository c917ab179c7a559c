"""HTTP/1.1 on one connection: what asyncio calls, and what takes too long.

Requests that follow each other without waiting (pipelining) are worked on at the same time. A client that takes too
long to send its request, or to take its reply, loses the connection.
"""

import asyncio
from typing import Protocol, cast

from serving.conversation import Conversation
from serving.error_reply import reply_of
from serving.errors import RequestError, RequestTimeoutError
from serving.exchange import Exchange
from serving.known_heads import KnownHeads
from serving.replies import Follower, Replies
from serving.request_reader import RequestReader
from serving.websocket import Client, WebSocket

KEEP_ALIVE_SECONDS = 75
"""Longer than the usual 60 s of proxies: they close an idle connection, and no request is lost to our closing it."""

MAX_PIPELINED = 64
"""How many requests of a connection may wait for a reply before no more is read from it."""

SLOWEST_BYTES_PER_SECOND = 16 * 1024
"""A body may take as much longer as its bytes need at this rate."""

LINGER_SECONDS = 5
"""How long a client that was refused may go on sending, unread, so that it reads the refusal before the end."""

TAKE_SECONDS = 60
"""How long a client may take to make room for its reply."""


class Server(Follower, Protocol):
    """What connections need of the server."""

    max_body_bytes: int | None
    client_seconds: float
    heads: KnownHeads
    draining: bool

    def check(self, exchange: Exchange) -> None:
        """Refuse by a RequestError what needs no body to be refused."""

    def handle(self, exchange: Exchange) -> None:
        """Answer a complete request, now or later."""

    def opened(self, connection: Client) -> None:
        """A client connected."""

    def closed(self, connection: Client) -> None:
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
        self._replies = Replies(server)
        self._reader = RequestReader(self, loop.time, server.max_body_bytes, server.heads)
        self._transport: asyncio.Transport
        self.begun = self._replies.pending.append
        self.check = server.check
        self.handle = server.handle
        self._idle_since = 0.0
        self._full_since: float | None = None  # the client does not take its reply
        self._linger_until: float | None = None
        self._upgraded = b""  # what came after a request for another protocol
        self._deaf = False  # what else comes is not read
        self._parsing = False
        self._to_flush = False  # there was something to write while that was so
        self._paused = False  # nothing is read

    @property
    def busy(self) -> bool:
        """Whether a request has begun, or a reply is not with the transport yet."""
        return self._reader.began is not None or bool(self._replies.pending)

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._idle_since = self._clock()
        self._server.opened(self)

    def connection_lost(self, _reason: Exception | None) -> None:
        """Nobody waits any more."""
        self._replies.abandon()
        self._reader.stop()
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
            upgraded = self._reader.feed(data)
        except RequestError as reason:
            self._refuse(reason)
        else:
            if upgraded is not None:
                # The request is answered. What follows is a WebSocket's, or of a protocol that is not spoken here.
                self._deaf = True
                self._close_after_last()
                self._upgraded = upgraded
                self._pause_reading()
        self._parsing = False
        if self._to_flush:
            self._to_flush = False
            self.flush()
        if len(self._replies.pending) >= MAX_PIPELINED:
            self._pause_reading()

    def pause_writing(self) -> None:
        """The client does not take its reply: read nothing more from it."""
        self._full_since = self._clock()
        self._pause_reading()

    def resume_writing(self) -> None:
        """It does again."""
        self._full_since = None
        self.flush()
        self._resume_reading()

    # What the server calls

    def tick(self, now: float) -> None:
        """Look for what takes too long."""
        reader = self._reader
        if self._linger_until is not None:
            if now > self._linger_until and not self._replies.pending:
                self._transport.abort()
        elif self._full_since is not None:
            if now > self._full_since + TAKE_SECONDS:
                self._transport.abort()
        elif reader.began is not None:
            body_seconds = reader.size / SLOWEST_BYTES_PER_SECOND if reader.exchange is not None else 0
            if now > reader.began + self._server.client_seconds + body_seconds:
                self._refuse(RequestTimeoutError("The request did not arrive in time."))
                self.flush()
        elif not self._replies.pending and now > self._idle_since + KEEP_ALIVE_SECONDS:
            self._transport.close()

    def close_if_idle(self) -> None:
        """The server stops: end it unless a request has begun."""
        if not self.busy:
            self._transport.close()

    def abort(self) -> None:
        """End it at once."""
        self._transport.abort()

    def flush(self) -> None:
        """Write the replies whose turn it is."""
        if self._parsing:  # once for all that came together
            self._to_flush = True
            return
        reader, pending = self._reader, self._replies.pending
        last_ends = self._server.draining and reader.began is None
        written, ends = self._replies.take(last_ends=last_ends, room=self._full_since is None)
        if reader.asked_to_continue and len(pending) == 1 and reader.exchange is pending[0]:
            reader.asked_to_continue = False
            written.append(b"HTTP/1.1 100 Continue\r\n\r\n")
        if written:
            self._idle_since = self._clock()
            self._transport.write(written[0] if len(written) == 1 else b"".join(written))
        if self._replies.upgraded is not None:
            self._switch(self._replies.upgraded)
        elif ends:
            self._end()
        elif self._paused and written:
            self._resume_reading()

    def _refuse(self, reason: RequestError) -> None:
        """Answer the request that is being read, read no more."""
        self._deaf = True
        exchange = self._reader.stop()
        if exchange is None:
            exchange = Exchange(b"", "", {}, keep_alive=False, answered=self.flush)
            self.begun(exchange)
        exchange.keep_alive = False
        exchange.reply = reply_of(reason)
        self._to_flush = True
        self._linger_until = self._clock() + LINGER_SECONDS

    def _close_after_last(self) -> None:
        self._to_flush = True
        if self._replies.pending:
            self._replies.pending[-1].keep_alive = False
        else:
            self._transport.close()

    def _switch(self, exchange: Exchange) -> None:
        """From now on it is a WebSocket."""
        conversation = exchange.stream
        assert isinstance(conversation, Conversation)  # noqa: S101 - the reply with 101 has one
        self._replies.upgraded = None
        self._server.closed(self)
        websocket = WebSocket(self._server, exchange, conversation, self._transport, self._clock)
        self._transport.set_protocol(websocket)
        websocket.begin(self._upgraded)

    def _end(self) -> None:
        self._replies.abandon()
        self._reader.stop()
        self._deaf = True
        if self._linger_until is None:
            self._transport.close()
        elif self._transport.can_write_eof():
            self._linger_until = self._clock() + LINGER_SECONDS
            self._transport.write_eof()
            self._transport.resume_reading()

    def _pause_reading(self) -> None:
        self._paused = True
        self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._full_since is None and len(self._replies.pending) < MAX_PIPELINED and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

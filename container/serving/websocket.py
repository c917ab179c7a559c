"""A client's WebSocket: one frame, one part. wsproto reads and writes frames; fragments are not put together.

https://datatracker.ietf.org/doc/html/rfc6455. SageMaker opens it at `/invocations-bidirectional-stream`, sends a ping
every 60 s and closes after five that were not answered:
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Message, Ping, TextMessage

from serving import log
from serving.conversation import Conversation
from serving.exchange import Exchange
from serving.replies import Follower
from serving.request_log import request_id

TAKE_SECONDS = 60
"""How long a client may take to make room for a part."""

SILENCE_SECONDS = 300
"""How long a client may send nothing, not even a ping: as long as SageMaker waits for five pongs."""

CLOSE_SECONDS = 5
"""How long a client may take to answer a close."""

MAX_REASON_BYTES = 123
"""Of a close frame."""


class Client(Protocol):
    """A connection, of either protocol."""

    def tick(self, now: float) -> None:
        """Look for what takes too long."""

    def close_if_idle(self) -> None:
        """The server stops."""

    def abort(self) -> None:
        """End it at once."""


class Server(Follower, Protocol):
    """What a WebSocket needs of the server."""

    max_body_bytes: int | None
    draining: bool

    def opened(self, connection: Client) -> None:
        """There is one more."""

    def closed(self, connection: Client) -> None:
        """It is gone."""


class WebSocket(asyncio.Protocol):
    """A connection after its handshake.

    Attributes:
        full: The client does not take what is sent.

    Args:
        server: Whose connection it is.
        exchange: The request that opened it.
        conversation: Who is spoken to.
        transport: The connection, not read at the moment.
        clock: Tells what takes too long.
    """

    def __init__(
        self,
        server: Server,
        exchange: Exchange,
        conversation: Conversation,
        transport: asyncio.Transport,
        clock: Callable[[], float],
    ) -> None:
        self._server = server
        self._exchange = exchange
        self._conversation = conversation
        self._transport = transport
        self._clock = clock
        self._frames = Connection(ConnectionType.SERVER)
        self._frame = bytearray()
        self._heard_at = clock()
        self._full_since = 0.0
        self._closed_at: float | None = None  # we have said that it ends
        self._deaf = False  # what comes cannot be understood any more
        self.full = False

    def begin(self, data: bytes) -> None:
        """Begin with what the client has sent already."""
        self._server.opened(self)
        self._conversation.attach(self)
        if data:
            self.data_received(data)
        self._read_on()

    # What asyncio calls

    def connection_lost(self, _reason: Exception | None) -> None:
        """Nobody is there any more."""
        self._server.closed(self)
        self._left()
        self._server.ended(self._exchange)

    def data_received(self, data: bytes) -> None:
        """Read frames."""
        self._heard_at = self._clock()
        if self._deaf:
            return
        self._frames.receive_data(data)
        for event in self._frames.events():
            self._take(event)
            if self._deaf:
                return
        if self._conversation.crowded:
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        """The client does not take what it is sent: read nothing from it, its pings included."""
        self.full = True
        self._full_since = self._clock()
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It does again."""
        self.full = False
        self._conversation.deliver()
        self._read_on()

    # What the conversation calls

    def part(self, head: bytes, body: bytes) -> None:
        """Send one part as one frame."""
        complete = head[1:] == b"."
        message: Message[Any] = (
            TextMessage(data=body.decode(), message_finished=complete)
            if head[:1] == b"t"
            else BytesMessage(data=body, message_finished=complete)
        )
        if self._frames.state is ConnectionState.OPEN:
            self._transport.write(self._frames.send(message))

    def heard(self) -> None:
        """There is room for another part."""
        self._read_on()

    def finished(self, code: int, reason: str) -> None:
        """Close it."""
        self._close(1001 if code != 1000 and self._server.draining else code, reason)  # noqa: PLR2004 - "normal"

    # What the server calls

    def tick(self, now: float) -> None:
        """Look for what takes too long."""
        if self._closed_at is not None:
            late = now > self._closed_at + CLOSE_SECONDS
        elif self.full:
            late = now > self._full_since + TAKE_SECONDS
        else:
            late = not self._conversation.crowded and now > self._heard_at + SILENCE_SECONDS
        if late:
            self._transport.abort()

    def close_if_idle(self) -> None:
        """The server stops: tell the handler that no more will come, so that it can end."""
        self._conversation.finish_input()

    def abort(self) -> None:
        """End it at once."""
        self._transport.abort()

    def _take(self, event: object) -> None:
        match event:
            case TextMessage() | BytesMessage():
                self._frame += event.data.encode() if isinstance(event, TextMessage) else event.data
                limit = self._server.max_body_bytes
                if limit is not None and len(self._frame) > limit:
                    self._deaf = True
                    self._close(
                        1009, f"A frame has more than {limit} bytes; SAGEMAKER_MAX_PAYLOAD_IN_MB sets the limit."
                    )
                elif event.frame_finished and self._closed_at is None:
                    kind = b"t" if isinstance(event, TextMessage) else b"b"
                    self._conversation.hear(kind + (b"." if event.message_finished else b"+"), bytes(self._frame))
                    self._frame.clear()
            case Ping() if self._frames.state is ConnectionState.OPEN:
                self._transport.write(self._frames.send(event.response()))
            case CloseConnection():
                self._closed_by_client(event)

    def _closed_by_client(self, event: CloseConnection) -> None:
        self._deaf = True
        if self._frames.state in (ConnectionState.REMOTE_CLOSING, ConnectionState.CLOSED):
            if self._frames.state is ConnectionState.REMOTE_CLOSING:
                self._transport.write(self._frames.send(event.response()))
            self._transport.close()
        else:  # what it sent is no frame
            code, reason = int(event.code), event.reason or ""
            log.info("websocket refused", request_id=request_id(self._exchange.number), error=reason, status=code)
            self._close(code, reason)
        self._left()

    def _left(self) -> None:
        """The client says no more, or nothing that can be understood."""
        if self._conversation.waiting or not self._conversation.ended:
            self._exchange.gone = True
        self._conversation.abandon()

    def _close(self, code: int, reason: str) -> None:
        if self._frames.state is not ConnectionState.OPEN or self._transport.is_closing():
            return
        self._closed_at = self._clock()
        told = reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
        self._transport.write(self._frames.send(CloseConnection(code=code, reason=told or None)))
        self._left()
        self._read_on()  # for its answer

    def _read_on(self) -> None:
        if not self.full and not self._transport.is_closing() and not self._conversation.crowded:
            self._transport.resume_reading()

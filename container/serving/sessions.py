"""Stateful sessions: requests that belong together reach the worker that keeps their state.

https://docs.aws.amazon.com/sagemaker/latest/dg/stateful-sessions.html. A client opens a session with the id NEW_SESSION
and the body `{"requestType": "NEW_SESSION"}`, and closes it with its id and `{"requestType": "CLOSE"}`. Any other
request with its id goes to the handler. A session ends when it is closed, when it expires, and when its worker dies.
"""

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

import orjson

from serving.backend import Gauges, Methods
from serving.config import Config
from serving.errors import BusyError, InvalidSessionError, SessionNotFoundError
from serving.exchange import Exchange, json_reply
from serving.pool import Pool
from serving.wire import header_lines
from serving.worker_process import Worker

HEADER = b"x-amzn-sagemaker-session-id"

NEW = b"NEW_SESSION"

MAX_BODY_BYTES = 128
"""A longer body opens or closes no session, and is not looked at."""


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """A session that was opened and has not ended.

    Attributes:
        worker: Who keeps its state.
        expires: When it ends, in seconds of the event loop's clock.
    """

    worker: Worker
    expires: float


class Sessions:
    """The sessions, in front of the pool.

    Attributes:
        gave_up: The pool's.
        tally: The pool's.

    Args:
        config: How long a session may last, and how many there may be.
        pool: Its workers keep the state.
    """

    def __init__(self, config: Config, pool: Pool) -> None:
        self._config = config
        self._pool = pool
        self._clock = asyncio.get_running_loop().time
        self._sessions: dict[bytes, OpenSession] = {}
        self.gave_up = pool.gave_up
        self.tally = pool.tally
        self.start = pool.start
        self.require_ready = pool.require_ready
        self.find = pool.find
        self.stop = pool.stop

    @property
    def routes(self) -> Mapping[str, Methods]:
        """The pool's, with sessions."""
        return {**self._pool.routes, "/invocations": {b"POST": self.submit}}

    @property
    def busy(self) -> bool:
        """Whether a request waits or is being answered. Open sessions do not count."""
        return self._pool.busy

    def gauges(self) -> Gauges:
        """The pool's, and the sessions."""
        return replace(self._pool.gauges(), sessions=len(self._sessions))

    def submit(self, exchange: Exchange) -> None:
        """Open, close, or answer in a session, or without one.

        Raises:
            InvalidSessionError: The id and the body contradict each other.
            SessionNotFoundError: There is no session of that id.
            BusyError: Too many sessions are open, or too many requests wait.
        """
        name = exchange.headers.get(HEADER)
        match _request_type(exchange.body):
            case "NEW_SESSION" if name in (None, NEW):
                self._open(exchange)
            case "CLOSE" if name not in (None, NEW):
                self._close(name, exchange)
            case "NEW_SESSION":
                raise InvalidSessionError(
                    "A session is opened with the session id NEW_SESSION, not with that of another."
                )
            case "CLOSE":
                raise InvalidSessionError("A session is closed with its own id as the session id.")
            case _ if name is None:
                self._pool.submit(exchange)
            case _ if name == NEW:
                raise InvalidSessionError('A session is opened with the body {"requestType": "NEW_SESSION"}.')
            case _:
                self._pool.submit_to(self._find(name).worker, exchange)

    def tick(self, now: float) -> None:
        """Look for what takes too long, and end sessions that have expired."""
        self._pool.tick(now)
        for name, session in list(self._sessions.items()):
            if now > session.expires:
                self._end(name)

    def _open(self, exchange: Exchange) -> None:
        if len(self._sessions) >= self._config.max_sessions:
            self._forget_lost()
        if len(self._sessions) >= self._config.max_sessions:
            raise BusyError("Too many sessions are open; try again. SERVING_MAX_SESSIONS sets how many may be.")
        counts = dict.fromkeys(self._pool.crew.require_workers(), 0)
        for session in self._sessions.values():
            if session.worker in counts:
                counts[session.worker] += 1
        worker = min(counts, key=lambda each: counts[each])
        name = str(uuid.uuid4())
        seconds = self._config.session_seconds
        self._sessions[name.encode()] = OpenSession(worker=worker, expires=self._clock() + seconds)
        expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
        header = f"{name}; Expires={expires}".encode()
        _answer(exchange, "The session is open.", {b"x-amzn-sagemaker-new-session-id": header})

    def _close(self, name: bytes, exchange: Exchange) -> None:
        self._find(name)
        self._end(name)
        _answer(exchange, "The session is closed.", {b"x-amzn-sagemaker-closed-session-id": name})

    def _find(self, name: bytes) -> OpenSession:
        session = self._sessions.get(name)
        if session is None or self._clock() > session.expires or not session.worker.ready:
            raise SessionNotFoundError("There is no such session: it was closed, has expired, or its worker died.")
        return session

    def _end(self, name: bytes) -> None:
        session = self._sessions.pop(name)
        if session.worker.ready:
            self._pool.forget(session.worker, name)

    def _forget_lost(self) -> None:
        for name, session in list(self._sessions.items()):
            if not session.worker.ready:
                del self._sessions[name]


def _request_type(body: bytes | bytearray) -> str | None:
    """What the body asks for, if it asks for nothing else."""
    if len(body) > MAX_BODY_BYTES or not body.lstrip().startswith(b"{"):
        return None
    try:
        asked = orjson.loads(body)
    except ValueError:
        return None
    match asked:
        case {"requestType": ("NEW_SESSION" | "CLOSE") as kind, **others} if not others:
            return str(kind)
    return None


def _answer(exchange: Exchange, status: str, headers: Mapping[bytes, bytes]) -> None:
    exchange.answer(json_reply({"status": status}, header_lines(headers)))

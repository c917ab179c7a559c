"""One worker process: loads the model and answers what the front process sends it, one batch after the other.

Started by the pool as `python -m serving.worker SOCKET WORKER MODEL_DIR`: an inherited descriptor, the worker's
number, and what it loads. It runs as the unprivileged user and speaks `wire`, not HTTP.
"""

import contextlib
import errno
import os
import socket
import sys
import threading
import time
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path

from serving import loader, log, wire
from serving.batching import Answer, answer_all
from serving.channel import Channel
from serving.config import Config
from serving.context import SESSION_ID, Session
from serving.errors import RequestError, ServingError
from serving.handler import Handler, Request, Response


def main(arguments: list[str]) -> None:
    """Run the worker that the pool described, until the socket ends."""
    descriptor, number, model_dir = arguments
    log.configure(f"worker-{number}")
    threading.Thread(target=_leave_with_front, name="watch", daemon=True).start()
    config = replace(Config.from_env(os.environ), model_dir=Path(model_dir))
    with Channel(socket.socket(fileno=int(descriptor))) as channel:
        try:
            handler = _load(config)
        except Exception as reason:  # noqa: BLE001 - whatever model_fn raised
            log.error("model could not be loaded", model_dir=config.model_dir, traceback_of=reason)
            channel.send(wire.pack(0, wire.OUT_OF_MEMORY if _is_for_memory(reason) else b"", b""))
            channel.read()  # the pool ends a worker, so that it knows which one failed
            return
        head = wire.CONVERSES if handler.converses else b""
        channel.send(wire.pack(config.max_batch if handler.batchable else 1, head, b""))
        with contextlib.suppress(ConnectionError):  # the front stops, and what is streamed with it
            _answer(handler, channel, {} if config.sessions else None)


def _load(config: Config) -> Handler:
    started = time.perf_counter()
    handler = loader.load(config)
    seconds = f"{time.perf_counter() - started:.3f}"
    batch = config.max_batch if handler.batchable else 1
    log.info("model loaded", model_dir=config.model_dir, contract=handler.contract, seconds=seconds, batch=batch)
    return handler


def _is_for_memory(reason: BaseException | None) -> bool:
    while reason is not None:
        if isinstance(reason, MemoryError) or (isinstance(reason, OSError) and reason.errno == errno.ENOMEM):
            return True
        reason = reason.__cause__
    return False


def _answer(handler: Handler, channel: Channel, sessions: dict[str, Session] | None) -> None:
    while (requests := _asked(handler, channel, sessions)) is not None:
        packed: list[bytes] = []
        for answer, request in zip(answer_all(handler, requests), requests, strict=True):
            if isinstance(answer, Response) and answer.parts is not None:
                channel.send(b"".join(packed))
                packed.clear()
                _stream(answer, answer.parts, request, channel)
            else:
                packed.append(_packed(answer, request))
        if packed:
            channel.send(b"".join(packed))


def _asked(handler: Handler, channel: Channel, sessions: dict[str, Session] | None) -> list[Request] | None:
    """The next batch, or None when the front is gone. What stands between batches is done."""
    requests: list[Request] = []
    while (record := channel.read()) is not None:
        if record.number == wire.OPEN:
            _converse(handler, Request(body=b"", headers=wire.unpack_headers(record.head)), channel)
        elif record.number == wire.FORGET and sessions is not None:
            sessions.pop(record.head.decode(), None)
        elif record.number < wire.FORGET:
            headers = wire.unpack_headers(record.head)
            session = _session(headers, sessions) if sessions is not None else None
            requests.append(Request(body=record.body, headers=headers, session=session))
            if record.number == 0:
                return requests
    return None


def _session(headers: Mapping[str, str], sessions: dict[str, Session]) -> Session | None:
    """The request's session; the front has looked whether there is one."""
    name = headers.get(SESSION_ID)
    return sessions.setdefault(name, Session(id=name)) if name is not None else None


def _stream(answer: Response, parts: Generator[bytes], request: Request, channel: Channel) -> None:
    """Send part by part. What goes wrong before the first one is an answer like any other."""
    try:
        part = next(parts, None)
    except Exception as reason:  # noqa: BLE001 - whatever the function raised
        channel.send(_packed(reason, request))
        return
    request.response_headers.sent = True
    channel.begin_stream(_head(answer, request))
    with contextlib.closing(parts):
        try:
            while part is not None:
                for start in range(0, len(part), wire.MAX_PART_BYTES):
                    piece = memoryview(part)[start : start + wire.MAX_PART_BYTES]
                    channel.send(wire.pack(wire.PART, b"", piece))
                if channel.stop_asked():
                    parts.close()
                    break
                part = next(parts, None)
        except ConnectionError:
            raise
        except Exception as reason:  # noqa: BLE001 - see above
            log.error("stream ended before its last part", path="/invocations", traceback_of=reason)
            channel.send(wire.pack(wire.FAILED, b"", b""))
            return
    channel.send(wire.pack(wire.END, b"", b""))


def _converse(handler: Handler, request: Request, channel: Channel) -> None:
    """Answer part by part what comes part by part."""
    request.response_headers.sent = True
    channel.begin_stream(b"")
    try:
        with contextlib.closing(handler.converse(channel.parts(), request)) as parts:
            for part in parts:
                channel.send(wire.pack(wire.PART, *part.pack()))
                if channel.stop_asked():
                    break
    except ConnectionError:
        raise
    except Exception as reason:  # noqa: BLE001 - whatever the function raised
        log.error("conversation ended early", path="/invocations-bidirectional-stream", traceback_of=reason)
        code = b"1008" if isinstance(reason, RequestError) else b"1011"
        channel.send(wire.pack(wire.FAILED, code, _told(reason).encode()))
        return
    channel.send(wire.pack(wire.END, b"", b""))


def _packed(answer: Answer, request: Request) -> bytes:
    match answer:
        case Response():
            return wire.pack(200, _head(answer, request), answer.body)
        case RequestError():
            log.info("request refused", path="/invocations", status=answer.status, error=type(answer).__name__)
        case _:
            log.error("request failed", path="/invocations", traceback_of=answer)
    status = answer.status if isinstance(answer, ServingError) else ServingError.status
    return wire.pack(status, b"content-type\0text/plain; charset=utf-8", _told(answer).encode())


def _told(reason: Exception) -> str:
    """What the client is told."""
    own = isinstance(reason, ServingError)
    return str(reason) if own else "The server failed; the traceback is in the container's log."


def _head(answer: Response, request: Request) -> bytes:
    values = request.response_headers.values
    head = b"content-type\0" + answer.content_type.encode()
    if values:
        head += b"\0" + wire.pack_headers({name.encode(): value.encode() for name, value in values.items()})
    return head


def _leave_with_front() -> None:
    """Standard input is a pipe that the front process never writes to: it ends when that process is gone."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])

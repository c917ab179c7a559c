"""One worker process: loads the model and answers what the front process sends it, one batch after the other.

Started by the crew as `python -m serving.worker SOCKET NAME MODEL_DIR`: an inherited descriptor, the worker's name in
the log, and what it loads. It runs as the unprivileged user and speaks `wire`, not HTTP.
"""

import contextlib
import errno
import gc
import json
import os
import platform
import random
import socket
import sys
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

from serving import loader, log, wire
from serving.batching import answer_all
from serving.channel import Channel
from serving.config import Config
from serving.context import SESSION_ID, Session
from serving.errors import RequestError, ServingError
from serving.handler import Handler, Request, Response
from serving.request_log import LONGEST_INFERENCE_ID, request_id

FRAMEWORKS = ("numpy", "sklearn", "xgboost", "lightgbm", "onnxruntime", "torch", "tensorflow", "mxnet", "dlr")
"""Modules whose versions stand in the log."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A model that is loaded, or could not be.

    Attributes:
        config: The container's settings.
        handler: The model and the functions around it; None if it could not be loaded.
        says: What the front is told of it.
    """

    config: Config
    handler: Handler | None
    says: Mapping[str, object]

    @property
    def batch(self) -> int:
        """How many requests are taken at once."""
        return self.config.max_batch if self.handler is not None and self.handler.batchable else 1


def main(arguments: list[str]) -> None:
    """Run the worker that the crew described, until the socket ends."""
    descriptor, name, model_dir = arguments
    threading.Thread(target=_leave_with_front, name="watch", daemon=True).start()
    loaded = load(name, model_dir)
    _serve(int(descriptor), loaded)


def load(name: str, model_dir: str) -> Loaded:
    """Load the model, with whatever its program imports.

    Args:
        name: This process's name in the log.
        model_dir: What is loaded.
    """
    log.configure(name)
    config = replace(Config.from_env(os.environ), model_dir=Path(model_dir))
    log.configure(name, style=config.log_format, level=config.log_level)
    log.capture_prints()
    # AWS's scripts for MXNet name the model's files relative to its directory:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/neo-deployment-hosting-services-prerequisites.html
    with contextlib.suppress(OSError):  # the loader says what is wrong with it
        os.chdir(config.model_dir)
    began = time.perf_counter()
    try:
        handler = loader.load(config)
    except Exception as reason:  # noqa: BLE001 - whatever model_fn raised
        error = f"{type(reason).__name__}: {reason}"
        log.error("model could not be loaded", model_dir=config.model_dir, error=error, traceback_of=reason)
        return Loaded(config=config, handler=None, says={wire.OUT_OF_MEMORY: _is_for_memory(reason)})
    says = {
        "contract": handler.contract,
        "seconds": round(time.perf_counter() - began, 3),
        "versions": _versions(),
        wire.CONVERSES: handler.converses,
    }
    loaded = Loaded(config=config, handler=handler, says=says)
    log.info("model loaded", model_dir=config.model_dir, batch=loaded.batch, **says)
    # What the model and its libraries made stays. A full collection would look at all of it, for tens of
    # milliseconds, and requests would wait for that.
    gc.collect()
    gc.freeze()
    return loaded


def run(name: str, descriptor: int, loaded: Loaded) -> None:
    """Answer, in a process that was forked from one that has loaded the model.

    Args:
        name: This process's name in the log.
        descriptor: The socket.
        loaded: The model.
    """
    threading.Thread(target=_leave_with_front, name="watch", daemon=True).start()
    log.configure(name, style=loaded.config.log_format, level=loaded.config.log_level)
    random.seed()
    _serve(descriptor, loaded)


def _serve(descriptor: int, loaded: Loaded) -> None:
    with Channel(socket.socket(fileno=descriptor)) as channel:
        said = json.dumps(loaded.says).encode()
        if loaded.handler is None:
            channel.send(wire.pack(0, b"", said))
            channel.read()  # the crew ends a worker, so that it knows which one failed
            return
        channel.send(wire.pack(loaded.batch, b"", said))
        with contextlib.suppress(ConnectionError):  # the front stops, and what is streamed with it
            _answer(loaded.handler, channel, {} if loaded.config.sessions else None)


def _is_for_memory(reason: BaseException | None) -> bool:
    while reason is not None:
        if isinstance(reason, MemoryError) or (isinstance(reason, OSError) and reason.errno == errno.ENOMEM):
            return True
        reason = reason.__cause__
    return False


def _versions() -> str:
    """Python, and of what is known to matter what the model's program has imported."""
    found = [
        f"{name} {sys.modules[name].__version__}"
        for name in FRAMEWORKS
        if hasattr(sys.modules.get(name), "__version__")
    ]
    return ", ".join([f"python {platform.python_version()}", *found])


def _answer(handler: Handler, channel: Channel, sessions: dict[str, Session] | None) -> None:
    while (requests := _asked(handler, channel, sessions)) is not None:
        log.concerning(partial(_identity, requests))
        packed: list[bytes] = []
        for answer, request in zip(answer_all(handler, requests), requests, strict=True):
            if not isinstance(answer, Response):
                packed.append(_refusal(answer, request))
            elif answer.parts is None:
                packed.append(wire.pack(200, _head(answer, request), answer.body))
            else:
                channel.send(b"".join(packed))
                packed.clear()
                _stream(answer, answer.parts, request, channel)
        if packed:
            channel.send(b"".join(packed))
        log.concerning(dict)


def _asked(handler: Handler, channel: Channel, sessions: dict[str, Session] | None) -> list[Request] | None:
    """The next batch, or None when the front is gone. What stands between batches is done."""
    requests: list[Request] = []
    while (record := channel.read()) is not None:
        following, head, body, number = record
        if following < wire.FORGET:
            headers = wire.unpack_headers(head)
            session = _session(headers, sessions) if sessions is not None else None
            requests.append(Request(body=body, headers=headers, number=number, session=session))
            if following == 0:
                return requests
        elif following == wire.OPEN:
            _converse(handler, Request(body=b"", headers=wire.unpack_headers(head), number=number), channel)
        elif following == wire.FORGET and sessions is not None:
            sessions.pop(head.decode(), None)
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
        channel.send(_refusal(reason, request))
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
            log.error("stream ended before its last part", **_identity([request]), traceback_of=reason)
            channel.send(wire.pack(wire.FAILED, b"", b""))
            return
    channel.send(wire.pack(wire.END, b"", b""))


def _converse(handler: Handler, request: Request, channel: Channel) -> None:
    """Answer part by part what comes part by part."""
    request.response_headers.sent = True
    log.concerning(partial(_identity, [request]))
    channel.begin_stream(b"")
    last = wire.pack(wire.END, b"", b"")
    try:
        with contextlib.closing(handler.converse(channel.parts(), request)) as parts:
            for part in parts:
                channel.send(wire.pack(wire.PART, *part.pack()))
                if channel.stop_asked():
                    break
    except ConnectionError:
        raise
    except Exception as reason:  # noqa: BLE001 - whatever the function raised
        log.error("conversation ended early", traceback_of=reason)
        code = b"1008" if isinstance(reason, RequestError) else b"1011"
        last = wire.pack(wire.FAILED, code, _told(reason).encode())
    channel.send(last)
    log.concerning(dict)


def _identity(requests: Sequence[Request]) -> dict[str, object]:
    """Whom a line is about that is written while these are answered."""
    if len(requests) > 1:
        return {"requests": len(requests)}
    identity: dict[str, object] = {"request_id": request_id(requests[0].number)}
    inference_id = requests[0].headers.get("x-amzn-sagemaker-inference-id")
    return identity if inference_id is None else {**identity, "inference_id": inference_id[:LONGEST_INFERENCE_ID]}


def _refusal(reason: Exception, request: Request) -> bytes:
    if not isinstance(reason, RequestError):
        log.error("prediction failed", **_identity([request]), traceback_of=reason)
    status = reason.status if isinstance(reason, ServingError) else ServingError.status
    return wire.pack(status, b"content-type: text/plain; charset=utf-8\r\n", _told(reason).encode())


def _told(reason: Exception) -> str:
    """What the client is told."""
    own = isinstance(reason, ServingError)
    return str(reason) if own else "The server failed; the traceback is in the container's log."


def _head(answer: Response, request: Request) -> bytes:
    head = _type_header(answer.content_type)
    if request.answers is not None:
        head += wire.header_lines({name.encode(): value.encode() for name, value in request.answers.values.items()})
    return head


@lru_cache(maxsize=64)
def _type_header(content_type: str) -> bytes:
    return b"content-type: %b\r\n" % content_type.encode()


def _leave_with_front() -> None:
    """Standard input is a pipe that the front process never writes to: it ends when that process is gone."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])

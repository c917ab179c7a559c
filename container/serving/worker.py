"""One worker process: loads the model and answers what the front process sends it, one batch after the other.

Started by the pool as `python -m serving.worker SOCKET WORKER`: an inherited descriptor and the worker's number. It
runs as the unprivileged user and speaks `wire`, not HTTP.
"""

import contextlib
import gc
import json
import os
import platform
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import BinaryIO

from serving import loader, log, wire
from serving.batching import Answer, answer_all
from serving.config import Config
from serving.errors import RequestError, ServingError
from serving.handler import Handler, Request, Response
from serving.request_log import LONGEST_INFERENCE_ID, request_id

FRAMEWORKS = ("numpy", "sklearn", "xgboost", "lightgbm", "onnxruntime", "torch", "tensorflow", "mxnet", "dlr")
"""Modules whose versions stand in the log."""


def main(arguments: list[str]) -> None:
    """Run the worker that the pool described, until the socket ends."""
    descriptor, number = (int(argument) for argument in arguments)
    log.configure(f"worker-{number}")
    threading.Thread(target=_leave_with_front, name="watch", daemon=True).start()
    config = Config.from_env(os.environ)
    log.configure(f"worker-{number}", style=config.log_format, level=config.log_level)
    log.capture_prints()
    # AWS's scripts for MXNet name the model's files relative to its directory:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/neo-deployment-hosting-services-prerequisites.html
    with contextlib.suppress(OSError):  # the loader says what is wrong with it
        os.chdir(config.model_dir)
    with socket.socket(fileno=descriptor) as connection, connection.makefile("rb") as stream:
        began = time.perf_counter()
        handler = _load(config)
        if handler is None:
            connection.sendall(wire.pack(0, b"", b""))
            stream.read()  # the pool ends a worker, so that it knows which one failed
            return
        batch = config.max_batch if handler.batchable else 1
        said = {
            "contract": handler.contract,
            "seconds": round(time.perf_counter() - began, 3),
            "batch": batch,
            "versions": _versions(),
        }
        log.info("model loaded", model_dir=config.model_dir, **said)
        # What the model and its libraries made stays. A full collection would look at all of it, for tens of
        # milliseconds, and requests would wait for that.
        gc.collect()
        gc.freeze()
        connection.sendall(wire.pack(batch, b"", json.dumps(said).encode()))
        _answer(handler, stream, connection.sendall)


def _load(config: Config) -> Handler | None:
    try:
        return loader.load(config)
    except Exception as reason:  # noqa: BLE001 - whatever model_fn raised
        log.error("model could not be loaded", model_dir=config.model_dir, traceback_of=reason)
        return None


def _versions() -> str:
    """Python, and of what is known to matter what the model's program has imported."""
    found = [
        f"{name} {sys.modules[name].__version__}"
        for name in FRAMEWORKS
        if hasattr(sys.modules.get(name), "__version__")
    ]
    return ", ".join([f"python {platform.python_version()}", *found])


def _answer(handler: Handler, stream: BinaryIO, send: Callable[[bytes], None]) -> None:
    while True:
        requests: list[Request] = []
        following = 1
        while following:
            record = wire.read(stream)
            if record is None:
                return
            following = record.number
            headers = wire.unpack_headers(record.head)
            requests.append(Request(body=record.body, headers=headers, number=record.request))
        log.concerning(partial(_identity, requests))
        answers = answer_all(handler, requests)
        send(b"".join([_packed(answer, request) for answer, request in zip(answers, requests, strict=True)]))
        log.concerning(dict)


def _identity(requests: Sequence[Request]) -> dict[str, object]:
    """Whom a line is about that is written while these are answered."""
    if len(requests) > 1:
        return {"requests": len(requests)}
    identity: dict[str, object] = {"request_id": request_id(requests[0].number)}
    inference_id = requests[0].headers.get("x-amzn-sagemaker-inference-id")
    return identity if inference_id is None else {**identity, "inference_id": inference_id[:LONGEST_INFERENCE_ID]}


def _packed(answer: Answer, request: Request) -> bytes:
    match answer:
        case Response():
            return wire.pack(200, answer.content_type.encode("latin-1"), answer.body)
        case RequestError():
            pass
        case _:
            log.error("prediction failed", **_identity([request]), traceback_of=answer)
    told = (
        answer
        if isinstance(answer, ServingError)
        else ServingError("The server failed; the traceback is in the container's log.")
    )
    return wire.pack(told.status, b"text/plain; charset=utf-8", str(told).encode())


def _leave_with_front() -> None:
    """Standard input is a pipe that the front process never writes to: it ends when that process is gone."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])

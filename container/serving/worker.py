"""One worker process: loads the model and answers requests on the socket it inherited.

Started by the supervisor as `python -m serving.worker LISTENER READINESS WORKER`: two inherited descriptors and the
worker's number. It already runs as the unprivileged user: nothing of the model's author is ever run as another one.
"""

import asyncio
import os
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import uvicorn
import uvloop

from serving import loader, log
from serving.config import DRAIN_SECONDS, Config
from serving.readiness import Readiness, State
from serving.server import Application

KEEP_ALIVE_SECONDS = 75
"""Longer than the usual 60 s of proxies: they close an idle connection, and no request is lost to our closing it."""


async def run(config: Config, *, listener: socket.socket, readiness: Readiness, worker: int) -> None:
    """Load, and serve until SIGTERM."""
    # One thread: model libraries are seldom safe to call from two, and workers are what there are several of.
    predicting = ThreadPoolExecutor(max_workers=1, thread_name_prefix="predict")
    application = Application(config, worker=worker, readiness=readiness, predicting=predicting)
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
    )
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), _leave_with_supervisor)
    loading = asyncio.create_task(_load(application, config, readiness, worker, predicting))
    if readiness.another_is_ready(worker):  # then requests are for those who can answer
        await loading
    await server.serve(sockets=[listener])


async def _load(
    application: Application, config: Config, readiness: Readiness, worker: int, predicting: ThreadPoolExecutor
) -> None:
    started = time.perf_counter()
    try:
        handler = await asyncio.get_running_loop().run_in_executor(predicting, loader.load, config)
    except Exception as reason:  # noqa: BLE001 - whatever model_fn raised
        log.error("model could not be loaded", model_dir=config.model_dir, traceback_of=reason)
        readiness[worker] = State.FAILED
    else:
        application.handler = handler
        readiness[worker] = State.READY
        seconds = f"{time.perf_counter() - started:.3f}"
        log.info("model loaded", model_dir=config.model_dir, contract=handler.contract, seconds=seconds)


def _leave_with_supervisor() -> None:
    """Standard input is a pipe that the supervisor never writes to: it ends when the supervisor is gone."""
    os._exit(1)


def main(arguments: list[str]) -> None:
    """Run the worker that the supervisor described."""
    listener, readiness, worker = (int(argument) for argument in arguments)
    log.configure(f"worker-{worker}")
    config = Config.from_env(os.environ)
    with socket.socket(fileno=listener) as inherited, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(config, listener=inherited, readiness=Readiness(readiness), worker=worker))


if __name__ == "__main__":
    main(sys.argv[1:])

"""Workers that are forked from one process that has loaded the model."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

INFERENCE = """
import os
import time
from pathlib import Path

def model_fn(model_dir):
    with Path(model_dir, "..", "loads").resolve().open("a") as file:
        file.write(f"{os.getpid()}\\n")
    return {"greeting": "hello"}

def input_fn(body, content_type):
    return body

def predict_fn(data, model):
    if data == "leave":
        os._exit(7)
    time.sleep(0.05)
    return f"{model['greeting']} from {os.getpid()} of {os.getppid()}"

def output_fn(prediction, accept):
    return prediction, "text/plain"
"""

FAILING = """
def model_fn(model_dir):
    raise RuntimeError("no such weights")
"""


@pytest.fixture
def server(start: Any) -> Any:
    running = start(INFERENCE, SERVING_PRELOAD="true", SAGEMAKER_MODEL_SERVER_WORKERS="3")
    running.wait_for_ping(200)
    return running


def loads(server: Any) -> list[int]:
    return [int(line) for line in (server.base / "loads").read_text().split()]


def said(server: Any) -> tuple[int, int]:
    """Which process answered, and which one it was forked from."""
    words = server.invoke(b"hi").text.split()
    return int(words[2]), int(words[4])


def answering(server: Any) -> set[int]:
    """Return the workers that answer, found by asking them at the same time."""
    with ThreadPoolExecutor(max_workers=9) as threads:
        return {process for process, _ in threads.map(lambda _: said(server), range(36))}


def is_running(process: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def test_the_model_is_loaded_once_for_all_workers(server: Any) -> None:
    (template,) = loads(server)

    server.wait_until(lambda: len(answering(server)) == 3)
    assert said(server)[1] == template
    assert template not in answering(server)


def test_a_worker_that_dies_is_replaced_without_loading_again(server: Any) -> None:
    before = answering(server)
    assert server.invoke(b"leave").status == 500
    assert server.invoke(b"hi").status == 200

    server.wait_until(lambda: len(answering(server)) == 3 and answering(server) != before)
    assert "worker died and is replaced" in server.log
    assert 'exit="code 7"' in server.log
    assert len(loads(server)) == 1


def test_a_template_that_dies_is_replaced_with_its_workers(server: Any) -> None:
    (template,) = loads(server)
    before = answering(server)
    os.kill(template, signal.SIGKILL)

    server.wait_until(lambda: len(loads(server)) == 2)
    server.wait_for_ping(200)
    server.wait_until(lambda: len(answering(server)) == 3)
    assert not answering(server) & before


def test_a_model_that_cannot_be_loaded_fails_all_workers(start: Any) -> None:
    server = start(FAILING, SERVING_PRELOAD="true", SAGEMAKER_MODEL_SERVER_WORKERS="2")

    server.wait_for_ping(500)
    assert server.log.count("RuntimeError: no such weights") == 1


DRAWS = """
import os
import random
import numpy.random

def model_fn(model_dir):
    return None

def predict_fn(rows, model):
    return [os.getpid(), random.random(), numpy.random.random()]
"""


def test_each_worker_draws_random_numbers_of_its_own(start: Any) -> None:
    server = start(DRAWS, SERVING_PRELOAD="true", SAGEMAKER_MODEL_SERVER_WORKERS="2")
    server.wait_for_ping(200)
    drawn: dict[int, set[float]] = {}

    def both_answered() -> bool:
        with ThreadPoolExecutor(4) as threads:
            for answer in threads.map(lambda _: server.invoke(), range(8)):
                process, *numbers = json.loads(answer.body)
                drawn.setdefault(process, set()).update(numbers)
        return len(drawn) == 2

    server.wait_until(both_answered)
    assert set.isdisjoint(*drawn.values())


def test_fails_and_ends_when_the_process_that_loads_keeps_dying(start: Any) -> None:
    server = start("import os\nos._exit(3)", SERVING_PRELOAD="true", SAGEMAKER_MODEL_SERVER_WORKERS="2")

    assert server.process.wait() == 1
    assert "giving up: a worker keeps dying before its model is loaded" in server.log
    assert "Traceback" not in server.log


def test_nothing_is_left_after_a_stop(server: Any) -> None:
    processes = answering(server) | set(loads(server))

    assert server.stop() == 0
    server.wait_until(lambda: not any(is_running(process) for process in processes))


def test_nothing_is_left_after_the_front_was_killed(server: Any) -> None:
    processes = answering(server) | set(loads(server))
    server.process.kill()

    server.wait_until(lambda: not any(is_running(process) for process in processes))


def test_one_worker_is_not_forked(start: Any) -> None:
    server = start(INFERENCE, SERVING_PRELOAD="true")
    server.wait_for_ping(200)

    assert said(server) == (loads(server)[0], server.process.pid)

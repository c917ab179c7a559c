from __future__ import annotations

import io
import socket
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from serving.rows import rows_of

if TYPE_CHECKING:
    from pathlib import Path

NOTES_BATCHES = """
import time
from pathlib import Path

BATCHABLE = True

def model_fn(model_dir):
    return Path(model_dir)

def predict_fn(rows, model):
    if rows[0, 0] == 99:
        (model / "started").touch()
        while not (model / "go").exists():
            time.sleep(0.01)
    with (model / "batches").open("a") as file:
        file.write(f"{len(rows)} ")
    return rows[:, 0]
"""


def npy(*shape: int) -> bytes:
    with io.BytesIO() as file:
        np.save(file, np.zeros(shape), allow_pickle=False)
        return file.getvalue()


@pytest.mark.parametrize(
    ("content_type", "body", "rows"),
    [
        (b"text/csv", b"1,2\n3,4\n", 2),
        (b"text/csv; charset=utf-8", b"1,2\n3,4", 2),
        (b"application/jsonlines", b"[1,2]\n[3,4]\n[5,6]\n", 3),
        (b"application/json", b"[[1,2],[3,4]]", 2),
        (b"application/json", b'{"instances": [[1,2],[3,4],[5,6]]}', 3),
        (b"application/json", b"5", 1),
        (b"application/x-npy", npy(100, 4), 100),
        (b"application/x-npy", b"no npy", 1),
        (b"image/jpeg", b"\n" * 1000, 1),
        (b"", b"", 1),
    ],
)
def test_rows_are_told_from_the_bytes(content_type: bytes, body: bytes, rows: int) -> None:
    assert rows_of({b"content-type": content_type}, body) == rows


def batches(start: Any, base: Path, bodies: list[bytes], **env: str) -> list[int]:
    """How many rows were predicted at once, of requests that came while the worker was busy."""
    server = start(NOTES_BATCHES, **env)
    server.wait_for_ping(200)
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(post(b"99,0"))
        while not (base / "model" / "started").exists():
            time.sleep(0.01)
        connection.sendall(b"".join(map(post, bodies)))
        assert server.ping() == 200  # the front has read what was sent before
        (base / "model" / "go").touch()
        connection.sendall(post(b"1,1", b"Connection: close\r\n"))
        received = b""
        while piece := connection.recv(65536):
            received += piece
    assert received.count(b"HTTP/1.1 200 OK") == len(bodies) + 2
    return [int(number) for number in (base / "model" / "batches").read_text().split()]


def post(body: bytes, headers: bytes = b"") -> bytes:
    head = b"POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\n%bContent-Length: %d\r\n\r\n"
    return head % (headers, len(body)) + body


def test_a_worker_takes_no_more_rows_at_once_than_may(start: Any, tmp_path: Path) -> None:
    taken = batches(start, tmp_path, [b"1,1\n" * 2] * 20, SERVING_MAX_BATCH_ROWS="6")
    assert taken[0] == 1
    assert sum(taken) == 1 + 40 + 1
    assert taken[1:6] == [6] * 5
    assert max(taken) == 6


def test_a_request_with_more_rows_than_may_is_predicted_by_itself(start: Any, tmp_path: Path) -> None:
    taken = batches(start, tmp_path, [b"1,1\n" * 2, b"1,1\n" * 50, b"1,1\n" * 2], SERVING_MAX_BATCH_ROWS="6")
    assert taken[:3] == [1, 2, 50]
    assert sum(taken) == 1 + 54 + 1


def test_small_requests_are_bounded_by_their_number(start: Any, tmp_path: Path) -> None:
    taken = batches(start, tmp_path, [b"1,1\n"] * 20, SERVING_MAX_BATCH="5")
    assert taken[:4] == [1, 5, 5, 5]

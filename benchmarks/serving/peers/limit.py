"""The model without a server: its answer, and how often a second `predict` can be called. Prints JSON.

python limit.py BODY_FILE
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import task

SECONDS = 0.3
REPEATS = 5


def rate(call: Callable[[], object]) -> float:
    """Calls per second, the median of some."""
    rates = []
    for _ in range(REPEATS):
        calls = 0
        began = time.perf_counter()
        while (spent := time.perf_counter() - began) < SECONDS:
            call()
            calls += 1
        rates.append(calls / spent)
    return statistics.median(rates)


def main(body: bytes) -> None:
    """Measure."""
    model = task.load()
    data = model.read(body)
    together = [data] * 64
    found = {
        "answer": model.answer(body).decode(),
        "1": rate(lambda: model.predict(data)),
        "64": 64 * rate(lambda: model.predict_together(together)),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]).read_bytes())

"""What is asked, and the answer that is right."""

import csv
import json
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.serving.environment import bin_of
from benchmarks.serving.peer import PEERS, Peer

MODELS = Path(__file__).parents[2] / "models"


@dataclass(frozen=True, kw_only=True)
class Payload:
    """A request's body.

    Attributes:
        name: What the tables call it.
        model: Which model it is for.
        expected: The answer's body.
        identified: Every request has an inference id of its own: no two heads are the same.
    """

    name: str
    model: str
    body: bytes
    content_type: str
    accept: str
    expected: bytes = b""
    identified: bool = False


def lay_out(model: Path, base: Path) -> Path:
    """A model where SageMaker has it; the folder that is SageMaker's base directory."""
    shutil.copytree(model / "model", base / "model")
    shutil.copytree(model / "code", base / "model" / "code", dirs_exist_ok=True)
    return base


def bodies(models: Path) -> list[Payload]:
    """The payloads of the models that are there, without their answers."""
    data = models / "iris" / "data" / "training" / "iris.csv"
    rows = Payload(name="1 row", model="iris", body=_rows(data, 1), content_type="text/csv", accept="text/csv")
    found = [
        rows,
        replace(rows, name="1 row, with ids", identified=True),
        replace(rows, name="100 rows", body=_rows(data, 100)),
    ]
    pictures = sorted((models / "recycling" / "payloads").glob("*.jp*g"))
    if pictures:
        picture = pictures[0].read_bytes()
        kind, accept = "image/jpeg", "application/json"
        found.append(Payload(name="JPEG", model="recycling", body=picture, content_type=kind, accept=accept))
    return found


def in_process(container: Peer, payload: Payload, base: Path, core: int) -> tuple[bytes, dict[str, float]]:
    """The model's answer without any server, and how many requests a second it could answer at most.

    Returns:
        The answer, and predictions per second with one request per call and with 64 per call.
    """
    asked = base.parent / "body"
    asked.write_bytes(payload.body)
    told = subprocess.run(
        ["taskset", "-c", str(core), bin_of(container) / "python", PEERS / "limit.py", asked],
        env={"SAGEMAKER_BASE_DIR": str(base), "PYTHONPATH": str(container.program), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    found = json.loads(told)
    return found["answer"].encode(), {"1": found["1"], "64": found["64"]}


def _rows(path: Path, number: int) -> bytes:
    """Some rows of a data set without their label, taken from all over it."""
    with path.open(newline="") as file:
        lines = [",".join(row[1:]) for row in csv.reader(file)]
    return "".join(f"{lines[each * 37 % len(lines)]}\n" for each in range(number)).encode()

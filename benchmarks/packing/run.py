"""How fast a directory of weights is packed, against ``tar czf``.

    python benchmarks/packing/run.py [--megabytes 1000]

Weights are random normal numbers of 4 bytes. Both programs get the same two processors; peak memory is that of a
process of its own. Then a synthesis with one byte of model data is compared with one of an unchanged directory of twice
the size.
"""

import argparse
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROUNDS = 2
PACK = """
import re, sys
from pathlib import Path
from sagemaker_hosting.archive import list_files, write_archive
write_archive(list_files("", "", Path(sys.argv[1])), Path(sys.argv[2]))
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""
SYNTH = """
import sys, time
import aws_cdk as cdk
from sagemaker_hosting import ContainerDefinition, ContainerImage, Model, ModelData
started = time.perf_counter()
app = cdk.App(outdir=sys.argv[1], analytics_reporting=False)
image = ContainerImage.from_uri("111122223333.dkr.ecr.eu-central-1.amazonaws.com/model:1")
data = ModelData.from_directory(sys.argv[2])
Model(cdk.Stack(app, "Stack"), "Model", containers=[ContainerDefinition(image=image, model_data=data)])
app.synth()
print(time.perf_counter() - started)
"""


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description="Measures how fast a directory of weights is packed.")
    parser.add_argument("--megabytes", type=int, default=1000)
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        weights(base / "large", 2 * options.megabytes)
        weights(base / "weights", options.megabytes)
        packing(base)
        unchanged(base)


def packing(base: Path) -> None:
    """Print the table of times, processor times and sizes; the programs take turns, and the best round counts."""
    archive, reference = base / "model.tar.gz", base / "reference.tar.gz"
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        with Stopwatch(ours):
            memory = int(python(PACK, str(base / "weights"), str(archive))[-1]) / 1024
        with Stopwatch(theirs):
            subprocess.run(["tar", "-czf", reference, "-C", base / "weights", "."], check=True)
    subprocess.run(["gzip", "--test", archive], check=True)
    size, reference_size = archive.stat().st_size / 1e6, reference.stat().st_size / 1e6
    (seconds, busy), (reference_seconds, reference_busy) = min(ours), min(theirs)
    print("| | seconds | of a processor | size in MB | peak memory in MiB |\n|---|---|---|---|---|")
    print(f"| `tar czf` | {reference_seconds:.1f} | {reference_busy:.1f} | {reference_size:.1f} | |")
    print(f"| `ModelData.from_directory` | {seconds:.1f} | {busy:.1f} | {size:.1f} | {memory:.0f} |")
    print(f"\n{reference_seconds / seconds:.1f} times as fast, {100 * (size / reference_size - 1):+.1f} % larger\n")


class Stopwatch:
    """Adds the seconds that pass, and those that processors worked for programs started here, to a list."""

    def __init__(self, measured: list[tuple[float, float]]) -> None:
        self._measured = measured

    def __enter__(self) -> None:
        self._before = os.times()

    def __exit__(self, *_: object) -> None:
        before, after = self._before, os.times()
        busy = after.children_user + after.children_system - before.children_user - before.children_system
        self._measured.append((after.elapsed - before.elapsed, busy))


def unchanged(base: Path) -> None:
    """Print what an unchanged directory adds to a synthesis."""
    (base / "small").mkdir()
    (base / "small" / "weights.bin").write_bytes(b"0")
    seconds: dict[str, list[float]] = {"small": [], "large": []}
    for directory in seconds:
        synth(base, directory)
    for _ in range(5):
        for directory, measured in seconds.items():
            measured.append(synth(base, directory))
    small, large = (statistics.median(measured) for measured in seconds.values())
    size = sum(path.stat().st_size for path in (base / "large").iterdir()) / 1e9
    print(f"unchanged {size:.1f} GB: {large:.3f} s of synthesis, {small:.3f} s with one byte: {large - small:+.3f} s")


def weights(directory: Path, megabytes: int) -> None:
    """Fill a directory with random normal numbers, in files of up to 100 MB."""
    directory.mkdir()
    generator = random.Random(0)  # noqa: S311  the same weights in every run
    count = 250_000
    numbers = [generator.gauss(0, 0.02) for _ in range(count)]
    for start in range(0, megabytes, 100):
        with (directory / f"{start:05}.bin").open("wb") as file:
            for _ in range(min(100, megabytes - start)):
                # As good as new numbers within the 32 KiB that gzip looks back.
                scale = generator.gauss(1, 0.1)
                file.write(struct.pack(f"<{count}f", *(scale * number for number in numbers)))


def synth(base: Path, directory: str) -> float:
    """Return the seconds of one synthesis in a process of its own, its imports left out."""
    return float(python(SYNTH, str(base / "cdk.out" / directory), str(base / directory), cache=base / "cache")[-1])


def python(program: str, *arguments: str, cache: Path | None = None) -> list[str]:
    """Run a program with the library and return the lines it prints."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "constructs"),
        "CDK_VALIDATION": "false",
        **({} if cache is None else {"XDG_CACHE_HOME": str(cache)}),
    }
    finished = subprocess.run(
        [sys.executable, "-c", program, *arguments], check=True, stdout=subprocess.PIPE, text=True, env=environment
    )
    return finished.stdout.splitlines()


if __name__ == "__main__":
    main()

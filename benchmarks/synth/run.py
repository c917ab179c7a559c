"""How long a synth takes, beside the same in ``aws_cdk.aws_sagemaker_alpha``: by the clock, and by the processor.

Run with ``.venv/bin/python benchmarks/synth/run.py``; it prints two tables. The apps take turns, round after round,
each in a process of its own, so that a busy machine is busy for all of them. CDK's own validator is off: it takes the
same time whatever library made the template.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
APPS = Path(__file__).parent / "apps"
PLAIN = "one endpoint, aws-sagemaker-alpha"
ONE = "one endpoint"
MEASURED = {
    "empty app": ("empty.py",),
    PLAIN: ("alpha.py",),
    ONE: ("endpoints.py", "1"),
    "60 endpoints": ("endpoints.py", "60"),
    "everything for one model": ("everything.py",),
}


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description="Measures how long a synth takes.")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    taken: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for turn in range(options.rounds + 1):
        for name, (app, *arguments) in MEASURED.items():
            took = synthesize(APPS / app, arguments)
            if turn > 0:  # the first round fills caches
                taken[name].append(took)
    for kind, what in enumerate(("by the clock", "by the processor")):
        seconds = {name: [took[kind] for took in values] for name, values in taken.items()}
        print(f"| app | seconds {what} | against {PLAIN} | against {ONE} |\n|---|---|---|---|")
        for name, values in seconds.items():
            ratios = (f"{ratio(values, seconds[other]):.2f}" for other in (PLAIN, ONE))
            print(f"| {name} | {statistics.median(values):.2f} | {' | '.join(ratios)} |")
        print()


def ratio(values: list[float], others: list[float]) -> float:
    """The median of the ratios within each round: what makes the machine slow for a while is slow for both."""
    return statistics.median(value / other for value, other in zip(values, others, strict=True))


def synthesize(app: Path, arguments: list[str]) -> tuple[float, float]:
    """Run an app as the CDK CLI does; the seconds it took by the clock, and those of the processor."""
    with tempfile.TemporaryDirectory() as output:
        # Bytecode is kept, as it is for a user, whatever is set here.
        environment = {**os.environ, "CDK_VALIDATION": "false", "CDK_OUTDIR": output, "PYTHONDONTWRITEBYTECODE": ""}
        worked, began = processor_seconds(), time.perf_counter()
        subprocess.run(
            [sys.executable, str(app), *arguments], cwd=ROOT, env=environment, check=True, capture_output=True
        )
        return time.perf_counter() - began, processor_seconds() - worked


def processor_seconds() -> float:
    """The time that all processes that were started here and have ended spent on a processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()

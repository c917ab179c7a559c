"""How long a synth takes, beside the same in ``aws_cdk.aws_sagemaker_alpha``.

Run with ``.venv/bin/python benchmarks/synth/run.py``; it prints a table. The apps take turns, round after round in
another order, each in a process of its own, so that a busy machine is busy for all of them. CDK's own validator is off:
it takes the same time whatever library made the template.
"""

import argparse
import os
import random
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
    "the same, and its image from a Dockerfile": ("everything.py", "built"),
}


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description="Measures how long a synth takes.")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    taken: dict[str, list[float]] = defaultdict(list)
    order = random.Random(1)  # noqa: S311  no secret
    for turn in range(options.rounds + 1):
        # What comes after the longest app is slower, so each is to come after it now and then.
        for name, (app, *arguments) in order.sample([*MEASURED.items()], len(MEASURED)):
            took = synthesize(APPS / app, arguments)
            if turn > 0:  # the first round fills caches
                taken[name].append(took)
    print(f"| app | fastest | median | against {PLAIN}: fastest, median | against {ONE}: fastest, median |")
    print("|---|---|---|---|---|")
    for name in MEASURED:
        seconds = taken[name]
        ratios = (
            f"{min(seconds) / min(taken[other]):.2f}, {ratio(seconds, taken[other]):.2f}" for other in (PLAIN, ONE)
        )
        print(f"| {name} | {min(seconds):.2f} | {statistics.median(seconds):.2f} | {' | '.join(ratios)} |")


def ratio(seconds: list[float], others: list[float]) -> float:
    """The median of the ratios within each round: what makes the machine slow for a while is slow for both."""
    return statistics.median(one / other for one, other in zip(seconds, others, strict=True))


def synthesize(app: Path, arguments: list[str]) -> float:
    """Run an app as the CDK CLI does; the seconds it took."""
    with tempfile.TemporaryDirectory() as output:
        # Bytecode is kept, as it is for a user, whatever is set here.
        environment = {**os.environ, "CDK_VALIDATION": "false", "CDK_OUTDIR": output, "PYTHONDONTWRITEBYTECODE": ""}
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, str(app), *arguments], cwd=ROOT, env=environment, check=True, capture_output=True
        )
        return time.perf_counter() - began


if __name__ == "__main__":
    main()

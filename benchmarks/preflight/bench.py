"""How long preflight takes: on a template of 1,000 resources, and as a part of the synth of the example app.

Run with ``.venv/bin/python benchmarks/preflight/bench.py``; it prints a table.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ROUNDS = 7

# The example app, with the time that its plugin takes measured from inside.
SYNTH = """
import json, runpy, sys, time
start = time.perf_counter()
import aws_cdk as cdk
from sagemaker_hosting import SageMakerPreflight
spent = 0.0
validate = SageMakerPreflight.validate
def timed(self, context):
    global spent
    begin = time.perf_counter()
    report = validate(self, context)
    spent += time.perf_counter() - begin
    return report
SageMakerPreflight.validate = timed
class App(cdk.App):
    def __init__(self, **settings):
        super().__init__(outdir=sys.argv[1], **settings)
begin_synth = {}
original = cdk.App.synth
def synth(self, *arguments, **settings):
    begin_synth["at"] = time.perf_counter()
    return original(self, *arguments, **settings)
App.synth = synth
cdk.App = App
runpy.run_path("app.py")
end = time.perf_counter()
print(json.dumps({"plugin": spent, "synth": end - begin_synth["at"], "process": end - start}))
"""


def template_of(resources: int) -> dict[str, Any]:
    """A template of endpoints, each with what belongs to it: ten resources that refer to each other."""
    sys.path.insert(0, str(ROOT / "tests"))
    from preflight.hosting_template import TEMPLATE  # noqa: PLC0415  the tests' own template without mistakes

    whole: dict[str, Any] = {}
    group = TEMPLATE["Resources"]
    number = 0
    while len(whole) < resources:
        text = json.dumps(group)
        for name in group:
            text = text.replace(f'"{name}"', f'"{name}{number}"').replace(f"${{{name}", f"${{{name}{number}")
        # Literal names are unique in an account, as logical ids are in a template.
        text = text.replace('"iris"', f'"iris{number}"').replace(f'"Role{number}": [', '"Role": [')
        whole |= json.loads(text)
        number += 1
    return {"Resources": dict(list(whole.items())[:resources])}


def measure_check() -> list[float]:
    """Seconds per check of 1,000 resources."""
    from sagemaker_hosting.preflight import check_template  # noqa: PLC0415  its import is measured elsewhere

    template = template_of(1000)
    check_template(template)
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        check_template(template)
        times.append(time.perf_counter() - begin)
    return times


def measure_synth() -> list[dict[str, float]]:
    """Seconds of the plugin, the synth and the whole process of the example app."""
    found = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-c", SYNTH, folder], cwd=ROOT, check=True, capture_output=True, text=True
            )
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return found


def measure_import() -> list[float]:
    """Seconds of importing the checks in a fresh interpreter, less an empty one."""
    times = []
    for _ in range(ROUNDS):
        spent = []
        for program in ("pass", "import sagemaker_hosting.preflight"):
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True)
            spent.append(time.perf_counter() - begin)
        times.append(spent[1] - spent[0])
    return times


def main() -> None:
    """Measures everything and prints a table of medians and spreads."""
    synths = measure_synth()
    rows = [
        ("check of 1,000 resources", measure_check()),
        ("import of the checks", measure_import()),
        ("plugin in the synth of the example app", [one["plugin"] for one in synths]),
        ("that synth, CDK's own validation included", [one["synth"] for one in synths]),
        ("that process", [one["process"] for one in synths]),
    ]
    print("| what | median | from | to |")
    print("|---|---|---|---|")
    for name, times in rows:
        print(f"| {name} | {statistics.median(times):.3f} s | {min(times):.3f} s | {max(times):.3f} s |")
    share = statistics.median(one["plugin"] / one["synth"] for one in synths)
    print(f"\nShare of the plugin in the synth: {share:.1%}")


if __name__ == "__main__":
    main()

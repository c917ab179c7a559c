"""Synthesize examples one after the other: ``synthesize.py OUTPUT APP...``; what one raises is in ``error.txt``.

One process for all of them, since starting the CDK takes longer than most of them take. Each app is told where to write
and with which settings, as the CDK CLI would tell it; nothing else is changed.
"""

from __future__ import annotations

import functools
import json
import runpy
import sys
import traceback
from pathlib import Path

import aws_cdk as cdk

ROOT = Path(__file__).parents[2]


def main() -> None:
    output = Path(sys.argv[1])
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = cdk.App
    for path in map(Path, sys.argv[2:]):
        directory = output / path.parent.name
        directory.mkdir(parents=True)
        cdk.App = functools.partial(app, context=context, outdir=str(directory))  # type: ignore[assignment,misc]
        try:
            runpy.run_path(str(path), run_name="__main__")
        except Exception:  # noqa: BLE001  what an example raises is the result of its test
            (directory / "error.txt").write_text(traceback.format_exc())


if __name__ == "__main__":
    main()

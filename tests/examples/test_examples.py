"""Every example is a whole app that nothing has to be said against. A new one is found by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sagemaker_hosting.preflight import check_file

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*/app.py"))

each_example = pytest.mark.parametrize("app", EXAMPLES, ids=lambda app: app.parent.name)


def messages(assembly: Path, stack: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the warnings and errors that constructs left in the metadata of a stack."""
    metadata = dict(stack.get("metadata", {}))
    if "additionalMetadataFile" in stack:
        metadata |= json.loads((assembly / stack["additionalMetadataFile"]).read_text())
    entries = [entry for one in metadata.values() for entry in one]
    assert any(entry["type"] == "aws:cdk:logicalId" for entry in entries)
    return [entry for entry in entries if entry["type"] in ("aws:cdk:warning", "aws:cdk:error")]


@each_example
def test_an_example_is_synthesized_without_any_finding(app: Path, tmp_path: Path) -> None:
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    assert context["@aws-cdk/core:validateAgainstDefaultRules"] is True
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    result = subprocess.run(
        [sys.executable, app],
        env={
            **environment,
            "CDK_CONTEXT_JSON": json.dumps(context),
            "CDK_OUTDIR": str(tmp_path),
            "CDK_VALIDATION": "true",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr

    report = json.loads((tmp_path / "validation-report.json").read_text())
    assert report["pluginReports"] == []
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    stacks = [one for one in manifest["artifacts"].values() if one["type"] == "aws:cloudformation:stack"]
    assert stacks
    for stack in stacks:
        assert messages(tmp_path, stack) == []
        assert check_file(tmp_path / stack["properties"]["templateFile"], region="eu-central-1") == []


@each_example
def test_an_example_is_short_and_checks_itself(app: Path) -> None:
    text = app.read_text()

    assert len(text.splitlines()) < 60
    assert "AwsSolutionsChecks(" in text
    assert "SageMakerPreflight(" in text

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

LONGEST = {"inference_recommendation": 90, "jobs": 130}
"""Lines of what shows more than one capability."""

each_example = pytest.mark.parametrize("app", EXAMPLES, ids=lambda app: app.parent.name)


def messages(assembly: Path, stack: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the warnings and errors that constructs left in the metadata of a stack."""
    metadata = dict(stack.get("metadata", {}))
    if "additionalMetadataFile" in stack:
        metadata |= json.loads((assembly / stack["additionalMetadataFile"]).read_text())
    entries = [entry for one in metadata.values() for entry in one]
    assert any(entry["type"] == "aws:cdk:logicalId" for entry in entries)
    return [entry for entry in entries if entry["type"] in ("aws:cdk:warning", "aws:cdk:error")]


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesize all examples, each into a directory of its name."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    assert context["@aws-cdk/core:validateAgainstDefaultRules"] is True
    output = tmp_path_factory.mktemp("examples")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    result = subprocess.run(
        [sys.executable, Path(__file__).with_name("synthesize.py"), output, *EXAMPLES],
        env={**environment, "CDK_VALIDATION": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return output


@each_example
def test_an_example_is_synthesized_without_any_finding(app: Path, assemblies: Path) -> None:
    assembly = assemblies / app.parent.name
    error = assembly / "error.txt"
    report = assembly / "validation-report.json"
    assert not error.exists(), error.read_text() + (report.read_text() if report.exists() else "")
    assert json.loads(report.read_text())["pluginReports"] == []

    manifest = json.loads((assembly / "manifest.json").read_text())
    stacks = [one for one in manifest["artifacts"].values() if one["type"] == "aws:cloudformation:stack"]
    assert stacks
    for stack in stacks:
        assert messages(assembly, stack) == []
        assert check_file(assembly / stack["properties"]["templateFile"], region="eu-central-1") == []


@each_example
def test_an_example_is_short_and_checks_itself(app: Path) -> None:
    text = app.read_text()

    assert len(text.splitlines()) < LONGEST.get(app.parent.name, 70)
    assert "AwsSolutionsChecks(" in text
    assert "SageMakerPreflight(" in text

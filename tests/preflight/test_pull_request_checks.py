import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sagemaker_hosting.preflight import RULES
from sagemaker_hosting.preflight.__main__ import main

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def workflow() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DOCS / "workflows" / "pull-request.yml").read_text())
    return loaded


def test_the_checks_need_no_credentials(workflow: dict[str, Any]) -> None:
    steps = workflow["jobs"]["synth"]["steps"]

    assert workflow["permissions"] == {"contents": "read"}
    assert not any("credentials" in step.get("uses", "") for step in steps)
    assert any(step.get("run") == "npx cdk synth --quiet" for step in steps)


def test_findings_are_uploaded_even_when_synth_fails(workflow: dict[str, Any]) -> None:
    steps = workflow["jobs"]["synth"]["steps"]
    (check,) = [step for step in steps if "sagemaker_hosting.preflight" in step.get("run", "")]
    (upload,) = [step for step in steps if "upload-sarif" in step.get("uses", "")]

    assert check["if"] == upload["if"] == "always()"
    assert check["run"].endswith(f"> {upload['with']['sarif_file']}")


def test_the_documented_options_exist(capsys: pytest.CaptureFixture[str]) -> None:
    text = (DOCS / "pull-request-checks.md").read_text()
    with pytest.raises(SystemExit):
        main(["--help"])
    help_text = capsys.readouterr().out

    options = set(
        re.findall(r"(?<=\s|`)--[a-z]+", " ".join(re.findall(r"sagemaker_hosting\.preflight[^`\n|]*|`--[^`]*`", text)))
    )

    assert options == {"--format", "--region"}
    assert all(option in help_text for option in options)


def test_the_documented_rules_exist() -> None:
    text = (DOCS / "pull-request-checks.md").read_text()
    named = set(re.findall(r"docs/rules/([a-z-]+)\.md|SageMaker-Preflight::([a-z-]+)", text))

    assert {one or other for one, other in named} <= {rule.id for rule in RULES}

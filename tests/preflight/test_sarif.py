import json
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest

from preflight.hosting_template import template_with
from sagemaker_hosting.preflight import RULES
from sagemaker_hosting.preflight.__main__ import main


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cdk.out").mkdir()
    template = template_with("Config", "ProductionVariants.0.InitialInstanceCount", 0)
    template["Resources"]["Config"]["Properties"]["EndpointConfigName"] = "iris"
    template["Resources"]["Config"]["Metadata"] = {"aws:cdk:path": "Hosting/Config/Resource"}
    (tmp_path / "cdk.out" / "Hosting.template.json").write_text(json.dumps(template, indent=1))
    main([str(tmp_path / "cdk.out"), "--format", "sarif"])
    loaded: dict[str, Any] = json.loads(capsys.readouterr().out)
    return loaded


def test_the_log_has_the_structure_of_sarif_2_1_0(report: dict[str, Any]) -> None:
    assert report["version"] == "2.1.0"
    assert report["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = report["runs"]
    assert run["tool"]["driver"]["name"] == "SageMaker Preflight"
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")


def test_every_rule_is_described(report: dict[str, Any]) -> None:
    rules = report["runs"][0]["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == [rule.id for rule in RULES]
    for rule in rules:
        assert urlparse(rule["helpUri"]).scheme == "https"
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note", "none")
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))


def test_a_result_points_to_its_rule_and_to_a_line_of_a_relative_file(report: dict[str, Any]) -> None:
    (run,) = report["runs"]
    results = {result["ruleId"]: result for result in run["results"]}

    assert results.keys() == {"property-range", "fixed-name"}
    result = results["property-range"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "property-range"
    assert result["level"] == "error"
    assert "InitialInstanceCount" in result["message"]["text"]
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": "cdk.out/Hosting.template.json"}
    assert location["physicalLocation"]["region"]["startLine"] > 1
    (logical,) = location["logicalLocations"]
    assert logical["fullyQualifiedName"].startswith("Hosting/Config/Resource.Properties.ProductionVariants.0")

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePath
from typing import Any

from sagemaker_hosting.preflight._finding import Finding
from sagemaker_hosting.preflight.rules import RULES

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def sarif_report(findings: Iterable[Finding]) -> dict[str, Any]:
    """The findings as SARIF 2.1.0, which code hosts show as annotations of a pull request."""
    index = {rule.id: position for position, rule in enumerate(RULES)}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver()},
                "results": [_result(finding, index[finding.rule]) for finding in findings],
                "columnKind": "utf16CodeUnits",
            }
        ],
    }


def _driver() -> dict[str, Any]:
    return {
        "name": "SageMaker Preflight",
        "semanticVersion": _version(),
        "rules": [
            {
                "id": rule.id,
                "shortDescription": {"text": f"{rule.title}."},
                "fullDescription": {"text": rule.reason},
                "help": {"text": f"{rule.fix} See {rule.page}."},
                "helpUri": rule.sources[0],
                "defaultConfiguration": {"level": rule.severity.value},
            }
            for rule in RULES
        ],
    }


def _version() -> str:
    try:
        return version("cdk-sagemaker-hosting")
    except PackageNotFoundError:
        return "0.0.0"


def _result(finding: Finding, rule_index: int) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": finding.severity.value,
        "message": {"text": finding.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(finding.template or "template")},
                    "region": {"startLine": finding.line or 1},
                },
                "logicalLocations": [
                    {
                        "name": finding.resource,
                        "fullyQualifiedName": f"{finding.construct_path or finding.resource}.{finding.path}",
                        "kind": "resource",
                    }
                ],
            }
        ],
        "partialFingerprints": {"place/v1": f"{finding.rule}:{finding.resource}:{finding.path}"},
    }


def _uri(path: str) -> str:
    """A path below the working directory relative to it, as code hosts expect, any other as a file URI."""
    file = Path(path)
    if file.is_absolute():
        try:
            file = file.relative_to(Path.cwd())
        except ValueError:
            return file.as_uri()
    return PurePath(file).as_posix()

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sagemaker_hosting import Hyperparameter
from sagemaker_hosting.preflight import check_template

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: dict[str, Any] = {
    "properties": {
        "depth": {"type": "integer", "minimum": 1, "maximum": 8, "default": 4},
        "rate": {"type": "number", "minimum": 0, "maximum": 0.5},
        "kind": {"enum": ["a", "b"], "default": "a"},
        "fast": {"type": "boolean", "default": True},
        "note": {"type": "string"},
    },
    "required": ["note"],
}


def findings(folder: Path, parameters: object, schema: object = SCHEMA) -> list[str]:
    (folder / "Dockerfile").write_text("FROM python:3.13-slim\n")
    (folder / "train").mkdir(exist_ok=True)
    (folder / "train" / "hyperparameters.schema.json").write_text(json.dumps(schema))
    specification = {
        "TrainingImage": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/assets:a1b2c3d4",
        "SupportedTrainingInstanceTypes": ["ml.m5.large"],
        "TrainingChannels": [{"Name": "a", "SupportedContentTypes": ["text/csv"], "SupportedInputModes": ["File"]}],
        "SupportedHyperParameters": parameters,
    }
    resource = {
        "Type": "AWS::SageMaker::Algorithm",
        "Properties": {"AlgorithmName": "a", "TrainingSpecification": specification},
    }
    found = check_template({"Resources": {"Algorithm": resource}}, assets={"a1b2c3d4": folder})
    return [f"{one.path}: {one.message}" for one in found if one.rule == "hyperparameter-declaration"]


def parameters(folder: Path) -> list[dict[str, Any]]:
    """Return what the library makes of the declaration."""
    file = folder / "declared.json"
    file.write_text(json.dumps(SCHEMA))
    return [one.describe() for one in Hyperparameter.from_file(file)]


def test_what_the_library_makes_of_the_file_agrees_with_it(tmp_path: Path) -> None:
    assert findings(tmp_path, parameters(tmp_path)) == []


@pytest.mark.parametrize(
    ("index", "change", "message"),
    [
        (0, {"Name": "dept"}, "lacks depth, which hyperparameters.schema.json of the image declares"),
        (0, {"Name": "dept"}, "is dept, which hyperparameters.schema.json of the image does not declare"),
        (0, {"Type": "Continuous"}, "must be Integer, as hyperparameters.schema.json of the image declares"),
        (0, {"DefaultValue": "5"}, "must be 4, as hyperparameters.schema.json"),
        (1, {"DefaultValue": "0.1"}, "is given, but hyperparameters.schema.json of the image declares none"),
        (
            1,
            {"Range": {"ContinuousParameterRangeSpecification": {"MinValue": "0", "MaxValue": "1"}}},
            "must be 0.5, as",
        ),
        (2, {"Range": {"CategoricalParameterRangeSpecification": {"Values": ["a"]}}}, "must be a, b, as"),
        (3, {"DefaultValue": "false"}, "must be true, as"),
        (4, {"IsRequired": False}, "must be true, as"),
    ],
)
def test_each_difference_is_found(tmp_path: Path, index: int, change: dict[str, Any], message: str) -> None:
    changed = parameters(tmp_path)
    changed[index] |= change
    found = findings(tmp_path, changed)

    assert any(message in one for one in found), found
    assert len(found) <= 2


def test_no_hyperparameters_at_all_are_too_few(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, {"Ref": "AWS::NoValue"})

    assert "lacks depth, fast, kind, note, rate" in found


@pytest.mark.parametrize("schema", [[], {}, {"properties": 1}, {"properties": {"depth": 1}, "required": 2}, None])
def test_a_file_that_declares_nothing_is_not_compared(tmp_path: Path, schema: object) -> None:
    assert findings(tmp_path, [], schema) == []


def test_what_is_known_only_at_deployment_is_not_compared(tmp_path: Path) -> None:
    changed = parameters(tmp_path)
    changed[0]["DefaultValue"] = {"Ref": "Depth"}

    assert findings(tmp_path, changed) == []
    assert findings(tmp_path, {"Fn::If": ["A", [], []]}) == []


def test_an_image_with_two_declarations_is_not_compared(tmp_path: Path) -> None:
    (tmp_path / "hyperparameters.schema.json").write_text("{}")

    assert findings(tmp_path, []) == []

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sagemaker_hosting import Hyperparameter, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def declare(folder: Path, **schema: Any) -> tuple[Hyperparameter, ...]:
    file = folder / "hyperparameters.schema.json"
    file.write_text(json.dumps({"type": "object", **schema}))
    return Hyperparameter.from_file(file)


def test_each_type_says_its_range_and_default_as_text() -> None:
    described = [
        Hyperparameter.integer("depth", minimum=1, maximum=8, default=4, tunable=True).describe(),
        Hyperparameter.continuous("rate", minimum=0, maximum=0.5, description="speed").describe(),
        Hyperparameter.categorical("kind", values=["a", "b"], default="b").describe(),
        Hyperparameter.free_text("note", required=True).describe(),
    ]

    assert described == [
        {
            "Name": "depth",
            "Type": "Integer",
            "DefaultValue": "4",
            "IsRequired": False,
            "IsTunable": True,
            "Range": {"IntegerParameterRangeSpecification": {"MinValue": "1", "MaxValue": "8"}},
        },
        {
            "Name": "rate",
            "Type": "Continuous",
            "Description": "speed",
            "IsRequired": False,
            "IsTunable": False,
            "Range": {"ContinuousParameterRangeSpecification": {"MinValue": "0", "MaxValue": "0.5"}},
        },
        {
            "Name": "kind",
            "Type": "Categorical",
            "DefaultValue": "b",
            "IsRequired": False,
            "IsTunable": False,
            "Range": {"CategoricalParameterRangeSpecification": {"Values": ["a", "b"]}},
        },
        {"Name": "note", "Type": "FreeText", "IsRequired": True, "IsTunable": False},
    ]


def test_a_file_declares_what_the_methods_make(tmp_path: Path) -> None:
    assert declare(
        tmp_path,
        properties={
            "depth": {"type": "integer", "minimum": 1, "maximum": 8, "default": 4, "tunable": True},
            "rate": {"type": "number", "description": "speed"},
            "kind": {"enum": ["a", "b"]},
            "fast": {"type": "boolean", "default": True},
            "note": {"type": "string"},
        },
        required=["note"],
    ) == (
        Hyperparameter.integer("depth", minimum=1, maximum=8, default=4, tunable=True),
        Hyperparameter.continuous("rate", description="speed"),
        Hyperparameter.categorical("kind", values=["a", "b"]),
        Hyperparameter.categorical("fast", values=["false", "true"], default="true"),
        Hyperparameter.free_text("note", required=True),
    )


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: Hyperparameter.integer(""), "length of name must be 1 to 256 characters, got 0"),
        (lambda: Hyperparameter.integer("a", description="x" * 1025), "length of description must be 0 to 1024"),
        (lambda: Hyperparameter.integer("a", default=1, required=True), "default must not be given if it is required"),
        (lambda: Hyperparameter.integer("a", default=1.5), "default must be a whole number, got 1.5"),  # type: ignore[arg-type]
        (lambda: Hyperparameter.continuous("a", default=float("inf")), "default must be a number, got inf"),
        (lambda: Hyperparameter.integer("a", minimum=1), "minimum and maximum must be given both or not at all"),
        (lambda: Hyperparameter.integer("a", tunable=True), "minimum and maximum must be given if it is tunable"),
        (
            lambda: Hyperparameter.integer("a", minimum=2, maximum=1),
            "minimum must be at most maximum, which is 1, got 2",
        ),
        (lambda: Hyperparameter.integer("a", minimum=1, maximum=2, default=3), "default must be 1 to 2 .* got 3"),
        (lambda: Hyperparameter.categorical("a", values=[]), "number of values must be 1 to 30 values, got 0"),
        (lambda: Hyperparameter.categorical("a", values=["b", "b"]), "values must be there once each"),
        (lambda: Hyperparameter.categorical("a", values=["x" * 257]), "length of each of values must be 0 to 256"),
        (lambda: Hyperparameter.categorical("a", values=["b"], default="c"), "default must be one of values, got 'c'"),
        (lambda: Hyperparameter.free_text("a", default="x" * 2501), "length of default must be 0 to 2500"),
        (lambda: Hyperparameter(name="a", kind="FreeText", tunable=True), "tunable must be False for free text"),
    ],
)
def test_fails_for_what_sagemaker_refuses(make: Callable[[], Hyperparameter], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        make()


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({}, "the file must be a JSON object with an object 'properties'"),
        ({"properties": {"a": 1}}, "a must be a JSON object, got 1"),
        ({"properties": {"a": {"type": "array"}}}, "type of a must be integer, number, string, boolean, got 'array'"),
        ({"properties": {"a": {"type": "integer", "exclusiveMinimum": 0}}}, "a must hold only .* exclusiveMinimum"),
        ({"properties": {"a": {"enum": [1, 2]}}}, "enum of a must be a list of strings"),
        ({"properties": {"a": {"type": "boolean", "default": "yes"}}}, "default of a must be true or false"),
        ({"properties": {}, "required": ["a"]}, "'required' must be a list of names in 'properties'"),
    ],
)
def test_fails_for_a_file_that_declares_more_than_hyperparameters_have(
    tmp_path: Path, schema: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        declare(tmp_path, **schema)


def test_fails_for_a_file_that_is_not_there_or_no_json(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="path must be a file that can be read"):
        Hyperparameter.from_file(tmp_path / "nowhere.json")
    (tmp_path / "text.json").write_text("{")
    with pytest.raises(ValidationError, match="path must be a file of JSON"):
        Hyperparameter.from_file(tmp_path / "text.json")

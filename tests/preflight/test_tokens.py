"""A value that is only known at deployment is never flagged."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from preflight.preflight_examples import load_example
from sagemaker_hosting.preflight import RULES, Rule, check_template

TOKENS: list[Any] = [
    {"Ref": "Parameter"},
    {"Fn::If": ["Condition", "one", {"Ref": "AWS::NoValue"}]},
    {"Fn::ImportValue": "Export"},
    {"Fn::Select": [0, {"Ref": "Parameter"}]},
    "{{resolve:ssm:/hosting/value}}",
]


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    children: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


def replaced(value: Any, path: tuple[str | int, ...], token: Any) -> Any:
    if not path:
        return token
    key, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {name: replaced(child, rest, token) if name == key else child for name, child in value.items()}
    return [replaced(child, rest, token) if index == key else child for index, child in enumerate(value)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_rule_flags_a_token(rule: Rule) -> None:
    template = load_example(rule.bad)
    for logical_id, resource in template["Resources"].items():
        for path in places(resource.get("Properties", {})):
            for token in TOKENS:
                changed = replaced(template, ("Resources", logical_id, "Properties", *path), token)
                here = ".".join(["Properties", *map(str, path)])

                flagged = [one.path for one in check_template(changed) if one.resource == logical_id]

                assert here not in flagged, f"{token} at {here}"
                assert not any(one.startswith(f"{here}.") for one in flagged), f"{token} at {here}"


def test_a_property_that_vanishes_counts_as_unknown() -> None:
    template = yaml.safe_load(
        """
        Resources:
          Config:
            Type: AWS::SageMaker::EndpointConfig
            Properties:
              ProductionVariants:
                - VariantName: AllTraffic
                  ModelName: iris
                  InstanceType: {"Fn::If": [OnInstances, ml.m5.large, {Ref: "AWS::NoValue"}]}
                  ServerlessConfig: {"Fn::If": [OnInstances, {Ref: "AWS::NoValue"}, {MemorySizeInMB: 1024}]}
        """
    )

    assert check_template(template) == []


def test_no_value_counts_as_absent() -> None:
    template = yaml.safe_load(
        """
        Resources:
          Config:
            Type: AWS::SageMaker::EndpointConfig
            Properties:
              ProductionVariants:
                - VariantName: AllTraffic
                  ModelName: iris
                  InstanceType: {Ref: "AWS::NoValue"}
        """
    )

    assert [one.rule for one in check_template(template)] == ["variant-instance-or-serverless"]

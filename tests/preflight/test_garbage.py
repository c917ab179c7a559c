"""Whatever is not shaped like a template neither raises nor hangs.

A rule that fails inside is reported as a warning, and warnings are errors here, so these tests see it.
"""

import json
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preflight.hosting_template import TEMPLATE
from preflight.preflight_examples import load_example
from preflight.test_tokens import places, replaced
from sagemaker_hosting.preflight import RULES, check_template

EXAMPLES = [load_example(rule.bad) for rule in RULES]
TYPES = sorted(
    {kind for rule in RULES for kind in rule.types} | {"AWS::IAM::Role", "AWS::IAM::Policy", "AWS::S3::Bucket"}
)
KEYS = sorted({str(key) for example in EXAMPLES for path in places(example) for key in path if isinstance(key, str)})

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["", "s3://", "endpoint/x/variant/y", "ml.m5.large", "${", "${A.B}", "arn:aws:iam::1:role/x", "*" * 50]
    )
)
garbage = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), inner, max_size=4)
        | st.builds(
            lambda key, value: {key: value},
            st.sampled_from(["Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::If"]),
            inner,
        )
    ),
    max_leaves=15,
)
resources = st.fixed_dictionaries(
    {
        "Type": st.sampled_from(TYPES),
        "Properties": st.dictionaries(st.sampled_from(KEYS), garbage, max_size=6) | garbage,
    },
    optional={"DependsOn": garbage, "Metadata": garbage, "Condition": garbage},
)
bounded = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@bounded
@given(garbage)
def test_anything_can_be_checked(template: Any) -> None:
    assert isinstance(check_template(template), list)


@bounded
@given(st.dictionaries(st.sampled_from(["A", "B", "C"]), resources, max_size=3))
def test_resources_of_garbage_can_be_checked(found: dict[str, Any]) -> None:
    assert isinstance(check_template({"Resources": found}, region="eu-west-1"), list)


@bounded
@given(st.data())
def test_a_template_with_one_wrong_value_can_be_checked(data: st.DataObject) -> None:
    example = data.draw(st.sampled_from(EXAMPLES))
    path = data.draw(st.sampled_from(list(places(example))))

    assert isinstance(check_template(replaced(example, path, data.draw(garbage))), list)


def test_resources_that_refer_to_each_other_in_circles_can_be_checked() -> None:
    template = {
        "Resources": {
            "Config": {
                "Type": "AWS::SageMaker::EndpointConfig",
                "DependsOn": "Endpoint",
                "Properties": {"ProductionVariants": [{"VariantName": "a", "ModelName": {"Ref": "Config"}}]},
            },
            "Endpoint": {
                "Type": "AWS::SageMaker::Endpoint",
                "Properties": {"EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}},
            },
        }
    }

    assert "circular-dependency" in [one.rule for one in check_template(template)]


def test_a_value_that_contains_itself_can_be_checked() -> None:
    variant: dict[str, Any] = {"VariantName": "a", "InstanceType": "ml.m5.large"}
    variant["ServerlessConfig"] = variant
    join: list[Any] = ["", []]
    join[1].append({"Fn::Join": join})
    template = {
        "Resources": {
            "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [variant]}},
            "Model": {
                "Type": "AWS::SageMaker::Model",
                "Properties": {"PrimaryContainer": {"Image": {"Fn::Join": join}}},
            },
        }
    }

    assert isinstance(check_template(template), list)


def test_deep_nesting_and_large_values_are_checked_to_the_end() -> None:
    deep: Any = "end"
    for _ in range(50_000):
        deep = {"Fn::Join": ["", [deep]]}
    wide = {"Fn::Join": ["-", ["x" * 1000] * 20_000]}
    template = {
        "Resources": {
            "Model": {
                "Type": "AWS::SageMaker::Model",
                "Properties": {
                    "ModelName": "-" * 1_000_000,
                    "PrimaryContainer": {"Image": deep, "ModelDataUrl": wide, "Environment": {"A" * 1_000_000: "x"}},
                },
            }
        }
    }

    assert isinstance(check_template(template), list)


def test_a_template_of_many_megabytes_is_checked_to_the_end() -> None:
    variant = {"VariantName": "all", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    padding = {
        f"Topic{number}": {"Type": "AWS::SNS::Topic", "Metadata": {"x": "y" * 10_000}} for number in range(5_000)
    }
    config = {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [variant] * 5_000}}
    text = json.dumps({"Resources": {**padding, "Config": config}})
    assert len(text) > 50_000_000

    found = check_template(json.loads(text))

    assert {"property-length", "variant-name-duplicate"} <= {one.rule for one in found}


def calls(template: Any) -> int:
    """Count the calls of functions that a check makes."""
    counted = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event == "call"

    sys.setprofile(count)
    try:
        check_template(template)
    finally:
        sys.setprofile(None)
    return counted


def chain(copies: int) -> dict[str, Any]:
    return {
        "Resources": {
            f"{name}{copy}": {**resource, "DependsOn": f"{name}{copy - 1}"}
            for copy in range(copies)
            for name, resource in TEMPLATE["Resources"].items()
        }
    }


def test_the_work_grows_with_the_number_of_resources_and_no_faster() -> None:
    calls(chain(1))

    assert calls(chain(40)) < 2.2 * calls(chain(20))


def test_a_resource_of_very_many_unknown_properties_has_some_findings() -> None:
    properties = {f"ProductionVariant{number}": number for number in range(200_000)}
    config = {"Type": "AWS::SageMaker::EndpointConfig", "Properties": properties}

    found = check_template({"Resources": {"Config": config}})

    assert 0 < len(found) <= 200


def test_fails_softly_when_a_rule_itself_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagemaker_hosting.preflight.rules.fixed_name.NAMES", {})
    template = {"Resources": {"Model": {"Type": "AWS::SageMaker::Model", "Properties": {"ModelName": "iris"}}}}

    with pytest.warns(UserWarning, match="preflight rule fixed-name failed on Model: KeyError"):
        found = check_template(template)

    assert [one.rule for one in found] == ["model-container-missing", "role-missing"]

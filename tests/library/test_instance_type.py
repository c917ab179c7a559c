from __future__ import annotations

import re

import aws_cdk as cdk
import botocore.session
import pytest

from sagemaker_hosting import Architecture, InstanceType, ValidationError


def hosting_instance_types() -> list[str]:
    service = botocore.session.get_session().get_service_model("sagemaker")
    return list(service.shape_for("ProductionVariantInstanceType").enum)


def constant_of(name: str) -> str:
    _, family, size = name.split(".")
    return re.sub(r"(?<=\d)(?=[a-z])", "_", f"{family}_{size}".replace("-", "_")).upper()


@pytest.mark.parametrize("name", hosting_instance_types())
def test_every_type_of_the_service_model_is_a_constant_that_renders_its_name(name: str) -> None:
    constant = getattr(InstanceType, constant_of(name))

    assert isinstance(constant, InstanceType)
    assert constant.to_string() == name


@pytest.mark.parametrize(
    ("name", "architecture"),
    [
        ("ml.m5.large", Architecture.X86_64),
        ("ml.g5.xlarge", Architecture.X86_64),
        ("ml.g4dn.xlarge", Architecture.X86_64),
        ("ml.c7g.large", Architecture.ARM_64),
        ("ml.c6gn.large", Architecture.ARM_64),
        ("ml.m6gd.large", Architecture.ARM_64),
    ],
)
def test_graviton_types_are_arm_and_all_others_are_not(name: str, architecture: Architecture) -> None:
    assert InstanceType.of(name).architecture is architecture


def test_a_type_equals_another_of_the_same_name() -> None:
    assert InstanceType.of("ml.m5.large") == InstanceType.M5_LARGE
    assert len({InstanceType.of("ml.m5.large"), InstanceType.M5_LARGE}) == 1


def test_a_token_is_not_looked_up() -> None:
    assert InstanceType.of(cdk.Fn.ref("Parameter")).architecture is Architecture.X86_64


def test_a_type_newer_than_the_release_can_be_named() -> None:
    assert InstanceType.unchecked("ml.m99.large").to_string() == "ml.m99.large"


def test_fails_for_a_type_that_does_not_exist_and_names_the_nearest() -> None:
    with pytest.raises(ValidationError, match=r"got 'ml\.m5\.lrge' \(did you mean ml\.m5\.large"):
        InstanceType.of("ml.m5.lrge")

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
        ("ml.p6e-gb200.36xlarge", Architecture.ARM_64),
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


@pytest.mark.parametrize(
    "name", ["ml.g4dn.xlarge", "ml.m5d.large", "ml.g5.xlarge", "ml.trn1.2xlarge", "ml.p5.48xlarge"]
)
def test_types_with_disks_of_their_own_are_known_by_name_or_family(name: str) -> None:
    assert InstanceType.of(name).has_local_disks


@pytest.mark.parametrize("name", ["ml.m5.large", "ml.c7g.large", "ml.inf2.xlarge"])
def test_types_without_disks_take_a_volume(name: str) -> None:
    assert not InstanceType.of(name).has_local_disks


@pytest.mark.parametrize("name", hosting_instance_types())
def test_the_architecture_that_ec2_describes_is_what_the_name_says(name: str) -> None:
    named = re.match(r"ml\.[a-z]+\d+g[a-z]*\.", name) is not None

    assert (InstanceType.of(name).architecture is Architecture.ARM_64) == (named or "-gb200" in name)


@pytest.mark.parametrize(("name", "architecture"), [("ml.z9g.large", "ARM_64"), ("ml.z9.large", "X86_64")])
def test_the_architecture_of_a_type_of_tomorrow_is_what_its_name_says(name: str, architecture: str) -> None:
    assert InstanceType.unchecked(name).architecture is Architecture[architecture]

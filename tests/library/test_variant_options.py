from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from library.templates import only, small_model, statement
from sagemaker_hosting import (
    CoreDump,
    EndpointConfig,
    InstanceProductionVariantProps,
    InstanceType,
    ManagedInstanceScaling,
    Model,
    RoutingStrategy,
    ValidationError,
)


def variant(stack: cdk.Stack, **arguments: Any) -> InstanceProductionVariantProps:
    model = Model.from_model_name(stack, "Model", "iris")
    return InstanceProductionVariantProps(model=model, variant_name="main", **arguments)


def rendered(stack: cdk.Stack, **arguments: Any) -> dict[str, Any]:
    EndpointConfig(stack, "Config", instance_production_variants=[variant(stack, **arguments)])
    found: dict[str, Any] = only(stack, "AWS::SageMaker::EndpointConfig")["ProductionVariants"][0]
    return found


def test_options_of_the_instances_are_rendered(stack: cdk.Stack) -> None:
    found = rendered(
        stack,
        enable_ssm_access=True,
        inference_ami_version="al2-ami-sagemaker-inference-gpu-3-1",
        instance_type=InstanceType.M5_LARGE,
        managed_instance_scaling=ManagedInstanceScaling(max_instance_count=4),
        routing_strategy=RoutingStrategy.LEAST_OUTSTANDING_REQUESTS,
        volume_size=cdk.Size.gibibytes(512),
    )

    assert found["EnableSSMAccess"] is True
    assert found["InferenceAmiVersion"] == "al2-ami-sagemaker-inference-gpu-3-1"
    assert found["ManagedInstanceScaling"] == {"MaxInstanceCount": 4, "MinInstanceCount": 1, "Status": "ENABLED"}
    assert found["RoutingConfig"] == {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"}
    assert found["VolumeSizeInGB"] == 512


def test_access_that_is_refused_is_not_access_that_is_not_mentioned(stack: cdk.Stack) -> None:
    assert rendered(stack, enable_ssm_access=False)["EnableSSMAccess"] is False


def test_a_minimum_of_no_instances_is_none(stack: cdk.Stack) -> None:
    scaling = ManagedInstanceScaling(max_instance_count=2, min_instance_count=0)

    assert rendered(stack, managed_instance_scaling=scaling)["ManagedInstanceScaling"]["MinInstanceCount"] == 0


def test_a_core_dump_is_written_to_its_folder_by_the_role_of_the_model(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "dumps")
    model = small_model(stack)
    EndpointConfig(
        stack,
        "Config",
        instance_production_variants=[
            InstanceProductionVariantProps(
                model=model, variant_name="main", core_dump=CoreDump(bucket=bucket, prefix="iris")
            )
        ],
    )

    config = only(stack, "AWS::SageMaker::EndpointConfig")
    assert config["ProductionVariants"][0]["CoreDumpConfig"] == {"DestinationS3Uri": "s3://dumps/iris"}
    assert statement(stack, "s3:PutObject")["Resource"]["Fn::Join"][1][-1] == ":s3:::dumps/iris/*"


@pytest.mark.parametrize("size", [cdk.Size.gibibytes(513), cdk.Size.gibibytes(0)])
def test_fails_for_a_volume_outside_the_limits(stack: cdk.Stack, size: cdk.Size) -> None:
    with pytest.raises(ValidationError, match="volume_size must be 1 to 512 GiB, got"):
        variant(stack, instance_type=InstanceType.M5_LARGE, volume_size=size)


@pytest.mark.parametrize("name", ["ml.g4dn.xlarge", "ml.m5d.large", "ml.p4d.24xlarge", "ml.m6gd.large"])
def test_fails_for_a_volume_beside_local_disks(stack: cdk.Stack, name: str) -> None:
    with pytest.raises(ValidationError, match=rf"volume_size must not be given for {name}, whose local disks"):
        variant(stack, instance_type=InstanceType.of(name), volume_size=cdk.Size.gibibytes(100))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"max_instance_count": 0}, "max_instance_count must be at least 1 instances, got 0"),
        (
            {"max_instance_count": 1, "min_instance_count": -1},
            "min_instance_count must be at least 0 instances, got -1",
        ),
        (
            {"max_instance_count": 1, "min_instance_count": 2},
            r"min_instance_count must be at most max_instance_count \(1\), got 2",
        ),
    ],
)
def test_fails_for_a_range_of_instances_that_sagemaker_refuses(arguments: dict[str, int], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        ManagedInstanceScaling(**arguments)


def test_fails_for_a_core_dump_without_a_folder(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "dumps")

    with pytest.raises(ValidationError, match="prefix must be a folder without a slash at either end, got '/iris'"):
        CoreDump(bucket=bucket, prefix="/iris")

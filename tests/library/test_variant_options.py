from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from library.templates import only, small_model, statement
from sagemaker_hosting import (
    CoreDump,
    EndpointConfig,
    InstancePool,
    InstanceProductionVariantProps,
    InstanceType,
    ManagedInstanceScaling,
    Model,
    PrefixAwareRouting,
    RoutingStrategy,
    ScaleInStrategy,
    ValidationError,
)


def variant(stack: cdk.Stack, **arguments: Any) -> InstanceProductionVariantProps:
    given = {"model": Model.from_model_name(stack, "Model", "iris"), "variant_name": "main", **arguments}
    return InstanceProductionVariantProps(**given)


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

    found = rendered(stack, managed_instance_scaling=scaling, model=None)
    assert found["ManagedInstanceScaling"]["MinInstanceCount"] == 0


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


def test_pools_of_instances_are_tried_in_their_order(stack: cdk.Stack) -> None:
    compiled = Model.from_model_name(stack, "Compiled", "iris-neuron")
    found = rendered(
        stack,
        instance_pools=[
            InstancePool(instance_type=InstanceType.G6_XLARGE),
            InstancePool(instance_type=InstanceType.INF2_XLARGE, model=compiled),
        ],
        provision_timeout=cdk.Duration.minutes(10),
    )

    assert found["InstancePools"] == [
        {"InstanceType": "ml.g6.xlarge", "Priority": 1},
        {"InstanceType": "ml.inf2.xlarge", "ModelNameOverride": "iris-neuron", "Priority": 2},
    ]
    assert "InstanceType" not in found
    assert found["VariantInstanceProvisionTimeoutInSeconds"] == 600


def test_instances_come_from_a_reservation_alone(stack: cdk.Stack) -> None:
    arn = "arn:aws:sagemaker:eu-central-1:111122223333:training-plan/iris"

    assert rendered(stack, capacity_reservation_arn=arn)["CapacityReservationConfig"] == {
        "CapacityReservationPreference": "capacity-reservations-only",
        "MlReservationArn": arn,
    }


def test_requests_that_begin_alike_meet_on_one_instance(stack: cdk.Stack) -> None:
    found = rendered(
        stack,
        prefix_aware_routing=PrefixAwareRouting(concurrency_threshold=8, prefix_length=4096),
        routing_strategy=RoutingStrategy.PREFIX_AWARE,
    )

    assert found["RoutingConfig"] == {
        "PrefixAwareRoutingConfig": {"ConcurrencyThreshold": 8, "PrefixLength": 4096},
        "RoutingStrategy": "PREFIX_AWARE",
    }


def test_copies_can_be_moved_together(stack: cdk.Stack) -> None:
    scaling = ManagedInstanceScaling(
        max_instance_count=4,
        consolidation_cooldown=cdk.Duration.minutes(30),
        consolidation_step_size=2,
        scale_in_strategy=ScaleInStrategy.CONSOLIDATION,
    )

    assert rendered(stack, managed_instance_scaling=scaling)["ManagedInstanceScaling"]["ScaleInPolicy"] == {
        "CooldownInMinutes": 30,
        "MaximumStepSize": 2,
        "Strategy": "CONSOLIDATION",
    }


SMALL = ManagedInstanceScaling(max_instance_count=1)
ZERO = ManagedInstanceScaling(max_instance_count=1, min_instance_count=0)
POOL = InstancePool(instance_type=InstanceType.G5_XLARGE)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"instance_pools": []}, "instance_pools must be 1 to 5 pools, got 0"),
        ({"instance_pools": [POOL, POOL]}, "instance_type must be unique among instance_pools, got 'ml.g5.xlarge'"),
        (
            {"instance_pools": [POOL], "instance_type": InstanceType.M5_LARGE},
            "instance_type must not be given together with instance_pools",
        ),
        ({"capacity_reservation_arn": ""}, "capacity_reservation_arn must be the ARN of a reservation of SageMaker"),
        ({"provision_timeout": cdk.Duration.seconds(0)}, "provision_timeout must be 300 to 3600 seconds, got 0"),
        ({"routing_strategy": RoutingStrategy.PREFIX_AWARE}, "prefix_aware_routing must be given together with"),
        (
            {"initial_instance_count": 2, "managed_instance_scaling": SMALL},
            r"initial_instance_count must be at most max_instance_count of managed_instance_scaling \(1\), got 2",
        ),
        ({"managed_instance_scaling": ZERO}, "must be at least 1 for a variant with a model, got 0"),
    ],
)
def test_fails_for_options_that_sagemaker_refuses(stack: cdk.Stack, arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        variant(stack, **arguments)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"concurrency_threshold": 0}, "concurrency_threshold must be 1 to 1024 requests, got 0"),
        ({"prefix_length": 100}, "prefix_length must be 1024 to 65536 bytes, got 100"),
    ],
)
def test_fails_for_a_prefix_that_is_not_one(arguments: dict[str, int], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        PrefixAwareRouting(**{"concurrency_threshold": 8, "prefix_length": 4096, **arguments})


@pytest.mark.parametrize("size", [cdk.Size.gibibytes(513), cdk.Size.gibibytes(0)])
def test_fails_for_a_volume_outside_the_limits(stack: cdk.Stack, size: cdk.Size) -> None:
    with pytest.raises(ValidationError, match="volume_size must be 1 to 512 GiB, got"):
        variant(stack, instance_type=InstanceType.M5_LARGE, volume_size=size)


@pytest.mark.parametrize("name", ["ml.g4dn.xlarge", "ml.m5d.large", "ml.p4d.24xlarge", "ml.m6gd.large", "ml.g5.xlarge"])
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
            {"max_instance_count": 1, "consolidation_step_size": 0},
            "consolidation_step_size must be 1 to 100 instances, got 0",
        ),
        (
            {"max_instance_count": 1, "consolidation_cooldown": cdk.Duration.minutes(6)},
            "consolidation_cooldown must not be given without scale_in_strategy",
        ),
        (
            {"max_instance_count": 1, "min_instance_count": 2},
            r"min_instance_count must be at most max_instance_count \(1\), got 2",
        ),
    ],
)
def test_fails_for_a_range_of_instances_that_sagemaker_refuses(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        ManagedInstanceScaling(**arguments)


def test_fails_for_a_core_dump_without_a_folder(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "dumps")

    with pytest.raises(ValidationError, match="prefix must be a folder without a slash at either end, got '/iris'"):
        CoreDump(bucket=bucket, prefix="/iris")

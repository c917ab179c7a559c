from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from library.templates import only
from sagemaker_hosting import (
    AsyncInference,
    Endpoint,
    EndpointConfig,
    InstanceType,
    ManagedInstanceScaling,
    Model,
    ScalableInstanceCount,
    ServerlessProductionVariantProps,
    ValidationError,
)

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"


def endpoint(stack: cdk.Stack, *names: str, instance_type: InstanceType = InstanceType.M5_LARGE) -> Endpoint:
    config = EndpointConfig(stack, "Config")
    model = Model.from_model_name(stack, "Model", "iris")
    for name in names or ("main",):
        config.add_instance_production_variant(
            model=model, variant_name=name, initial_instance_count=2, instance_type=instance_type
        )
    return Endpoint(stack, "Endpoint", endpoint_config=config)


def queue(stack: cdk.Stack) -> Endpoint:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "data")
    config = EndpointConfig(
        stack,
        "Config",
        async_inference=AsyncInference(
            input_bucket=bucket, input_prefix="in", output_bucket=bucket, output_prefix="out"
        ),
    )
    config.add_instance_production_variant(
        model=Model.from_model_name(stack, "Model", "iris"),
        variant_name="main",
        instance_type=InstanceType.M5_LARGE,
    )
    return Endpoint(stack, "Endpoint", endpoint_config=config)


def serverless(stack: cdk.Stack, **arguments: Any) -> Endpoint:
    variant = ServerlessProductionVariantProps(
        max_concurrency=10,
        memory_size_in_mb=1024,
        model=Model.from_model_name(stack, "Model", "iris"),
        variant_name="main",
        **arguments,
    )
    return Endpoint(
        stack, "Endpoint", endpoint_config=EndpointConfig(stack, "Config", serverless_production_variant=variant)
    )


@pytest.fixture
def count(stack: cdk.Stack) -> ScalableInstanceCount:
    return endpoint(stack).find_instance_production_variant("main").auto_scale_instance_count(max_capacity=5)


def policy(stack: cdk.Stack) -> dict[str, Any]:
    found: dict[str, Any] = only(stack, POLICY)
    return found


@pytest.mark.usefixtures("count")
def test_a_variant_is_registered_with_its_initial_count_as_the_minimum(stack: cdk.Stack) -> None:
    target = only(stack, TARGET)

    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 5)
    assert target["ScalableDimension"] == "sagemaker:variant:DesiredInstanceCount"
    assert target["ServiceNamespace"] == "sagemaker"
    assert target["ResourceId"]["Fn::Join"][1][0] == "endpoint/"
    assert target["ResourceId"]["Fn::Join"][1][2] == "/variant/main"
    assert target["RoleARN"]["Fn::Join"][1][-1].endswith("/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint")


@pytest.mark.usefixtures("count")
def test_an_update_keeps_the_count_that_scaling_has_set_and_sets_the_weights(stack: cdk.Stack) -> None:
    found = only(stack, "AWS::SageMaker::Endpoint")

    assert found["RetainAllVariantProperties"] is True
    assert found["ExcludeRetainedVariantProperties"] == [{"VariantPropertyType": "DesiredWeight"}]


def test_an_update_of_an_endpoint_that_is_not_scaled_sets_the_count(stack: cdk.Stack) -> None:
    endpoint(stack)

    assert "RetainAllVariantProperties" not in only(stack, "AWS::SageMaker::Endpoint")


def test_two_variants_of_one_endpoint_are_scaled_side_by_side(stack: cdk.Stack) -> None:
    made = endpoint(stack, "main", "candidate")
    for name in ("main", "candidate"):
        count = made.find_instance_production_variant(name).auto_scale_instance_count(max_capacity=5)
        count.scale_on_invocations("Invocations", max_requests_per_second=1)

    Template.from_stack(stack).resource_count_is(TARGET, 2)
    Template.from_stack(stack).resource_count_is(POLICY, 2)


def test_requests_per_second_become_requests_per_minute_with_half_to_spare(
    stack: cdk.Stack, count: ScalableInstanceCount
) -> None:
    count.scale_on_invocations("Invocations", max_requests_per_second=30, scale_in_cooldown=cdk.Duration.minutes(10))

    assert policy(stack)["TargetTrackingScalingPolicyConfiguration"] == {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleInCooldown": 600,
        "TargetValue": 900,
    }


def test_the_safety_factor_can_be_chosen(stack: cdk.Stack, count: ScalableInstanceCount) -> None:
    count.scale_on_invocations("Invocations", max_requests_per_second=10, safety_factor=1)

    assert policy(stack)["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 600


def test_a_variant_scales_on_concurrency(stack: cdk.Stack, count: ScalableInstanceCount) -> None:
    count.scale_on_concurrency("Concurrency", max_concurrent_requests=4)

    found = policy(stack)["TargetTrackingScalingPolicyConfiguration"]
    assert found["TargetValue"] == 4
    assert found["PredefinedMetricSpecification"] == {
        "PredefinedMetricType": "SageMakerVariantConcurrentRequestsPerModelHighResolution"
    }


def test_a_variant_scales_on_any_metric(stack: cdk.Stack) -> None:
    variant = endpoint(stack).find_instance_production_variant("main")
    variant.auto_scale_instance_count(max_capacity=5).scale_on_metric(
        "Processors", metric=variant.metric_cpu_utilization(), target_value=60, disable_scale_in=True
    )

    found = policy(stack)["TargetTrackingScalingPolicyConfiguration"]
    assert found["CustomizedMetricSpecification"]["MetricName"] == "CPUUtilization"
    assert found["DisableScaleIn"] is True
    assert found["TargetValue"] == 60


def test_a_variant_scales_in_steps(stack: cdk.Stack) -> None:
    variant = endpoint(stack).find_instance_production_variant("main")
    variant.auto_scale_instance_count(max_capacity=5).scale_on_step_metric(
        "Steps",
        metric=variant.metric_cpu_utilization(),
        scaling_steps=[
            autoscaling.ScalingInterval(change=-1, upper=20),
            autoscaling.ScalingInterval(change=2, lower=80),
        ],
    )

    found = Template.from_stack(stack).find_resources(POLICY).values()
    assert {entry["Properties"]["PolicyType"] for entry in found} == {"StepScaling"}
    Template.from_stack(stack).resource_count_is("AWS::CloudWatch::Alarm", 2)


def test_a_variant_scales_by_the_clock(stack: cdk.Stack, count: ScalableInstanceCount) -> None:
    count.scale_on_schedule("Morning", schedule=autoscaling.Schedule.cron(hour="8", minute="0"), min_capacity=4)

    (action,) = only(stack, TARGET)["ScheduledActions"]
    assert action["Schedule"] == "cron(0 8 * * ? *)"
    assert action["ScalableTargetAction"] == {"MinCapacity": 4}


def test_an_asynchronous_endpoint_scales_to_zero_and_back(stack: cdk.Stack) -> None:
    made = queue(stack)
    count = made.find_instance_production_variant("main").auto_scale_instance_count(max_capacity=3, min_capacity=0)
    count.scale_from_zero("First", metric=made.metric_has_backlog_without_capacity())

    assert only(stack, TARGET)["MinCapacity"] == 0
    steps = policy(stack)["StepScalingPolicyConfiguration"]["StepAdjustments"]
    assert steps == [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]
    alarm = only(stack, "AWS::CloudWatch::Alarm")
    assert (alarm["MetricName"], alarm["Threshold"]) == ("HasBacklogWithoutCapacity", 1)


def test_provisioned_concurrency_is_scaled(stack: cdk.Stack) -> None:
    variant = serverless(stack, provisioned_concurrency=2).find_serverless_production_variant("main")
    variant.auto_scale_provisioned_concurrency(max_capacity=10).scale_on_utilization("Use", target_utilization=0.7)

    target = only(stack, TARGET)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 10)
    assert target["ScalableDimension"] == "sagemaker:variant:DesiredProvisionedConcurrency"
    assert policy(stack)["TargetTrackingScalingPolicyConfiguration"] == {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"},
        "TargetValue": 0.7,
    }


def test_capacities_that_are_not_known_yet_pass_unchecked(stack: cdk.Stack) -> None:
    most: Any = cdk.Token.as_number({"Ref": "Most"})
    endpoint(stack).find_instance_production_variant("main").auto_scale_instance_count(max_capacity=most)

    assert only(stack, TARGET)["MaxCapacity"] == {"Ref": "Most"}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"max_capacity": 3, "min_capacity": 0}, "min_capacity must be at least 1 as a capacity, got 0"),
        ({"max_capacity": 0, "min_capacity": 1}, "max_capacity must be at least 1 as a capacity, got 0"),
        ({"max_capacity": 3, "min_capacity": 4}, r"min_capacity must be at most max_capacity \(3\), got 4"),
        ({"max_capacity": 1}, r"max_capacity must be at least initial_instance_count \(2\), got 1"),
    ],
)
def test_fails_for_a_capacity_outside_the_limits(stack: cdk.Stack, arguments: dict[str, int], problem: str) -> None:
    variant = endpoint(stack).find_instance_production_variant("main")

    with pytest.raises(ValidationError, match=problem):
        variant.auto_scale_instance_count(**arguments)


def test_fails_for_a_burstable_instance_type(stack: cdk.Stack) -> None:
    variant = endpoint(stack, instance_type=InstanceType.T2_MEDIUM).find_instance_production_variant("main")

    with pytest.raises(ValidationError, match=r"instance_type must not be burstable to be scaled, got ml\.t2\.medium"):
        variant.auto_scale_instance_count(max_capacity=3)


def test_fails_for_a_variant_that_is_scaled_already(stack: cdk.Stack) -> None:
    made = endpoint(stack)
    made.find_instance_production_variant("main").auto_scale_instance_count(max_capacity=3)

    with pytest.raises(ValidationError, match="the variant 'main' must be scaled only once"):
        made.find_instance_production_variant("main").auto_scale_instance_count(max_capacity=3)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"max_requests_per_second": 0}, "max_requests_per_second must be above 0, got 0"),
        ({"max_requests_per_second": 1, "safety_factor": 0}, "safety_factor must be above 0, got 0"),
        ({"max_requests_per_second": 1, "safety_factor": 1.5}, "safety_factor must be 0 to 1 as a share, got 1.5"),
    ],
)
def test_fails_for_requests_outside_the_limits(
    count: ScalableInstanceCount, arguments: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        count.scale_on_invocations("Invocations", **arguments)


def test_fails_for_invocations_of_an_asynchronous_endpoint(stack: cdk.Stack) -> None:
    count = queue(stack).find_instance_production_variant("main").auto_scale_instance_count(max_capacity=3)

    with pytest.raises(ValidationError, match="scale_on_invocations needs a metric that asynchronous endpoints do not"):
        count.scale_on_invocations("Invocations", max_requests_per_second=1)
    with pytest.raises(ValidationError, match="scale_on_concurrency needs a metric that asynchronous endpoints do not"):
        count.scale_on_concurrency("Concurrency", max_concurrent_requests=1)


def test_fails_for_a_schedule_that_changes_nothing(count: ScalableInstanceCount) -> None:
    with pytest.raises(ValidationError, match="min_capacity or max_capacity must be given, got none"):
        count.scale_on_schedule("Never", schedule=autoscaling.Schedule.cron(hour="8"))


def test_fails_for_concurrency_that_is_not_provisioned_or_above_the_maximum(stack: cdk.Stack) -> None:
    variant = serverless(stack).find_serverless_production_variant("main")

    with pytest.raises(ValidationError) as failure:
        variant.auto_scale_provisioned_concurrency(max_capacity=11)
    assert failure.value.problems == (
        "max_capacity must be 1 to 10 requests (max_concurrency), got 11",
        "provisioned_concurrency of the variant must be given, got none",
    )


def test_fails_for_a_utilization_above_one(stack: cdk.Stack) -> None:
    variant = serverless(stack, provisioned_concurrency=2).find_serverless_production_variant("main")

    with pytest.raises(ValidationError, match="target_utilization must be 0 to 1 as a share, got 70"):
        variant.auto_scale_provisioned_concurrency(max_capacity=3).scale_on_utilization("Use", target_utilization=70)


def test_fails_to_begin_at_zero_where_no_request_waits(stack: cdk.Stack) -> None:
    made = endpoint(stack)
    count = made.find_instance_production_variant("main").auto_scale_instance_count(max_capacity=3)

    with pytest.raises(ValidationError, match="async_inference must be given for an endpoint that scales from zero"):
        count.scale_from_zero("First", metric=made.metric_has_backlog_without_capacity())


def test_fails_for_fewer_instances_than_there_are_at_first(stack: cdk.Stack) -> None:
    variant = endpoint(stack).find_instance_production_variant("main")

    with pytest.raises(ValidationError, match=r"max_capacity must be at least initial_instance_count \(2\), got 1"):
        variant.auto_scale_instance_count(max_capacity=1, min_capacity=1)


def test_fails_to_scale_instances_that_sagemaker_scales(stack: cdk.Stack) -> None:
    config = EndpointConfig(stack, "Config")
    config.add_instance_production_variant(
        variant_name="main",
        instance_type=InstanceType.M5_LARGE,
        managed_instance_scaling=ManagedInstanceScaling(max_instance_count=2),
    )
    variant = Endpoint(stack, "Endpoint", endpoint_config=config).find_instance_production_variant("main")

    with pytest.raises(ValidationError, match="managed_instance_scaling must not be given for a variant to be scaled"):
        variant.auto_scale_instance_count(max_capacity=2)

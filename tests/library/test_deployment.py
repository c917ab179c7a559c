from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk.assertions import Match, Template

from library.templates import only, small_model, statement
from sagemaker_hosting import (
    CapacitySize,
    Deployment,
    Endpoint,
    EndpointConfig,
    Model,
    RollbackAlarms,
    ValidationError,
)
from sagemaker_hosting.preflight import check_template

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTES = cdk.Duration.minutes
NO_ALARMS = RollbackAlarms.none()


def endpoint(stack: cdk.Stack, *names: str, **arguments: Any) -> Endpoint:
    config = EndpointConfig(stack, "Config")
    model = Model.from_model_name(stack, "Model", "iris")
    for name in names or ("main",):
        config.add_instance_production_variant(model=model, variant_name=name)
    return Endpoint(stack, "Endpoint", endpoint_config=config, **arguments)


def rendered(stack: cdk.Stack, deployment: Deployment) -> dict[str, Any]:
    endpoint(stack, deployment=deployment)
    found: dict[str, Any] = only(stack, "AWS::SageMaker::Endpoint")["DeploymentConfig"]
    return found


def test_all_requests_move_at_once(stack: cdk.Stack) -> None:
    deployment = Deployment.blue_green_all_at_once(
        maximum_execution_timeout=MINUTES(30),
        rollback_alarms=NO_ALARMS,
        termination_wait=MINUTES(1),
        wait_interval=cdk.Duration.seconds(0),
    )

    assert rendered(stack, deployment) == {
        "BlueGreenUpdatePolicy": {
            "MaximumExecutionTimeoutInSeconds": 1800,
            "TerminationWaitInSeconds": 60,
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
        }
    }


def test_the_role_of_the_model_may_see_the_alarms_before_a_deployment(stack: cdk.Stack) -> None:
    config = EndpointConfig(stack, "Config")
    model = small_model(stack)
    for name in ("one", "two"):
        config.add_instance_production_variant(model=model, variant_name=name)
    alarm = cloudwatch.Alarm.from_alarm_arn(stack, "Alarm", "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:iris")
    deployment = Deployment.blue_green_all_at_once(rollback_alarms=RollbackAlarms.of(alarm))
    Endpoint(stack, "Endpoint", endpoint_config=config, deployment=deployment)

    assert statement(stack, "cloudwatch:DescribeAlarms")["Resource"] == alarm.alarm_arn
    Template.from_stack(stack).has_resource(
        "AWS::SageMaker::Endpoint", {"DependsOn": [Match.string_like_regexp("EndpointAlarmPolicy")]}
    )
    assert check_template(Template.from_stack(stack).to_json()) == []


def test_a_few_requests_move_first(stack: cdk.Stack) -> None:
    deployment = Deployment.blue_green_canary(canary_size=CapacitySize.percent(10), rollback_alarms=NO_ALARMS)

    assert rendered(stack, deployment) == {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
                "Type": "CANARY",
                "WaitIntervalInSeconds": 300,
            }
        }
    }


def test_requests_move_in_equal_steps(stack: cdk.Stack) -> None:
    deployment = Deployment.blue_green_linear(
        rollback_alarms=NO_ALARMS, step_size=CapacitySize.instances(1), wait_interval=MINUTES(2)
    )

    assert rendered(stack, deployment)["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"] == {
        "LinearStepSize": {"Type": "INSTANCE_COUNT", "Value": 1},
        "Type": "LINEAR",
        "WaitIntervalInSeconds": 120,
    }


def test_instances_are_exchanged_in_batches(stack: cdk.Stack) -> None:
    deployment = Deployment.rolling(
        maximum_batch_size=CapacitySize.percent(25),
        maximum_execution_timeout=MINUTES(60),
        rollback_alarms=NO_ALARMS,
        rollback_maximum_batch_size=CapacitySize.percent(100),
    )

    assert rendered(stack, deployment) == {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 25},
            "MaximumExecutionTimeoutInSeconds": 3600,
            "RollbackMaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 100},
            "WaitIntervalInSeconds": 300,
        }
    }


def test_the_endpoint_watches_itself_unless_told_otherwise(stack: cdk.Stack) -> None:
    found = rendered(stack, Deployment.blue_green_all_at_once())

    alarms = Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm")
    assert {alarm["Properties"]["MetricName"] for alarm in alarms.values()} == {"Invocation5XXErrors", "ModelLatency"}
    assert [entry["AlarmName"]["Ref"] for entry in found["AutoRollbackConfiguration"]["Alarms"]] == [*alarms]


def test_the_alarms_know_the_name_of_the_endpoint_and_do_not_wait_for_it(stack: cdk.Stack) -> None:
    made = endpoint(stack, deployment=Deployment.blue_green_all_at_once())

    name = only(stack, "AWS::SageMaker::Endpoint")["EndpointName"]
    for alarm in Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm").values():
        assert alarm["Properties"]["Dimensions"] == [
            {"Name": "EndpointName", "Value": name},
            {"Name": "VariantName", "Value": "main"},
        ]
    assert made.measured_name == name


def test_a_name_that_is_given_stays(stack: cdk.Stack) -> None:
    endpoint(stack, deployment=Deployment.blue_green_all_at_once(), endpoint_name="iris")

    assert only(stack, "AWS::SageMaker::Endpoint")["EndpointName"] == "iris"


def test_alarms_that_exist_are_watched_and_the_endpoint_needs_no_name(stack: cdk.Stack) -> None:
    alarm = cloudwatch.Alarm.from_alarm_name(stack, "Alarm", "too-slow")
    found = rendered(stack, Deployment.blue_green_all_at_once(rollback_alarms=RollbackAlarms.of(alarm)))

    assert found["AutoRollbackConfiguration"] == {"Alarms": [{"AlarmName": "too-slow"}]}
    assert "EndpointName" not in only(stack, "AWS::SageMaker::Endpoint")


def test_the_limits_of_the_alarms_can_be_chosen(stack: cdk.Stack) -> None:
    alarms = RollbackAlarms.of_endpoint(max_model_latency=cdk.Duration.millis(250), max_server_errors=3)
    endpoint(stack, deployment=Deployment.blue_green_all_at_once(rollback_alarms=alarms))

    found = Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm").values()
    assert {alarm["Properties"]["MetricName"]: alarm["Properties"]["Threshold"] for alarm in found} == {
        "Invocation5XXErrors": 3,
        "ModelLatency": 250_000,
    }


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (
            lambda: Deployment.blue_green_all_at_once(wait_interval=MINUTES(61)),
            "wait_interval must be 0 to 3600 seconds, got 3660",
        ),
        (
            lambda: Deployment.blue_green_all_at_once(termination_wait=MINUTES(61)),
            "termination_wait must be 0 to 3600 seconds, got 3660",
        ),
        (
            lambda: Deployment.blue_green_all_at_once(maximum_execution_timeout=MINUTES(9)),
            "maximum_execution_timeout must be 600 to 28800 seconds, got 540",
        ),
        (
            lambda: Deployment.blue_green_all_at_once(
                maximum_execution_timeout=MINUTES(10), termination_wait=MINUTES(5)
            ),
            r"maximum_execution_timeout must be longer than .* \(600 seconds\), got 600",
        ),
        (
            lambda: Deployment.blue_green_canary(canary_size=CapacitySize.percent(51)),
            "canary_size must be 1 to 50 percent, got 51",
        ),
        (
            lambda: Deployment.blue_green_canary(canary_size=CapacitySize.instances(0)),
            "canary_size must be at least 1 instances, got 0",
        ),
        (
            lambda: Deployment.blue_green_linear(step_size=CapacitySize.percent(9)),
            "step_size must be 10 to 50 percent, got 9",
        ),
        (
            lambda: Deployment.rolling(maximum_batch_size=CapacitySize.percent(4)),
            "maximum_batch_size must be 5 to 50 percent, got 4",
        ),
        (
            lambda: Deployment.rolling(
                maximum_batch_size=CapacitySize.percent(5), rollback_maximum_batch_size=CapacitySize.percent(101)
            ),
            "rollback_maximum_batch_size must be 1 to 100 percent, got 101",
        ),
        (RollbackAlarms.of, "alarms must be 1 to 10 alarms, got 0"),
    ],
)
def test_fails_for_a_deployment_outside_the_limits(make: Callable[[], object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        make()


def test_fails_for_more_alarms_than_sagemaker_watches(stack: cdk.Stack) -> None:
    names = [f"v{number}" for number in range(6)]

    with pytest.raises(ValidationError, match="alarms must be 1 to 10 alarms, got 12"):
        endpoint(stack, *names, deployment=Deployment.blue_green_all_at_once())


def test_fails_for_rolling_with_several_variants(stack: cdk.Stack) -> None:
    deployment = Deployment.rolling(maximum_batch_size=CapacitySize.percent(50))

    with pytest.raises(ValidationError, match="deployment must not be rolling for several variants, got 2"):
        endpoint(stack, "main", "candidate", deployment=deployment)


def test_fails_for_rolling_without_instances(stack: cdk.Stack) -> None:
    config = EndpointConfig(stack, "Config")
    config.add_serverless_production_variant(
        max_concurrency=1,
        memory_size_in_mb=1024,
        model=Model.from_model_name(stack, "Model", "iris"),
        variant_name="main",
    )

    with pytest.raises(ValidationError, match="deployment must not be rolling for a serverless variant"):
        Endpoint(
            stack,
            "Endpoint",
            deployment=Deployment.rolling(maximum_batch_size=CapacitySize.percent(50)),
            endpoint_config=config,
        )


def test_fails_to_watch_an_endpoint_whose_variants_are_not_known(stack: cdk.Stack) -> None:
    config = EndpointConfig.from_endpoint_config_name(stack, "Config", "iris-config")

    with pytest.raises(ValidationError, match="endpoint must have variants that are known here, got none to watch"):
        Endpoint(stack, "Endpoint", deployment=Deployment.blue_green_all_at_once(), endpoint_config=config)

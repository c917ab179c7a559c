from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from sagemaker_hosting import Endpoint, EndpointAlarms, EndpointConfig, EndpointMonitoring, Model, ValidationError


@pytest.fixture
def endpoint(stack: cdk.Stack) -> Endpoint:
    config = EndpointConfig(stack, "Config")
    model = Model.from_model_name(stack, "Model", "iris")
    for name in ("main", "candidate"):
        config.add_instance_production_variant(model=model, variant_name=name)
    return Endpoint(stack, "Endpoint", endpoint_config=config, endpoint_name="iris")


def alarms(stack: cdk.Stack) -> list[dict[str, Any]]:
    return [
        alarm["Properties"] for alarm in Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm").values()
    ]


def test_fails_for_a_topic_in_place_of_what_sends_to_it(stack: cdk.Stack, endpoint: Endpoint) -> None:
    topic: Any = sns.Topic(stack, "OnCall")

    with pytest.raises(ValidationError, match=r"such as SnsAction\(topic\), got aws_cdk.aws_sns.Topic"):
        EndpointMonitoring(stack, "Watch", endpoint=endpoint, alarm_actions=[topic])


def test_every_variant_has_an_alarm_for_failed_and_for_late_answers(stack: cdk.Stack, endpoint: Endpoint) -> None:
    made = EndpointAlarms(stack, "Alarms", endpoint=endpoint)

    assert len(made.alarms) == 4
    assert sorted((alarm["MetricName"], alarm["Dimensions"][1]["Value"]) for alarm in alarms(stack)) == [
        ("Invocation5XXErrors", "candidate"),
        ("Invocation5XXErrors", "main"),
        ("ModelLatency", "candidate"),
        ("ModelLatency", "main"),
    ]


def test_one_failed_answer_in_a_minute_or_three_late_minutes_raise_an_alarm(
    stack: cdk.Stack, endpoint: Endpoint
) -> None:
    EndpointAlarms(stack, "Alarms", endpoint=endpoint)

    found = {alarm["MetricName"]: alarm for alarm in alarms(stack)}
    errors, late = found["Invocation5XXErrors"], found["ModelLatency"]
    assert (errors["Statistic"], errors["Threshold"], errors["EvaluationPeriods"]) == ("Sum", 0, 1)
    assert (late["ExtendedStatistic"], late["Threshold"], late["EvaluationPeriods"]) == ("p99", 30_000_000, 3)
    assert {alarm["Period"] for alarm in found.values()} == {60}
    assert {alarm["ComparisonOperator"] for alarm in found.values()} == {"GreaterThanThreshold"}


def test_no_requests_are_no_alarm(stack: cdk.Stack, endpoint: Endpoint) -> None:
    EndpointAlarms(stack, "Alarms", endpoint=endpoint)

    assert {alarm["TreatMissingData"] for alarm in alarms(stack)} == {"notBreaching"}


def test_every_alarm_sends_a_message(stack: cdk.Stack, endpoint: Endpoint) -> None:
    topic = sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-central-1:111122223333:alarms")
    EndpointAlarms(stack, "Alarms", endpoint=endpoint).add_alarm_action(actions.SnsAction(topic))

    assert [alarm["AlarmActions"] for alarm in alarms(stack)] == [[topic.topic_arn]] * 4


def test_a_serverless_variant_is_watched_too(stack: cdk.Stack) -> None:
    config = EndpointConfig(stack, "Config")
    config.add_serverless_production_variant(
        max_concurrency=1,
        memory_size_in_mb=1024,
        model=Model.from_model_name(stack, "Model", "iris"),
        variant_name="main",
    )
    EndpointAlarms(stack, "Alarms", endpoint=Endpoint(stack, "Endpoint", endpoint_config=config))

    assert len(alarms(stack)) == 2


def test_fails_for_limits_that_no_answer_could_break(stack: cdk.Stack, endpoint: Endpoint) -> None:
    with pytest.raises(ValidationError) as failure:
        EndpointAlarms(
            stack, "Alarms", endpoint=endpoint, max_model_latency=cdk.Duration.seconds(0), max_server_errors=-1
        )

    assert failure.value.problems == (
        "max_server_errors must be at least 0 answers in a minute, got -1",
        "max_model_latency must be more than 0, got 0",
    )


def test_fails_for_a_latency_that_nobody_knows_yet(stack: cdk.Stack, endpoint: Endpoint) -> None:
    late = cdk.Duration.millis(cdk.CfnParameter(stack, "Late", type="Number").value_as_number)
    with pytest.raises(ValidationError, match="max_model_latency must be known at synthesis, got a token"):
        EndpointAlarms(stack, "Alarms", endpoint=endpoint, max_model_latency=late)

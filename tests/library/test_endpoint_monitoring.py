from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from library.templates import small_model
from sagemaker_hosting import (
    AsyncInference,
    Endpoint,
    EndpointConfig,
    EndpointDashboard,
    EndpointMonitoring,
    InstanceType,
    Model,
    ValidationError,
)

NAME = "<EndpointEEF1FD8F.EndpointName>"


def endpoint(stack: cdk.Stack, instance_type: InstanceType = InstanceType.M5_LARGE, **config: Any) -> Endpoint:
    made = EndpointConfig(stack, "Config", **config)
    made.add_instance_production_variant(model=small_model(stack), variant_name="main", instance_type=instance_type)
    return Endpoint(stack, "Endpoint", endpoint_config=made)


def widgets(stack: cdk.Stack) -> list[dict[str, Any]]:
    """Return the widgets of the one dashboard, names of resources as ``<logical id>``."""
    (dashboard,) = Template.from_stack(stack).find_resources("AWS::CloudWatch::Dashboard").values()
    body = dashboard["Properties"]["DashboardBody"]
    parts = body["Fn::Join"][1] if isinstance(body, dict) else [body]
    text = "".join(part if isinstance(part, str) else f"<{part.get('Ref', part.get('Fn::GetAtt'))}>" for part in parts)
    found: list[dict[str, Any]] = json.loads(text.replace("<['", "<").replace("', '", ".").replace("']>", ">"))[
        "widgets"
    ]
    return found


def titles(stack: cdk.Stack) -> list[str]:
    return [widget["properties"]["title"] for widget in widgets(stack)]


def names_of_metrics(stack: cdk.Stack) -> set[str]:
    return {metric[1] for widget in widgets(stack) for metric in widget["properties"].get("metrics", [])}


def test_shows_alarms_first_then_requests_latency_instances_and_the_log(stack: cdk.Stack) -> None:
    EndpointMonitoring(stack, "Monitoring", endpoint=endpoint(stack))

    assert titles(stack) == [
        "Alarms",
        "Requests per minute",
        "Failed requests per minute",
        "Latency of the model",
        "Latency that SageMaker adds",
        "CPU, 100 for each",
        "Memory",
        "Disk",
        "Latest errors in the containers' log",
    ]


def test_every_graph_measures_the_variant_of_the_endpoint(stack: cdk.Stack) -> None:
    EndpointDashboard(stack, "Dashboard", endpoint=endpoint(stack))

    measured = [metric for widget in widgets(stack) for metric in widget["properties"].get("metrics", [])]
    assert len(measured) == 10
    for metric in measured:
        assert metric[2:6] == ["EndpointName", NAME, "VariantName", "main"]


def test_the_log_is_that_of_the_endpoint(stack: cdk.Stack) -> None:
    EndpointDashboard(stack, "Dashboard", endpoint=endpoint(stack))

    query = widgets(stack)[-1]["properties"]["query"]
    assert query.startswith(f"SOURCE '/aws/sagemaker/Endpoints/{NAME}'")


def test_gpus_are_shown_where_there_are_some(stack: cdk.Stack) -> None:
    EndpointDashboard(stack, "Dashboard", endpoint=endpoint(stack, InstanceType.G5_XLARGE))

    assert {"GPUUtilization", "GPUMemoryUtilization"} <= names_of_metrics(stack)


def test_an_asynchronous_endpoint_shows_its_queue(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "bucket")
    queue = AsyncInference(input_bucket=bucket, input_prefix="questions", output_bucket=bucket, output_prefix="answers")
    EndpointDashboard(stack, "Dashboard", endpoint=endpoint(stack, async_inference=queue))

    assert {"ApproximateBacklogSize", "HasBacklogWithoutCapacity", "ApproximateAgeOfOldestRequest"} <= names_of_metrics(
        stack
    )


def test_a_serverless_endpoint_shows_its_concurrency_and_no_instances(stack: cdk.Stack) -> None:
    config = EndpointConfig(stack, "Config")
    config.add_serverless_production_variant(
        max_concurrency=1,
        memory_size_in_mb=1024,
        model=Model.from_model_name(stack, "Model", "iris"),
        variant_name="main",
    )
    EndpointDashboard(stack, "Dashboard", endpoint=Endpoint(stack, "Endpoint", endpoint_config=config))

    assert "ServerlessConcurrentExecutionsUtilization" in names_of_metrics(stack)
    assert "CPUUtilization" not in names_of_metrics(stack)


def test_an_alarm_reaches_who_is_on_call(stack: cdk.Stack) -> None:
    topic = sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-central-1:111122223333:on-call")
    EndpointMonitoring(stack, "Monitoring", endpoint=endpoint(stack), alarm_actions=[actions.SnsAction(topic)])

    alarms = Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm").values()
    assert [alarm["Properties"]["AlarmActions"] for alarm in alarms] == [[topic.topic_arn]] * 2


def test_fails_for_a_name_that_no_dashboard_can_have(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="dashboard_name must be 1 to 255 letters, digits, hyphens and"):
        EndpointDashboard(stack, "Dashboard", endpoint=endpoint(stack), dashboard_name="on call")


def test_fails_for_variants_that_are_not_known(stack: cdk.Stack) -> None:
    config = EndpointConfig.from_endpoint_config_name(stack, "Config", "iris")

    with pytest.raises(ValidationError, match="endpoint must have variants that are known here, got none to draw"):
        EndpointDashboard(stack, "Dashboard", endpoint=Endpoint(stack, "Endpoint", endpoint_config=config))

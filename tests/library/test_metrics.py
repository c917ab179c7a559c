from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch

from library.templates import only
from sagemaker_hosting import (
    Endpoint,
    EndpointConfig,
    EndpointInstanceProductionVariant,
    InvocationHttpResponseCode,
    Model,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def endpoint(stack: cdk.Stack) -> Endpoint:
    config = EndpointConfig(stack, "Config")
    config.add_instance_production_variant(model=Model.from_model_name(stack, "Model", "iris"), variant_name="main")
    return Endpoint(stack, "Endpoint", endpoint_config=config, endpoint_name="iris")


@pytest.fixture
def variant(endpoint: Endpoint) -> EndpointInstanceProductionVariant:
    return endpoint.find_instance_production_variant("main")


def described(metric: cloudwatch.Metric) -> tuple[str, str, str]:
    return metric.namespace, metric.metric_name, metric.statistic


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (lambda v: v.metric("AWS/SageMaker", "Any"), ("AWS/SageMaker", "Any", "Sum")),
        (lambda v: v.metric_invocations(), ("AWS/SageMaker", "Invocations", "Sum")),
        (
            lambda v: v.metric_invocation_response_code(InvocationHttpResponseCode.INVOCATION_4XX_ERRORS),
            ("AWS/SageMaker", "Invocation4XXErrors", "Sum"),
        ),
        (
            lambda v: v.metric_invocation_response_code(InvocationHttpResponseCode.INVOCATION_5XX_ERRORS),
            ("AWS/SageMaker", "Invocation5XXErrors", "Sum"),
        ),
        (lambda v: v.metric_invocations_per_instance(), ("AWS/SageMaker", "InvocationsPerInstance", "Sum")),
        (lambda v: v.metric_model_latency(), ("AWS/SageMaker", "ModelLatency", "Average")),
        (lambda v: v.metric_overhead_latency(), ("AWS/SageMaker", "OverheadLatency", "Average")),
        (
            lambda v: v.metric_concurrent_requests_per_model(),
            ("AWS/SageMaker", "ConcurrentRequestsPerModel", "Maximum"),
        ),
        (lambda v: v.metric_time_in_backlog(), ("AWS/SageMaker", "TimeInBacklog", "Average")),
        (lambda v: v.metric_invocation_failures(), ("AWS/SageMaker", "InvocationFailures", "Sum")),
        (lambda v: v.metric_cpu_utilization(), ("/aws/sagemaker/Endpoints", "CPUUtilization", "Average")),
        (lambda v: v.metric_memory_utilization(), ("/aws/sagemaker/Endpoints", "MemoryUtilization", "Average")),
        (lambda v: v.metric_disk_utilization(), ("/aws/sagemaker/Endpoints", "DiskUtilization", "Average")),
        (lambda v: v.metric_gpu_utilization(), ("/aws/sagemaker/Endpoints", "GPUUtilization", "Average")),
        (lambda v: v.metric_gpu_memory_utilization(), ("/aws/sagemaker/Endpoints", "GPUMemoryUtilization", "Average")),
    ],
)
def test_a_variant_is_measured_by_its_name_and_that_of_its_endpoint(
    variant: EndpointInstanceProductionVariant,
    measure: Callable[[EndpointInstanceProductionVariant], cloudwatch.Metric],
    expected: tuple[str, str, str],
) -> None:
    metric = measure(variant)

    assert described(metric) == expected
    assert metric.dimensions == {"EndpointName": "iris", "VariantName": "main"}
    assert metric.period.to_minutes() == 5


def test_a_metric_takes_another_statistic_period_and_further_dimensions(
    variant: EndpointInstanceProductionVariant,
) -> None:
    metric = variant.metric_model_latency(
        dimensions_map={"ContainerName": "first"}, period=cdk.Duration.minutes(1), statistic="p99"
    )

    assert metric.statistic == "p99"
    assert metric.period.to_seconds() == 60
    assert metric.dimensions == {"ContainerName": "first", "EndpointName": "iris", "VariantName": "main"}


@pytest.mark.parametrize(
    ("measure", "name"),
    [
        (lambda e: e.metric_approximate_backlog_size(), "ApproximateBacklogSize"),
        (lambda e: e.metric_approximate_backlog_size_per_instance(), "ApproximateBacklogSizePerInstance"),
        (lambda e: e.metric_approximate_age_of_oldest_request(), "ApproximateAgeOfOldestRequest"),
        (lambda e: e.metric_has_backlog_without_capacity(), "HasBacklogWithoutCapacity"),
    ],
)
def test_a_queue_is_measured_by_the_name_of_the_endpoint_alone(
    endpoint: Endpoint, measure: Callable[[Endpoint], cloudwatch.Metric], name: str
) -> None:
    metric = measure(endpoint)

    assert described(metric) == ("AWS/SageMaker", name, "Average")
    assert metric.dimensions == {"EndpointName": "iris"}


def test_a_serverless_variant_is_measured_too(stack: cdk.Stack) -> None:
    config = EndpointConfig(stack, "Config")
    config.add_serverless_production_variant(
        max_concurrency=1,
        memory_size_in_mb=1024,
        model=Model.from_model_name(stack, "Model", "iris"),
        variant_name="main",
    )
    endpoint = Endpoint(stack, "Endpoint", endpoint_config=config, endpoint_name="iris")
    variant = endpoint.find_serverless_production_variant("main")

    metrics = [
        variant.metric_invocations(),
        variant.metric_model_setup_time(),
        variant.metric_concurrent_executions_utilization(),
        variant.metric_provisioned_concurrency_utilization(),
    ]
    assert [metric.metric_name for metric in metrics] == [
        "Invocations",
        "ModelSetupTime",
        "ServerlessConcurrentExecutionsUtilization",
        "ServerlessProvisionedConcurrencyUtilization",
    ]
    assert all(metric.dimensions == {"EndpointName": "iris", "VariantName": "main"} for metric in metrics)


def test_an_alarm_finds_an_endpoint_whose_name_cloudformation_makes(stack: cdk.Stack) -> None:
    config = EndpointConfig(stack, "Config")
    config.add_instance_production_variant(model=Model.from_model_name(stack, "Model", "iris"), variant_name="main")
    endpoint = Endpoint(stack, "Endpoint", endpoint_config=config)
    metric = endpoint.find_instance_production_variant("main").metric_invocations()
    metric.create_alarm(stack, "Alarm", evaluation_periods=1, threshold=1)

    dimensions: list[dict[str, Any]] = only(stack, "AWS::CloudWatch::Alarm")["Dimensions"]
    assert dimensions[0]["Value"] == stack.resolve(endpoint.endpoint_name)


def test_fails_to_find_a_variant_that_is_not_there_and_names_those_that_are(endpoint: Endpoint) -> None:
    with pytest.raises(ValidationError, match=r"variant of kind instance, one of \['main'\], got 'other'"):
        endpoint.find_instance_production_variant("other")
    with pytest.raises(ValidationError, match=r"variant of kind serverless, one of \[\], got 'main'"):
        endpoint.find_serverless_production_variant("main")


def test_fails_to_find_a_variant_of_an_imported_configuration(stack: cdk.Stack) -> None:
    config = EndpointConfig.from_endpoint_config_name(stack, "Config", "iris-config")

    with pytest.raises(ValidationError, match=r"one of \[\], got 'main'"):
        Endpoint(stack, "Endpoint", endpoint_config=config).find_instance_production_variant("main")

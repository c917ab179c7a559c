"""Values that count as nothing in Python are values here: they reach the template, or are refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from library.templates import small_model
from sagemaker_hosting import (
    AsyncInference,
    CapacitySize,
    ClarifyExplainer,
    ComponentContainer,
    ComponentDeployment,
    ComponentPlacement,
    ComponentSpecification,
    ComputeRequirements,
    ContainerDefinition,
    ContainerImage,
    CopyBatch,
    CoreDump,
    DataCapture,
    Deployment,
    Endpoint,
    EndpointAlarms,
    EndpointConfig,
    HostedModel,
    HostingVpcEndpoints,
    InferenceComponent,
    InstanceProductionVariantProps,
    InstanceType,
    ManagedInstanceScaling,
    MetricsPublishing,
    Model,
    PlacementStrategy,
    PrefixAwareRouting,
    RollbackAlarms,
    SamplePayloads,
    ScaleInStrategy,
    ServerlessProductionVariantProps,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from library.templates import Inputs

URI = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/iris:1"
IMAGE = ContainerImage.from_uri(URI)
COMPUTE = ComputeRequirements(min_memory_in_mb=1024)
ZERO = cdk.Duration.seconds(0)
NO_BYTES = cdk.Size.gibibytes(0)


def bucket(stack: cdk.Stack) -> s3.IBucket:
    return s3.Bucket.from_bucket_name(stack, "Bucket", "data")


def model(stack: cdk.Stack, **given: Any) -> None:
    Model(stack, "It", **{"containers": [ContainerDefinition(image=IMAGE)], **given})


def network(stack: cdk.Stack, **given: Any) -> None:
    model(stack, vpc=ec2.Vpc(stack, "Vpc", nat_gateways=0), **given)


def definition(stack: cdk.Stack, **given: Any) -> None:
    Model(stack, "It", containers=[ContainerDefinition(image=IMAGE, **given)])


def config(stack: cdk.Stack, **given: Any) -> None:
    made = EndpointConfig(stack, "It", **given)
    made.add_instance_production_variant(
        variant_name="main",
        instance_type=InstanceType.M5_LARGE,
        model=None if "network_isolation" in given else small_model(stack),
    )


def variant(stack: cdk.Stack, **given: Any) -> None:
    arguments: dict[str, Any] = {
        "model": small_model(stack),
        "variant_name": "main",
        "instance_type": InstanceType.M5_LARGE,
        **given,
    }
    other = InstanceProductionVariantProps(model=arguments["model"], variant_name="other")
    EndpointConfig(stack, "It", instance_production_variants=[InstanceProductionVariantProps(**arguments), other])


def serverless(stack: cdk.Stack, **given: Any) -> None:
    arguments = {"max_concurrency": 1, "memory_size_in_mb": 1024, "model": small_model(stack), "variant_name": "main"}
    EndpointConfig(
        stack, "It", serverless_production_variant=ServerlessProductionVariantProps(**{**arguments, **given})
    )


def range_of_instances(stack: cdk.Stack, **given: Any) -> None:
    scaling = ManagedInstanceScaling(
        **{"max_instance_count": 1, "scale_in_strategy": ScaleInStrategy.CONSOLIDATION, **given}
    )
    EndpointConfig(
        stack,
        "It",
        instance_production_variants=[
            InstanceProductionVariantProps(variant_name="main", managed_instance_scaling=scaling)
        ],
    )


def routing(stack: cdk.Stack, **given: Any) -> None:
    del stack
    PrefixAwareRouting(**{"concurrency_threshold": 1, "prefix_length": 1024, **given})


def publishing(stack: cdk.Stack, **given: Any) -> None:
    config(stack, metrics=MetricsPublishing(**given))


def explainer(stack: cdk.Stack, **given: Any) -> None:
    config(stack, explainer=ClarifyExplainer(**{"baseline": "1", **given}))


def capture(stack: cdk.Stack, **given: Any) -> None:
    config(stack, data_capture=DataCapture(**{"bucket": bucket(stack), "prefix": "kept", **given}))


def core_dump(stack: cdk.Stack, **given: Any) -> None:
    variant(stack, core_dump=CoreDump(**{"bucket": bucket(stack), "prefix": "dumps", **given}))


def queue(stack: cdk.Stack, **given: Any) -> None:
    data = bucket(stack)
    arguments = {"input_bucket": data, "input_prefix": "in", "output_bucket": data, "output_prefix": "out"}
    config(stack, async_inference=AsyncInference(**{**arguments, **given}))


def endpoint(stack: cdk.Stack, **given: Any) -> Endpoint:
    made = EndpointConfig(stack, "Config")
    made.add_instance_production_variant(
        model=small_model(stack), variant_name="main", instance_type=InstanceType.M5_LARGE
    )
    return Endpoint(stack, "It", endpoint_config=made, **given)


def alarms(stack: cdk.Stack, **given: Any) -> None:
    EndpointAlarms(stack, "Alarms", endpoint=endpoint(stack), **given)


def canary(stack: cdk.Stack, **given: Any) -> None:
    arguments = {"canary_size": CapacitySize.percent(10), "rollback_alarms": RollbackAlarms.none()}
    endpoint(stack, deployment=Deployment.blue_green_canary(**{**arguments, **given}))


def rolling(stack: cdk.Stack, **given: Any) -> None:
    arguments = {"maximum_batch_size": CapacitySize.percent(10), "rollback_alarms": RollbackAlarms.none()}
    endpoint(stack, deployment=Deployment.rolling(**{**arguments, **given}))


def instances(stack: cdk.Stack, **given: Any) -> None:
    found = endpoint(stack).find_instance_production_variant("main")
    found.auto_scale_instance_count(**{"max_capacity": 2, **given})


def invocations(stack: cdk.Stack, **given: Any) -> None:
    found = endpoint(stack).find_instance_production_variant("main").auto_scale_instance_count(max_capacity=2)
    found.scale_on_invocations("It", **{"max_requests_per_second": 1, **given})


def schedule(stack: cdk.Stack, **given: Any) -> None:
    found = components(stack).auto_scale_copy_count(max_capacity=2)
    found.scale_on_schedule("It", schedule=autoscaling.Schedule.cron(hour="1"), **given)


def components(stack: cdk.Stack, **given: Any) -> InferenceComponent:
    made = EndpointConfig(stack, "Config")
    made.add_instance_production_variant(variant_name="main", instance_type=InstanceType.M5_LARGE)
    hosting = Endpoint(stack, "Endpoint", endpoint_config=made)
    arguments = {"specification": ComponentSpecification(model=small_model(stack), compute=COMPUTE), **given}
    return InferenceComponent(stack, "It", endpoint=hosting, **arguments)


def specification(stack: cdk.Stack, **given: Any) -> None:
    arguments = {"model": small_model(stack, "Other"), "compute": COMPUTE, **given}
    components(stack, specification=ComponentSpecification(**arguments))


def container(stack: cdk.Stack, **given: Any) -> None:
    inside = ComponentContainer(**{"image": IMAGE, "metrics_path": "/metrics", **given})
    components(stack, specification=ComponentSpecification(container=inside, compute=COMPUTE))


def compute(stack: cdk.Stack, **given: Any) -> None:
    specification(stack, compute=ComputeRequirements(**{"min_memory_in_mb": 1024, **given}))


def placement(stack: cdk.Stack, **given: Any) -> None:
    specification(stack, placement=ComponentPlacement(strategy=PlacementStrategy.SPREAD, **given))


def update(stack: cdk.Stack, **given: Any) -> None:
    components(stack, deployment=ComponentDeployment(**{"maximum_batch_size": CopyBatch.copies(1), **given}))


def copies(stack: cdk.Stack, **given: Any) -> None:
    components(stack).auto_scale_copy_count(**{"max_capacity": 2, **given})


def vpc_endpoints(stack: cdk.Stack, **given: Any) -> None:
    HostingVpcEndpoints(stack, "It", vpc=ec2.Vpc(stack, "Vpc", nat_gateways=0), **{"logs": True, **given})


# Who takes it, the argument, a value that counts as nothing, and a value to compare with: the template must differ from
# the one with ``other``, unless the value is refused.
TABLE: list[tuple[Callable[..., object], str, Any, Any]] = [
    (model, "model_name", "", None),
    (model, "network_isolation", False, None),
    (model, "security_groups", [], None),
    (model, "allow_all_outbound", False, None),
    (network, "allow_all_outbound", False, None),
    (network, "security_groups", [], None),
    (network, "vpc_subnets", ec2.SubnetSelection(subnets=[]), None),
    (definition, "container_hostname", "", None),
    (definition, "environment", {"LEVEL": ""}, {}),
    (config, "endpoint_config_name", "", None),
    (config, "network_isolation", False, None),
    (variant, "capacity_reservation_arn", "", None),
    (variant, "container_startup_health_check_timeout", ZERO, None),
    (variant, "enable_ssm_access", False, None),
    (variant, "inference_ami_version", "", None),
    (variant, "initial_instance_count", 0, 1),
    (variant, "initial_variant_weight", 0, 1),
    (variant, "instance_pools", [], None),
    (variant, "model_data_download_timeout", ZERO, None),
    (variant, "provision_timeout", ZERO, None),
    (variant, "variant_name", "", "main"),
    (variant, "volume_size", NO_BYTES, None),
    (serverless, "max_concurrency", 0, 1),
    (serverless, "memory_size_in_mb", 0, 1024),
    (serverless, "provisioned_concurrency", 0, None),
    (serverless, "variant_name", "", "main"),
    (range_of_instances, "consolidation_cooldown", ZERO, None),
    (range_of_instances, "consolidation_step_size", 0, None),
    (range_of_instances, "max_instance_count", 0, 1),
    (range_of_instances, "min_instance_count", 0, 1),
    (routing, "concurrency_threshold", 0, 1),
    (routing, "prefix_length", 0, 1024),
    (publishing, "detailed_observability", False, None),
    (publishing, "enhanced_metrics", False, None),
    (publishing, "frequency", ZERO, None),
    (explainer, "baseline", "", "1"),
    (explainer, "baseline_key", "", None),
    (explainer, "baseline_mime_type", "", None),
    (explainer, "content_template", "", None),
    (explainer, "enable_explanations", "", None),
    (explainer, "feature_headers", [], None),
    (explainer, "feature_types", [], None),
    (explainer, "features_attribute", "", None),
    (explainer, "label_attribute", "", None),
    (explainer, "label_headers", [], None),
    (explainer, "label_index", 0, None),
    (explainer, "max_payload_in_mb", 0, None),
    (explainer, "max_record_count", 0, None),
    (explainer, "number_of_samples", 0, None),
    (explainer, "probability_attribute", "", None),
    (explainer, "probability_index", 0, None),
    (explainer, "seed", 0, None),
    (explainer, "text_language", "", None),
    (explainer, "use_logit", False, None),
    (capture, "capture_requests", False, True),
    (capture, "capture_responses", False, True),
    (capture, "prefix", "", "kept"),
    (capture, "sampling_percentage", 0, 100),
    (core_dump, "prefix", "", "dumps"),
    (queue, "failure_prefix", "", None),
    (queue, "input_prefix", "", "in"),
    (queue, "max_concurrent_invocations_per_instance", 0, None),
    (queue, "output_prefix", "", "out"),
    (endpoint, "endpoint_name", "", None),
    (alarms, "max_model_latency", ZERO, None),
    (canary, "canary_size", CapacitySize.percent(0), CapacitySize.percent(10)),
    (canary, "maximum_execution_timeout", ZERO, None),
    (canary, "termination_wait", ZERO, None),
    (canary, "wait_interval", ZERO, cdk.Duration.minutes(1)),
    (rolling, "maximum_batch_size", CapacitySize.instances(0), CapacitySize.percent(10)),
    (rolling, "maximum_execution_timeout", ZERO, None),
    (rolling, "rollback_maximum_batch_size", CapacitySize.percent(0), None),
    (rolling, "wait_interval", ZERO, cdk.Duration.minutes(1)),
    (instances, "max_capacity", 0, 2),
    (instances, "min_capacity", 0, None),
    (invocations, "disable_scale_in", False, None),
    (invocations, "max_requests_per_second", 0, 1),
    (invocations, "policy_name", "", None),
    (invocations, "safety_factor", 0, 0.5),
    (invocations, "scale_in_cooldown", ZERO, None),
    (invocations, "scale_out_cooldown", ZERO, None),
    (schedule, "min_capacity", 0, 1),
    (schedule, "max_capacity", 0, 1),
    (components, "copy_count", 0, None),
    (components, "inference_component_name", "", None),
    (components, "variant_name", "", None),
    (specification, "container_startup_health_check_timeout", ZERO, None),
    (specification, "data_caching", False, None),
    (specification, "model_data_download_timeout", ZERO, None),
    (container, "environment", {"LEVEL": ""}, {}),
    (container, "metrics_frequency", ZERO, None),
    (container, "metrics_path", "", "/metrics"),
    (compute, "accelerator_devices", 0, None),
    (compute, "cpu_cores", 0, None),
    (compute, "max_memory_in_mb", 0, None),
    (compute, "min_memory_in_mb", 0, 1024),
    (placement, "max_imbalance", 0, None),
    (update, "maximum_batch_size", CopyBatch.copies(0), CopyBatch.copies(1)),
    (update, "maximum_execution_timeout", ZERO, None),
    (update, "rollback_maximum_batch_size", CopyBatch.percent(0), None),
    (update, "wait_interval", ZERO, cdk.Duration.minutes(1)),
    (copies, "max_capacity", 0, 2),
    (copies, "min_capacity", 0, None),
    (vpc_endpoints, "logs", False, True),
    (vpc_endpoints, "private_dns", False, True),
    (vpc_endpoints, "s3", False, True),
    (vpc_endpoints, "s3_buckets", [], None),
]


def template(make: Callable[..., object], **given: Any) -> str:
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "Stack")
    make(stack, **given)
    return json.dumps(Template.from_stack(stack).to_json(), sort_keys=True)


@pytest.mark.parametrize(("make", "argument", "value", "other"), TABLE)
def test_a_value_that_counts_as_nothing_reaches_the_template_or_is_refused(
    make: Callable[..., object], argument: str, value: Any, other: Any
) -> None:
    try:
        found = template(make, **{argument: value})
    except ValidationError as error:
        assert error.problems  # noqa: PT017  what it says is tested where it is made
    else:
        assert found != template(make, **{argument: other})


@pytest.mark.parametrize(
    ("argument", "value"),
    [("initial_instance_count", 0), ("endpoint_name", ""), ("container_startup_health_check_timeout", ZERO)],
)
def test_a_hosted_model_refuses_what_its_parts_refuse(
    inputs: Inputs, stack: cdk.Stack, argument: str, value: Any
) -> None:
    with pytest.raises(ValidationError, match=argument):
        HostedModel(
            stack,
            "Iris",
            image=inputs.image(),
            payloads=SamplePayloads.from_directory(inputs.payloads),
            **{argument: value},
        )

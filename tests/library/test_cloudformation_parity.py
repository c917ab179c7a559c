"""Walks what CloudFormation knows of hosting: an argument of the library reaches it, or it is left out for a reason.

A property counts as reached where the code that describes the resource names it.
"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk.aws_sagemaker as sagemaker
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARY = Path(__file__).parents[2] / "constructs" / "sagemaker_hosting"
MONITORS = ("*monitor*.py", "s3_file.py")
PLACES = {
    "CfnEndpoint": ("endpoint.py", "deployment.py", "rollback_alarms.py", "capacity_size.py"),
    "CfnEndpointConfig": (
        "endpoint_config.py",
        "*production_variant.py",
        "async_inference.py",
        "clarify_explainer.py",
        "core_dump.py",
        "data_capture.py",
        "instance_pool.py",
        "managed_instance_scaling.py",
        "metrics_publishing.py",
        "routing.py",
    ),
    "CfnInferenceComponent": ("inference_component.py", "component_*.py", "compute_requirements.py"),
    "CfnModel": ("model.py", "container_definition.py", "packaged_container.py", "private_registry.py"),
    "CfnModelPackage": (
        "model_package.py",
        "container_description.py",
        "inference_description.py",
        "model_card.py",
        "model_metrics.py",
        "package_validation.py",
        "provenance.py",
        "s3_file.py",
        "source_algorithm.py",
        "validation_transform.py",
    ),
    "CfnModelPackageGroup": ("model_package_group.py",),
    "CfnMonitoringSchedule": MONITORS,
    "CfnDataQualityJobDefinition": MONITORS,
    "CfnModelBiasJobDefinition": MONITORS,
    "CfnModelExplainabilityJobDefinition": MONITORS,
    "CfnModelQualityJobDefinition": MONITORS,
}
"""Where the properties of each resource are described."""
ANSWERED = "what SageMaker answers, which nobody gives"
INLINE = "the older way to describe a job; each of the four kinds has a resource of its own"
OWN_IMAGE = "an image of one's own brings its entry point along"
LEFT_OUT = {
    "accelerator_type": "Amazon Elastic Inference ended in April 2024; CloudFormation refuses it",
    "additional_inference_specifications_to_add": "CloudFormation compares the lists, so additional_inferences says it",
    "baseline_config": INLINE,
    "baselining_job_name": "what a baselining job made is given by the files that it wrote",
    "client_token": "CloudFormation makes one for each request",
    "container_arguments": OWN_IMAGE,
    "container_entrypoint": OWN_IMAGE,
    "creation_time": ANSWERED,
    "current_copy_count": ANSWERED,
    "current_data_cache_config": ANSWERED,
    "deployed_image": ANSWERED,
    "desired_copy_count": ANSWERED,
    "failure_reason": ANSWERED,
    "job_definition_name": "a definition cannot be changed, and only its own schedule refers to it",
    "last_modified_time": ANSWERED,
    "last_monitoring_execution_summary": ANSWERED,
    "model_package_status_details": ANSWERED,
    "model_package_version": ANSWERED,
    "monitoring_app_specification": INLINE,
    "monitoring_execution_status": ANSWERED,
    "monitoring_inputs": INLINE,
    "monitoring_job_definition": INLINE,
    "monitoring_output_config": INLINE,
    "monitoring_resources": INLINE,
    "monitoring_schedule_status": ANSWERED,
    "placement_status": ANSWERED,
    "processing_job_arn": ANSWERED,
    "resolution_time": ANSWERED,
    "resolved_image": ANSWERED,
    "retain_deployment_config": "the template always says how an update reaches callers",
    "s3_data_distribution_type": "every instance of AWS's images takes all of the data",
    "s3_input_mode": "AWS's images read files",
    "s3_upload_mode": "reports are complete only when a job ends",
    "scheduled_time": ANSWERED,
    "specified_image": ANSWERED,
    "tags": "cdk.Tags.of tags a resource and all that lies below",
    "validation_statuses": ANSWERED,
}


def words(*patterns: str) -> set[str]:
    """Return every name and text of the files, without underscores and in lower case."""
    found: set[str] = set()
    for path in {path for pattern in patterns for path in LIBRARY.glob(pattern)}:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.keyword(arg=str(name)) | ast.Attribute(attr=name) | ast.Constant(value=str(name)):
                    found.add(plain(name))
    return found


def plain(name: str) -> str:
    return name.replace("_", "").lower()


def missing(resource: str) -> Iterator[str]:
    """Yield the properties of a resource, and of what it holds, that nothing reaches."""
    class_ = getattr(sagemaker, resource)
    named = words(*PLACES[resource])
    held = {name: found for name, found in vars(class_).items() if name.endswith("Property")}
    for label, one in {resource: class_, **{f"{resource}.{name}": found for name, found in held.items()}}.items():
        properties = set(inspect.signature(one.__init__).parameters) - {"self", "scope", "id"}
        yield from sorted(f"{label}.{name}" for name in properties if plain(name) not in named)


def last(name: str) -> str:
    return name.rpartition(".")[2]


@pytest.mark.parametrize("resource", PLACES)
def test_what_cloudformation_takes_is_reached_or_left_out_for_a_reason(resource: str) -> None:
    assert [name for name in missing(resource) if last(name) not in LEFT_OUT] == []


def test_what_is_left_out_is_there_and_not_reached() -> None:
    assert sorted(LEFT_OUT.keys() - {last(name) for resource in PLACES for name in missing(resource)}) == []

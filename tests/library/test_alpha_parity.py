"""Walks the public names of ``aws_cdk.aws_sagemaker_alpha``: what is there is here, or is left out for a reason."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import aws_cdk.aws_sagemaker_alpha as alpha
import pytest

import sagemaker_hosting
from sagemaker_hosting.metrics import MetricOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ARGUMENTS: dict[str, Callable[..., Any]] = {
    "EndpointAttributes": sagemaker_hosting.Endpoint.from_endpoint_attributes,
    "EndpointConfigProps": sagemaker_hosting.EndpointConfig.__init__,
    "EndpointProps": sagemaker_hosting.Endpoint.__init__,
    "InvocationsScalingProps": sagemaker_hosting.ScalableInstanceCount.scale_on_invocations,
    "ModelAttributes": sagemaker_hosting.Model.from_model_attributes,
    "ModelProps": sagemaker_hosting.Model.__init__,
    "PipelineAttributes": sagemaker_hosting.Pipeline.from_pipeline_attributes,
}
"""Structs of arguments, and what takes these arguments here."""

JSII = "part of how jsii presents a class to TypeScript"
LEFT_OUT = {
    "AcceleratorType": "Amazon Elastic Inference ended in April 2024; CloudFormation refuses it",
    "EndpointConfig.add_instance_production_variant(accelerator_type)": "same",
    "InstanceProductionVariantProps.accelerator_type": "same",
    "ModelData.from_asset(bundling)": "the CDK bundles directories and model data is a file; from_directory packs one",
    "PipelineProps": "a pipeline is imported and never made; the alpha's constructor says so itself",
    "ScalableInstanceCount(resource_id)": "made by auto_scale_instance_count alone, which knows all four",
    "ScalableInstanceCount(dimension)": "same",
    "ScalableInstanceCount(role)": "same",
    "ScalableInstanceCount(service_namespace)": "same",
    "ScalableInstanceCountProps": "same",
    **{f"{name}.PROPERTY_INJECTION_ID": JSII for name in ("Endpoint", "EndpointConfig", "Model", "Pipeline")},
}


def parameters(function: Callable[..., Any]) -> set[str]:
    named = inspect.signature(function).parameters
    options = any(one.annotation == "Unpack[MetricOptions]" for one in named.values())
    return (set(named) | (set(MetricOptions.__annotations__) if options else set())) - {"self"}


def public(class_: type) -> set[str]:
    return {name for name in dir(class_) if not name.startswith("_")}


def missing(name: str) -> Iterator[str]:
    """Yield what the alpha has under this name and we have not."""
    theirs = getattr(alpha, name)
    if name in ARGUMENTS:
        here = parameters(ARGUMENTS[name])
        yield from (f"{name}.{argument}" for argument in sorted(public(theirs) - here))
        return
    ours = getattr(sagemaker_hosting, name, None)
    if ours is None:
        yield name
        return
    members = public(ours) | set(getattr(ours, "__annotations__", {}))
    for member in sorted(public(theirs)):
        if member not in members:
            yield f"{name}.{member}"
        elif inspect.isroutine(getattr(theirs, member)):
            lacking = parameters(getattr(theirs, member)) - parameters(getattr(ours, member))
            yield from (f"{name}.{member}({argument})" for argument in sorted(lacking))
    if inspect.isfunction(theirs.__init__) and not name.startswith("I"):
        lacking = parameters(theirs.__init__) - parameters(ours.__init__)
        yield from (f"{name}({argument})" for argument in sorted(lacking))


@pytest.mark.parametrize("name", alpha.__all__)
def test_nothing_is_missing_but_what_is_left_out_for_a_reason(name: str) -> None:
    assert sorted(set(missing(name)) - set(LEFT_OUT)) == []


def test_what_is_left_out_is_in_the_alpha_and_not_here() -> None:
    assert sorted({found for name in alpha.__all__ for found in missing(name)} & set(LEFT_OUT)) == sorted(LEFT_OUT)


def test_every_instance_type_has_its_constant() -> None:
    names = {name for name in dir(alpha.InstanceType) if name.isupper() and not name.startswith("_")}

    for name in names:
        here = getattr(sagemaker_hosting.InstanceType, name)
        assert here.to_string() == getattr(alpha.InstanceType, name).to_string()

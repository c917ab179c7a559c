"""What ``aws_cdk.aws_sagemaker_alpha`` gets wrong, one test for each: what its users get here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecr as ecr
from aws_cdk.assertions import Match, Template

from sagemaker_hosting import (
    ContainerDefinition,
    ContainerImage,
    Endpoint,
    EndpointConfig,
    InstanceProductionVariantProps,
    InstanceType,
    Model,
    ServerlessProductionVariantProps,
    ValidationError,
)

if TYPE_CHECKING:
    from library.templates import Inputs
    from sagemaker_hosting import IModel


@pytest.fixture
def model(stack: cdk.Stack) -> IModel:
    return Model.from_model_name(stack, "Model", "model")


def endpoint_of(stack: cdk.Stack, *variants: InstanceProductionVariantProps) -> Endpoint:
    config = EndpointConfig(stack, "Config", instance_production_variants=variants)
    return Endpoint(stack, "Endpoint", endpoint_config=config)


def rendered_variants(stack: cdk.Stack) -> list[dict[str, Any]]:
    (config,) = Template.from_stack(stack).find_resources("AWS::SageMaker::EndpointConfig").values()
    variants: list[dict[str, Any]] = config["Properties"]["ProductionVariants"]
    return variants


def test_a_weight_of_zero_stays_zero(stack: cdk.Stack, model: IModel) -> None:
    endpoint_of(
        stack,
        InstanceProductionVariantProps(model=model, variant_name="main"),
        InstanceProductionVariantProps(model=model, variant_name="next", initial_variant_weight=0),
    )

    assert [variant["InitialVariantWeight"] for variant in rendered_variants(stack)] == [1, 0]


def test_fails_when_the_minimum_of_instances_is_zero_and_nothing_queues_requests(
    stack: cdk.Stack, model: IModel
) -> None:
    endpoint = endpoint_of(
        stack, InstanceProductionVariantProps(model=model, variant_name="main", instance_type=InstanceType.M5_LARGE)
    )

    with pytest.raises(ValidationError, match="min_capacity must be at least 1"):
        endpoint.find_instance_production_variant("main").auto_scale_instance_count(max_capacity=3, min_capacity=0)


def test_two_variants_of_one_endpoint_scale_side_by_side(stack: cdk.Stack, model: IModel) -> None:
    names = ("main", "next")
    endpoint = endpoint_of(
        stack,
        *(
            InstanceProductionVariantProps(model=model, variant_name=name, instance_type=InstanceType.M5_LARGE)
            for name in names
        ),
    )

    for name in names:
        endpoint.find_instance_production_variant(name).auto_scale_instance_count(max_capacity=2)

    Template.from_stack(stack).resource_count_is("AWS::ApplicationAutoScaling::ScalableTarget", 2)


def test_two_deep_learning_containers_are_in_one_stack(stack: cdk.Stack) -> None:
    for repository in ("pytorch-inference", "tensorflow-inference"):
        image = ContainerImage.from_dlc(repository, "1.0")
        Model(stack, repository.title().replace("-", ""), containers=[ContainerDefinition(image=image)])

    Template.from_stack(stack).resource_count_is("AWS::SageMaker::Model", 2)


def test_one_image_that_two_stacks_use_is_published_with_each(stack: cdk.Stack, inputs: Inputs) -> None:
    app = stack.node.root
    assert isinstance(app, cdk.App)
    image = ContainerImage.from_asset(inputs.context)
    stacks = [cdk.Stack(app, name) for name in ("First", "Second")]

    for each in stacks:
        Model(each, "Model", containers=[ContainerDefinition(image=image)])

    assembly = app.synth()
    for each in stacks:
        manifest = json.loads((Path(assembly.directory) / f"{each.artifact_id}.assets.json").read_text())
        assert len(manifest["dockerImages"]) == 1


def test_one_image_that_two_models_of_a_stack_use_is_published_once(stack: cdk.Stack, inputs: Inputs) -> None:
    image = ContainerImage.from_asset(inputs.context)

    for name in ("First", "Second"):
        Model(stack, name, containers=[ContainerDefinition(image=image)])

    models = Template.from_stack(stack).find_resources("AWS::SageMaker::Model").values()
    uris = [json.dumps(found["Properties"]["PrimaryContainer"]["Image"]) for found in models]
    assert uris[0] == uris[1]


def test_a_serverless_variant_has_metrics(stack: cdk.Stack, model: IModel) -> None:
    variant = ServerlessProductionVariantProps(
        model=model, variant_name="main", max_concurrency=1, memory_size_in_mb=1024
    )
    config = EndpointConfig(stack, "Config", serverless_production_variant=variant)
    endpoint = Endpoint(stack, "Endpoint", endpoint_config=config)

    metric = endpoint.find_serverless_production_variant("main").metric_invocations()

    metric.create_alarm(stack, "Alarm", threshold=1, evaluation_periods=1)
    Template.from_stack(stack).has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {"Dimensions": Match.array_with([{"Name": "VariantName", "Value": "main"}]), "MetricName": "Invocations"},
    )


@pytest.mark.parametrize("name", ["m5.large", "ml.m5.lrage", "ml.large"])
def test_fails_when_no_such_instance_type_is_offered(name: str) -> None:
    with pytest.raises(ValidationError, match="instance_type must be one of the"):
        InstanceType(name)


def test_no_variant_has_an_accelerator_that_is_no_longer_offered(stack: cdk.Stack, model: IModel) -> None:
    endpoint_of(stack, InstanceProductionVariantProps(model=model, variant_name="main"))

    assert "AcceleratorType" not in rendered_variants(stack)[0]


def test_the_role_that_is_made_has_no_managed_policy(stack: cdk.Stack) -> None:
    repository = ecr.Repository.from_repository_name(stack, "Repository", "repository")
    image = ContainerImage.from_ecr_repository(repository, "1")

    Model(stack, "Made", containers=[ContainerDefinition(image=image)])

    (role,) = Template.from_stack(stack).find_resources("AWS::IAM::Role").values()
    assert "ManagedPolicyArns" not in role["Properties"]


def test_what_a_construct_makes_lies_below_it(stack: cdk.Stack, model: IModel) -> None:
    endpoint_of(stack, InstanceProductionVariantProps(model=model, variant_name="main"))

    assert [child.node.id for child in stack.node.children] == ["Model", "Config", "Endpoint"]

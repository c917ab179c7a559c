"""Logical ids that follow the content of a resource."""

from __future__ import annotations

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk.assertions import Template

from library.templates import logical_id, small_model
from sagemaker_hosting import (
    ContainerDefinition,
    ContainerImage,
    EndpointConfig,
    InstanceProductionVariantProps,
    Model,
)

MODEL = "AWS::SageMaker::Model"
CONFIG = "AWS::SageMaker::EndpointConfig"
IMAGE = ContainerImage.from_uri("111122223333.dkr.ecr.eu-central-1.amazonaws.com/iris:1")


def configured(scope: cdk.Stack, model: Model) -> EndpointConfig:
    variant = InstanceProductionVariantProps(model=model, variant_name="main")
    return EndpointConfig(scope, "Config", instance_production_variants=[variant])


def test_a_model_that_changes_after_its_configuration_was_made_replaces_both() -> None:
    before, after = (cdk.Stack(cdk.App(), "Stack") for _ in range(2))
    configured(before, small_model(before))
    model = small_model(after)
    configured(after, model)
    model.add_container(image=IMAGE)

    assert logical_id(before, MODEL) != logical_id(after, MODEL)
    assert logical_id(before, CONFIG) != logical_id(after, CONFIG)


def test_a_model_has_the_same_id_however_its_containers_were_given() -> None:
    at_once, one_by_one = (cdk.Stack(cdk.App(), "Stack") for _ in range(2))
    Model(at_once, "Model", containers=[ContainerDefinition(image=IMAGE)] * 2)
    model = Model(one_by_one, "Model")
    configured(one_by_one, model)
    model.add_container(image=IMAGE)
    model.add_container(image=IMAGE)

    assert logical_id(at_once, MODEL) == logical_id(one_by_one, MODEL)


def test_a_name_that_is_asked_for_while_the_app_is_made_is_that_of_the_template(stack: cdk.Stack) -> None:
    model = small_model(stack)
    config = configured(stack, model)
    names = stack.resolve([model.model_name, config.endpoint_config_name])
    exported = stack.export_value(model.model_name)

    assert [name["Fn::GetAtt"][0] for name in names] == [logical_id(stack, MODEL), logical_id(stack, CONFIG)]
    assert logical_id(stack, MODEL) in stack.resolve(exported)["Fn::ImportValue"]


def test_a_value_that_is_known_only_at_synthesis_counts() -> None:
    @jsii.implements(cdk.IStringProducer)
    class Level:
        value = "info"

        def produce(self, _context: cdk.IResolveContext) -> str:
            return self.value

    ids = []
    for value in ("info", "debug"):
        stack, level = cdk.Stack(cdk.App(), "Stack"), Level()
        environment = {"LEVEL": cdk.Lazy.uncached_string(level)}
        Model(stack, "Model", containers=[ContainerDefinition(image=IMAGE, environment=environment)])
        level.value = value
        ids.append(logical_id(stack, MODEL))

    assert ids[0] != ids[1]


def test_a_model_of_another_stack_or_a_nested_one_replaces_the_configuration() -> None:
    def ids(*, changed: bool) -> list[str]:
        app = cdk.App()
        theirs = cdk.Stack(app, "Theirs")
        ours = cdk.Stack(app, "Ours")
        nested = cdk.NestedStack(ours, "Nested")
        model = small_model(theirs)
        configured(ours, model)
        configured(nested, model)
        if changed:
            model.add_container(image=IMAGE)
        templates = [Template.from_stack(each) for each in (ours, nested)]
        return [name for template in templates for name in template.find_resources(CONFIG)]

    assert not set(ids(changed=False)) & set(ids(changed=True))
    assert ids(changed=True) == ids(changed=True)


def test_fails_for_a_model_that_holds_its_own_name(stack: cdk.Stack) -> None:
    model = small_model(stack)
    model.add_container(image=IMAGE, environment={"MODEL": model.model_name})

    with pytest.raises(RuntimeError, match=r"'Stack/Model':\n.*its own name must not be in what it holds"):
        Template.from_stack(stack)

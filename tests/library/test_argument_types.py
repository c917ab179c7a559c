"""A value of a wrong kind is one sentence, before anything of the CDK sees it."""

from __future__ import annotations

import inspect
from enum import Enum
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

import sagemaker_hosting
from library.templates import small_model
from sagemaker_hosting import (
    ContainerDefinition,
    ContainerImage,
    DataCapture,
    Deployment,
    Endpoint,
    EndpointAlarms,
    EndpointConfig,
    Framework,
    InstanceType,
    Model,
    ModelData,
    RollbackAlarms,
    Strict,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from library.templates import Inputs

URI = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/iris:1"
IMAGE = ContainerImage.from_uri(URI)


def config_of(stack: cdk.Stack, **arguments: Any) -> EndpointConfig:
    config = EndpointConfig(stack, "Config")
    given = {
        "model": small_model(stack),
        "variant_name": "main",
        "instance_type": InstanceType.M5_LARGE,
        **arguments,
    }
    config.add_instance_production_variant(**given)
    return config


@pytest.mark.parametrize(
    ("argument", "value", "problem"),
    [
        ("instance_type", "ml.m5.large", "instance_type must be InstanceType, got 'ml.m5.large'"),
        (
            "instance_type",
            ec2.InstanceType("m5.large"),
            "instance_type must be InstanceType, got aws_cdk.aws_ec2.InstanceType",
        ),
        ("container_startup_health_check_timeout", 300, "timeout must be cdk.Duration, got 300"),
        ("volume_size", 30, "volume_size must be cdk.Size, got 30"),
        ("initial_instance_count", "2", "initial_instance_count must be a whole number, got '2'"),
        ("initial_instance_count", 1.5, "initial_instance_count must be a whole number, got 1.5"),
        ("initial_instance_count", True, "initial_instance_count must be a whole number, got True"),
        ("initial_instance_count", None, "initial_instance_count must be a whole number, got None"),
        ("initial_variant_weight", "1", "initial_variant_weight must be a number, got '1'"),
        ("enable_ssm_access", "yes", "enable_ssm_access must be True or False, got 'yes'"),
        ("enable_ssm_access", 0, "enable_ssm_access must be True or False, got 0"),
        ("variant_name", 1, "variant_name must be text, got 1"),
        ("model", "my-model", "model must be IModel, got 'my-model'"),
        ("instance_pools", InstanceType.M5_LARGE, "instance_pools must be a list of InstancePool, got sagemaker"),
    ],
)
def test_fails_for_a_value_of_a_wrong_kind(stack: cdk.Stack, argument: str, value: Any, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        config_of(stack, **{argument: value})


def test_fails_once_for_all_values_of_a_wrong_kind(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError) as error:
        config_of(stack, variant_name=1, volume_size=30)

    assert str(error.value) == (
        "add_instance_production_variant of 'Stack/Config':\n"
        "  - variant_name must be text, got 1\n"
        "  - volume_size must be cdk.Size, got 30"
    )


@pytest.mark.parametrize(
    ("make", "arguments", "problem"),
    [
        (ContainerDefinition, {"image": URI}, r"image must be ContainerImage \(from_asset, .*from_uri.*, got '1111"),
        (ContainerDefinition, {"image": IMAGE, "mode": "MultiModel"}, "mode must be ContainerMode.SINGLE_MODEL or "),
        (ContainerDefinition, {"image": IMAGE, "environment": ["A=1"]}, "environment must be a dictionary, got "),
        (ContainerImage.from_framework, {"framework": "pytorch", "version": "2"}, "must be one of Framework, got 'py"),
        (ContainerImage.from_framework, {"framework": Framework.PYTORCH, "version": 2.6}, "must be text, got 2.6"),
        (ContainerImage.from_uri, {"uri": None}, "uri must be text, got None"),
        (ModelData.from_bucket, {"bucket": "models", "object_key": "a"}, "bucket must be s3.IBucket, got 'models'"),
        (ModelData.from_directory, {"directory": 7}, "directory must be text or Path, got 7"),
        (DataCapture, {"bucket": "captured", "prefix": "kept"}, "bucket must be s3.IBucket, got 'captured'"),
        (Deployment.blue_green_canary, {"canary_size": 10}, r"must be CapacitySize \(percent, instances\), got 10"),
        (Deployment.blue_green_all_at_once, {"wait_interval": 300}, "wait_interval must be cdk.Duration, got 300"),
        (Strict, {"vpc": None}, "vpc must be ec2.IVpc, got None"),
    ],
)
def test_fails_for_a_value_class_of_a_value_of_a_wrong_kind(
    make: Callable[..., object], arguments: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        make(**arguments)


def test_fails_for_a_list_where_each_is_an_argument() -> None:
    alarms: Any = ["Alarm"]

    with pytest.raises(ValidationError, match=r"alarms must be cloudwatch.IAlarm, got \['Alarm'\]"):
        RollbackAlarms.of(alarms)


def test_fails_for_an_imported_endpoint_where_its_variants_must_be_known(stack: cdk.Stack) -> None:
    imported: Any = Endpoint.from_endpoint_name(stack, "Imported", "iris")

    with pytest.raises(ValidationError) as error:
        EndpointAlarms(stack, "Alarms", endpoint=imported)

    assert error.value.problems == ("endpoint must be Endpoint, got sagemaker_hosting.endpoint._ImportedEndpoint",)


def test_fails_for_an_entry_of_a_list_by_its_place(stack: cdk.Stack) -> None:
    one = ContainerDefinition(image=IMAGE)
    given: Any = [one, {"image": 1}]

    with pytest.raises(ValidationError, match=r"containers\[1\] must be ContainerDefinition, got {'image': 1}"):
        Model(stack, "It", containers=given)
    given = one
    with pytest.raises(
        ValidationError, match="containers must be a list of ContainerDefinition, got sagemaker_hosting"
    ):
        Model(stack, "Other", containers=given)


def test_fails_for_an_entry_of_a_dictionary_by_its_key(inputs: Inputs) -> None:
    wrong: Any = {"FRAMEWORK": 1, 2: "onnx"}

    with pytest.raises(ValidationError) as error:
        ContainerImage.from_asset(inputs.context, build_args=wrong)

    assert error.value.problems == (
        "build_args['FRAMEWORK'] must be text, got 1",
        "a key of build_args must be text, got 2",
    )


def test_fails_for_a_text_where_texts_are_listed(inputs: Inputs) -> None:
    with pytest.raises(ValidationError, match=r"exclude must be a list of str, got '\*.bin'"):
        ModelData.from_directory(inputs.model, exclude="*.bin")


def test_fails_for_a_hosted_model_by_its_own_path(stack: cdk.Stack, inputs: Inputs) -> None:
    with pytest.raises(ValidationError) as error:
        inputs.hosted(stack, image=URI, role="arn:aws:iam::111122223333:role/hosting", removal_policy="destroy")

    assert error.value.owner == "HostedModel 'Stack/Iris'"
    assert [problem.partition(",")[0] for problem in error.value.problems][1:] == [
        "role must be iam.IRole",
        "removal_policy must be cdk.RemovalPolicy",
    ]


def test_fails_for_a_method_of_an_object_whose_class_nobody_named(stack: cdk.Stack) -> None:
    endpoint = Endpoint(stack, "Endpoint", endpoint_config=config_of(stack))
    count = endpoint.find_instance_production_variant("main").auto_scale_instance_count(max_capacity=2)

    seconds: Any = 60
    caller: Any = "arn:aws:iam::111122223333:role/caller"

    with pytest.raises(ValidationError, match=r"scale_in_cooldown must be cdk.Duration, got 60"):
        count.scale_on_invocations("Load", max_requests_per_second=1, scale_in_cooldown=seconds)
    with pytest.raises(ValidationError, match=r"grantee must be iam.IGrantable, got 'arn:aws:iam::1111"):
        endpoint.grant_invoke(caller)


def test_a_dictionary_may_stand_for_options_of_the_cdk(inputs: Inputs) -> None:
    options: Any = [{"type": "registry", "params": {"ref": "cache"}}]

    ContainerImage.from_asset(inputs.context, cache_from=options)


def test_what_is_not_known_before_the_deployment_passes(stack: cdk.Stack) -> None:
    number = cdk.CfnParameter(stack, "Number", type="Number", default=1)
    config_of(stack, initial_instance_count=number.value_as_number)

    Template.from_stack(stack).has_resource_properties(
        "AWS::SageMaker::EndpointConfig", {"ProductionVariants": [{"InitialInstanceCount": {"Ref": "Number"}}]}
    )


def test_fails_for_an_object_in_place_of_its_name(stack: cdk.Stack) -> None:
    name: Any = ec2.InstanceType("m5.large")

    with pytest.raises(ValidationError, match=r"model_name must be text, got aws_cdk.aws_ec2.InstanceType"):
        Model(stack, "It", model_name=name)


def test_a_whole_number_may_be_written_with_a_point(stack: cdk.Stack) -> None:
    config_of(stack, initial_instance_count=2.0)

    Template.from_stack(stack).has_resource_properties(
        "AWS::SageMaker::EndpointConfig", {"ProductionVariants": [{"InitialInstanceCount": 2}]}
    )


def callables() -> dict[str, Callable[..., object]]:
    """Return what users make things with: the public classes, and their static methods."""
    found: dict[str, Callable[..., object]] = {}
    for name in sagemaker_hosting.__all__:
        class_ = getattr(sagemaker_hosting, name)
        if name == "SageMakerPreflight" or not inspect.isclass(class_) or issubclass(class_, (Exception, Enum)):
            continue
        makers = [each for each, made in vars(class_).items() if isinstance(made, staticmethod) and each[0] != "_"]
        found |= {f"{name}.{each}": getattr(class_, each) for each in makers}
        if not inspect.isabstract(class_) and not getattr(class_, "_is_protocol", False):
            found[name] = class_
    return {name: made for name, made in found.items() if parameters(made)}


def parameters(made: Callable[..., object]) -> dict[str, inspect.Parameter]:
    every = inspect.signature(getattr(made, "__init__") if isinstance(made, type) else made).parameters  # noqa: B009
    return {name: one for name, one in every.items() if name != "self" and one.annotation not in ("object", "Any")}


@pytest.mark.parametrize("name", callables())
def test_fails_for_each_argument_that_is_bytes(name: str) -> None:
    made = callables()[name]
    each = parameters(made)
    wrong = dict.fromkeys(each, b"wrong")
    one_by_one = [wrong.pop(one.name) for one in each.values() if one.kind is one.VAR_POSITIONAL]

    with pytest.raises(ValidationError) as error:
        made(*one_by_one, **wrong)

    assert {problem.partition(" ")[0] for problem in error.value.problems} == set(each)

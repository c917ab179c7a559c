from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms

from library.templates import only
from sagemaker_hosting import (
    Architecture,
    ContainerDefinition,
    EndpointConfig,
    InstanceProductionVariantProps,
    InstanceType,
    Model,
    ValidationError,
)

if TYPE_CHECKING:
    from library.templates import Inputs
    from sagemaker_hosting import IModel


@pytest.fixture
def model(stack: cdk.Stack) -> IModel:
    return Model.from_model_name(stack, "Model", "iris")


def variant(model: IModel, name: str = "main", **arguments: Any) -> InstanceProductionVariantProps:
    return InstanceProductionVariantProps(model=model, variant_name=name, **arguments)


def variants(stack: cdk.Stack) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = only(stack, "AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    return found


def test_a_variant_has_one_instance_and_all_weight_unless_told_otherwise(stack: cdk.Stack, model: IModel) -> None:
    EndpointConfig(stack, "Config", instance_production_variants=[variant(model)])

    assert variants(stack) == [
        {
            "InitialInstanceCount": 1,
            "InitialVariantWeight": 1,
            "InstanceType": "ml.t2.medium",
            "ModelName": "iris",
            "VariantName": "main",
        }
    ]


def test_a_variant_is_rendered_with_all_that_is_given(stack: cdk.Stack, model: IModel) -> None:
    config = EndpointConfig(stack, "Config")
    config.add_instance_production_variant(
        model=model,
        variant_name="main",
        container_startup_health_check_timeout=cdk.Duration.minutes(10),
        initial_instance_count=2,
        initial_variant_weight=0.5,
        instance_type=InstanceType.C7_G_LARGE,
        model_data_download_timeout=cdk.Duration.hours(1),
    )

    assert variants(stack) == [
        {
            "ContainerStartupHealthCheckTimeoutInSeconds": 600,
            "InitialInstanceCount": 2,
            "InitialVariantWeight": 0.5,
            "InstanceType": "ml.c7g.large",
            "ModelDataDownloadTimeoutInSeconds": 3600,
            "ModelName": "iris",
            "VariantName": "main",
        }
    ]
    assert [entry.variant_name for entry in config.instance_production_variants] == ["main"]


def test_a_weight_of_zero_is_zero(stack: cdk.Stack, model: IModel) -> None:
    EndpointConfig(
        stack,
        "Config",
        instance_production_variants=[variant(model), variant(model, "candidate", initial_variant_weight=0)],
    )

    assert [entry["InitialVariantWeight"] for entry in variants(stack)] == [1, 0]


def test_the_key_encrypts_the_storage(stack: cdk.Stack, model: IModel) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:111122223333:key/1")
    EndpointConfig(stack, "Config", encryption_key=key, instance_production_variants=[variant(model)])

    assert only(stack, "AWS::SageMaker::EndpointConfig")["KmsKeyId"] == key.key_arn


def test_an_imported_configuration_has_its_name(stack: cdk.Stack) -> None:
    imported = EndpointConfig.from_endpoint_config_name(stack, "Imported", "iris-config")

    assert imported.endpoint_config_name == "iris-config"


def test_tokens_pass_unchecked(stack: cdk.Stack, model: IModel) -> None:
    count = cdk.Token.as_number({"Ref": "Count"})
    EndpointConfig(stack, "Config", instance_production_variants=[variant(model, initial_instance_count=count)])

    assert variants(stack)[0]["InitialInstanceCount"] == {"Ref": "Count"}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"initial_instance_count": 0}, "initial_instance_count must be at least 1 instances, got 0"),
        ({"initial_variant_weight": -1}, "initial_variant_weight must be at least 0 as a relative weight, got -1"),
        (
            {"container_startup_health_check_timeout": cdk.Duration.seconds(59)},
            "container_startup_health_check_timeout must be 60 to 3600 seconds, got 59",
        ),
        (
            {"model_data_download_timeout": cdk.Duration.hours(2)},
            "model_data_download_timeout must be 60 to 3600 seconds, got 7200",
        ),
    ],
)
def test_fails_for_a_value_outside_the_limits(model: IModel, arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        variant(model, **arguments)


def test_fails_for_a_variant_name_that_sagemaker_refuses(model: IModel) -> None:
    with pytest.raises(ValidationError, match=r"variant_name must be 1 to 63 letters.*got 'a b'"):
        variant(model, "a b")


def test_fails_for_two_variants_of_one_name(stack: cdk.Stack, model: IModel) -> None:
    with pytest.raises(ValidationError, match="variant_name must be unique in the endpoint, got 'main' twice"):
        EndpointConfig(stack, "Config", instance_production_variants=[variant(model), variant(model)])


def test_fails_for_an_eleventh_variant(stack: cdk.Stack, model: IModel) -> None:
    with pytest.raises(ValidationError, match="instance_production_variants must be 1 to 10 variants, got 11"):
        EndpointConfig(
            stack, "Config", instance_production_variants=[variant(model, f"v{number}") for number in range(11)]
        )


def test_fails_without_variants_at_synthesis() -> None:
    app = cdk.App()
    EndpointConfig(cdk.Stack(app, "Stack"), "Config")

    with pytest.raises(RuntimeError, match="instance_production_variants must be 1 to 10 variants, got none"):
        app.synth()


def test_fails_if_no_variant_has_weight_at_synthesis() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    model = Model.from_model_name(stack, "Model", "iris")
    EndpointConfig(stack, "Config", instance_production_variants=[variant(model, initial_variant_weight=0)])

    with pytest.raises(RuntimeError, match="initial_variant_weight must be above 0 for at least one variant"):
        app.synth()


def test_fails_for_an_image_of_another_architecture_than_the_instances(inputs: Inputs, stack: cdk.Stack) -> None:
    model = Model(stack, "Built", containers=[ContainerDefinition(image=inputs.image())])

    with pytest.raises(ValidationError, match=r"ml\.c7g\.large runs arm64 images.*Architecture\.ARM_64"):
        variant(model, instance_type=InstanceType.C7_G_LARGE)


def test_an_image_built_for_graviton_runs_on_graviton(inputs: Inputs, stack: cdk.Stack) -> None:
    model = Model(
        stack,
        "Built",
        containers=[ContainerDefinition(image=inputs.image())],
        image_architecture=Architecture.ARM_64,
    )
    EndpointConfig(
        stack, "Config", instance_production_variants=[variant(model, instance_type=InstanceType.C7_G_LARGE)]
    )

    assert variants(stack)[0]["InstanceType"] == "ml.c7g.large"

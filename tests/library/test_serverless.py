from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from library.templates import only
from sagemaker_hosting import (
    AsyncInference,
    ContainerDefinition,
    DataCapture,
    EndpointConfig,
    InstanceProductionVariantProps,
    Model,
    ModelData,
    ServerlessProductionVariantProps,
    ValidationError,
)

if TYPE_CHECKING:
    from library.templates import Inputs


def serverless(stack: cdk.Stack, name: str = "main", **arguments: Any) -> ServerlessProductionVariantProps:
    given = {"max_concurrency": 5, "memory_size_in_mb": 2048, **arguments}
    return ServerlessProductionVariantProps(
        model=Model.from_model_name(stack, f"Model-{name}", "iris"), variant_name=name, **given
    )


def instances(stack: cdk.Stack, name: str) -> InstanceProductionVariantProps:
    return InstanceProductionVariantProps(
        model=Model.from_model_name(stack, f"Model-{name}", "iris"), variant_name=name
    )


def test_a_serverless_variant_has_no_instances(stack: cdk.Stack) -> None:
    variant = serverless(stack, provisioned_concurrency=5)
    config = EndpointConfig(stack, "Config", serverless_production_variant=variant)

    assert config.serverless_production_variant is variant
    assert only(stack, "AWS::SageMaker::EndpointConfig") == {
        "ProductionVariants": [
            {
                "InitialVariantWeight": 1,
                "ModelName": "iris",
                "ServerlessConfig": {"MaxConcurrency": 5, "MemorySizeInMB": 2048, "ProvisionedConcurrency": 5},
                "VariantName": "main",
            }
        ]
    }


def test_a_serverless_variant_can_be_added_later(stack: cdk.Stack) -> None:
    config = EndpointConfig(stack, "Config")
    config.add_serverless_production_variant(
        max_concurrency=1,
        memory_size_in_mb=1024,
        model=Model.from_model_name(stack, "Model", "iris"),
        variant_name="main",
    )

    assert only(stack, "AWS::SageMaker::EndpointConfig")["ProductionVariants"][0]["ServerlessConfig"] == {
        "MaxConcurrency": 1,
        "MemorySizeInMB": 1024,
    }


def test_model_data_is_named_by_its_url_as_serverless_endpoints_want_it(inputs: Inputs, stack: cdk.Stack) -> None:
    model = Model(stack, "Model", containers=[ContainerDefinition(image=inputs.image(), model_data=inputs.data())])
    EndpointConfig(
        stack,
        "Config",
        serverless_production_variant=ServerlessProductionVariantProps(
            max_concurrency=1, memory_size_in_mb=1024, model=model, variant_name="main"
        ),
    )

    container = only(stack, "AWS::SageMaker::Model")["PrimaryContainer"]
    assert container["ModelDataUrl"]["Fn::Join"][1][0] == "s3://"
    assert container["ModelDataUrl"]["Fn::Join"][1][-1].endswith(".gz")
    assert "ModelDataSource" not in container


def test_fails_for_model_data_that_is_a_prefix(inputs: Inputs, stack: cdk.Stack) -> None:
    data = ModelData.from_prefix(s3.Bucket.from_bucket_name(stack, "Bucket", "models"), "llm/")
    model = Model(stack, "Model", containers=[ContainerDefinition(image=inputs.image(), model_data=data)])
    variant = ServerlessProductionVariantProps(
        max_concurrency=1, memory_size_in_mb=1024, model=model, variant_name="main"
    )

    with pytest.raises(ValidationError, match="model_data must be an archive for a serverless variant or "):
        EndpointConfig(stack, "Config", serverless_production_variant=variant)


def test_fails_for_a_prefix_that_is_added_to_a_model_that_is_hosted_serverless(
    inputs: Inputs, stack: cdk.Stack
) -> None:
    model = Model(stack, "Model", containers=[ContainerDefinition(image=inputs.image())])
    EndpointConfig(
        stack,
        "Config",
        serverless_production_variant=ServerlessProductionVariantProps(
            max_concurrency=1, memory_size_in_mb=1024, model=model, variant_name="main"
        ),
    )
    data = ModelData.from_prefix(s3.Bucket.from_bucket_name(stack, "Bucket", "models"), "llm/")

    with pytest.raises(ValidationError, match="model_data must be an archive for a serverless variant or "):
        model.add_container(image=inputs.image(), model_data=data)


def test_memory_that_is_not_known_yet_passes_unchecked(stack: cdk.Stack) -> None:
    memory = cdk.Token.as_number({"Ref": "Memory"})

    assert serverless(stack, memory_size_in_mb=memory).memory_size_in_mb == memory


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"memory_size_in_mb": 1500}, "memory_size_in_mb must be 1024 to 6144 MB in steps of 1024, got 1500"),
        ({"memory_size_in_mb": 7168}, "memory_size_in_mb must be 1024 to 6144 MB in steps of 1024, got 7168"),
        ({"max_concurrency": 0}, "max_concurrency must be 1 to 200 requests, got 0"),
        ({"max_concurrency": 201}, "max_concurrency must be 1 to 200 requests, got 201"),
        ({"provisioned_concurrency": 0}, "provisioned_concurrency must be 1 to 5 requests"),
        ({"provisioned_concurrency": 6}, "provisioned_concurrency must be 1 to 5 requests .*, got 6"),
    ],
)
def test_fails_for_a_value_outside_the_limits(stack: cdk.Stack, arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        serverless(stack, **arguments)


def test_fails_for_anything_that_a_serverless_variant_excludes_and_names_all_of_it(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "data")

    with pytest.raises(ValidationError) as failure:
        EndpointConfig(
            stack,
            "Config",
            async_inference=AsyncInference(
                input_bucket=bucket, input_prefix="in", output_bucket=bucket, output_prefix="out"
            ),
            data_capture=DataCapture(bucket=bucket, prefix="captured"),
            encryption_key=kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:111122223333:key/1"),
            instance_production_variants=[instances(stack, "first")],
            serverless_production_variant=serverless(stack),
            shadow_production_variants=[instances(stack, "shadow")],
        )

    assert [problem.split()[0] for problem in failure.value.problems if "serverless" in problem] == [
        "instance_production_variants",
        "shadow_production_variants",
        "async_inference",
        "data_capture",
        "encryption_key",
    ]


def test_fails_for_a_second_serverless_variant(stack: cdk.Stack) -> None:
    config = EndpointConfig(stack, "Config", serverless_production_variant=serverless(stack))

    with pytest.raises(ValidationError, match="serverless_production_variant must be one variant, got 2"):
        config.add_serverless_production_variant(
            max_concurrency=1,
            memory_size_in_mb=1024,
            model=Model.from_model_name(stack, "Other", "iris"),
            variant_name="other",
        )


def test_fails_for_instances_beside_a_serverless_variant_and_leaves_the_configuration_as_it_was(
    stack: cdk.Stack,
) -> None:
    config = EndpointConfig(stack, "Config", serverless_production_variant=serverless(stack))

    with pytest.raises(ValidationError, match="instance_production_variants must not be given together"):
        config.add_instance_production_variant(
            model=Model.from_model_name(stack, "Other", "iris"), variant_name="other"
        )
    assert config.instance_production_variants == ()


def test_a_shadow_variant_gets_copies_of_the_requests(stack: cdk.Stack) -> None:
    config = EndpointConfig(
        stack,
        "Config",
        instance_production_variants=[instances(stack, "main")],
        shadow_production_variants=[instances(stack, "shadow")],
    )

    (found,) = only(stack, "AWS::SageMaker::EndpointConfig")["ShadowProductionVariants"]
    assert found["VariantName"] == "shadow"
    assert [variant.variant_name for variant in config.shadow_production_variants] == ["shadow"]


def test_fails_for_more_than_one_variant_on_either_side_of_a_shadow_test(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError) as failure:
        EndpointConfig(
            stack,
            "Config",
            instance_production_variants=[instances(stack, "a"), instances(stack, "b")],
            shadow_production_variants=[instances(stack, "c"), instances(stack, "d")],
        )

    assert failure.value.problems == (
        "shadow_production_variants must be at most one variant, got 2",
        "instance_production_variants must be one variant beside a shadow variant, got 2",
    )

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from library.templates import only, statement, statements
from sagemaker_hosting import (
    ContainerDefinition,
    ContainerImage,
    ContainerMode,
    EndpointConfig,
    Model,
    ModelData,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = ContainerImage.from_uri("111122223333.dkr.ecr.eu-central-1.amazonaws.com/iris:1")
HUB = "arn:aws:sagemaker:eu-central-1:111122223333:hub-content/ours/ModelReference/llm/1.0.0"


def bucket_of(stack: cdk.Stack) -> s3.IBucket:
    return s3.Bucket.from_bucket_name(stack, "Bucket", "models")


def key_of(stack: cdk.Stack) -> kms.IKey:
    return kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:111122223333:key/1")


def model_of(stack: cdk.Stack, *containers: ContainerDefinition) -> Model:
    return Model(stack, "Model", containers=containers)


def many(stack: cdk.Stack, **arguments: Any) -> ContainerDefinition:
    data = ModelData.from_prefix(bucket_of(stack), "iris/")
    return ContainerDefinition(**{"image": IMAGE, "mode": ContainerMode.MULTI_MODEL, "model_data": data, **arguments})


def container_of(stack: cdk.Stack) -> dict[str, Any]:
    container: dict[str, Any] = only(stack, "AWS::SageMaker::Model")["PrimaryContainer"]
    return container


@pytest.mark.parametrize(
    "data",
    [
        lambda stack: ModelData.from_bucket(bucket_of(stack), "iris.tar.gz", encryption_key=key_of(stack)),
        lambda stack: ModelData.from_prefix(bucket_of(stack), "iris/", encryption_key=key_of(stack)),
    ],
    ids=["object", "prefix"],
)
def test_the_role_can_decrypt_with_exactly_the_key_of_the_data(
    stack: cdk.Stack, data: Callable[[cdk.Stack], ModelData]
) -> None:
    model_of(stack, ContainerDefinition(image=IMAGE, model_data=data(stack)))

    decrypt = statement(stack, "kms:Decrypt")
    assert (decrypt["Action"], decrypt["Resource"]) == (
        ["kms:Decrypt"],
        "arn:aws:kms:eu-central-1:111122223333:key/1",
    )


def test_the_key_of_a_bucket_of_the_app_needs_not_be_named(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Models", encryption=s3.BucketEncryption.KMS)
    model_of(stack, ContainerDefinition(image=IMAGE, model_data=ModelData.from_bucket(bucket, "iris.tar.gz")))

    assert statement(stack, "kms:Decrypt")["Resource"]["Fn::GetAtt"][1] == "Arn"


def test_data_without_a_key_needs_no_decryption(stack: cdk.Stack) -> None:
    data = ModelData.from_bucket(bucket_of(stack), "iris.tar.gz")
    model_of(stack, ContainerDefinition(image=IMAGE, model_data=data))

    assert not [one for one in statements(stack) if "kms:Decrypt" in one["Action"]]


@pytest.mark.parametrize("accepted", [True, False])
def test_the_license_of_a_model_is_accepted_or_not(stack: cdk.Stack, accepted: bool) -> None:
    data = ModelData.from_prefix(bucket_of(stack), "llm/", accept_eula=accepted)
    model_of(stack, ContainerDefinition(image=IMAGE, model_data=data))

    source = container_of(stack)["ModelDataSource"]["S3DataSource"]
    assert source["ModelAccessConfig"] == {"AcceptEula": accepted}


@pytest.mark.parametrize("make", [ModelData.from_prefix, ModelData.from_bucket])
def test_a_model_of_a_private_hub_is_named_by_its_reference(stack: cdk.Stack, make: Callable[..., ModelData]) -> None:
    key = "llm/" if make is ModelData.from_prefix else "llm.tar.gz"
    model_of(stack, ContainerDefinition(image=IMAGE, model_data=make(bucket_of(stack), key, hub_content_arn=HUB)))

    source = container_of(stack)["ModelDataSource"]["S3DataSource"]
    assert source["HubAccessConfig"] == {"HubContentArn": HUB}


def test_fails_for_a_reference_without_an_arn(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="the length of hub_content_arn must be 1 to 255 characters, got 0"):
        ModelData.from_prefix(bucket_of(stack), "llm/", hub_content_arn="")


def test_many_models_are_named_by_the_url_of_their_prefix(stack: cdk.Stack) -> None:
    model_of(stack, many(stack))

    container = container_of(stack)
    assert (container["Mode"], container["ModelDataUrl"]) == ("MultiModel", "s3://models/iris/")
    assert "ModelDataSource" not in container
    assert "MultiModelConfig" not in container
    assert json.dumps(statement(stack, "s3:GetObject")["Resource"]).endswith(':s3:::models/iris/*"]]}')
    assert statement(stack, "s3:ListBucket")["Condition"] == {"StringLike": {"s3:prefix": "iris/*"}}


@pytest.mark.parametrize(("caching", "setting"), [(True, "Enabled"), (False, "Disabled")])
def test_models_are_kept_in_memory_or_not(stack: cdk.Stack, caching: bool, setting: str) -> None:
    model_of(stack, many(stack, model_caching=caching))

    assert container_of(stack)["MultiModelConfig"] == {"ModelCacheSetting": setting}


def test_a_container_that_is_added_can_serve_many_models(stack: cdk.Stack) -> None:
    data = ModelData.from_prefix(bucket_of(stack), "iris/")
    model = Model(stack, "Model")
    model.add_container(image=IMAGE, mode=ContainerMode.MULTI_MODEL, model_caching=False, model_data=data)

    assert container_of(stack)["Mode"] == "MultiModel"


def test_an_image_of_a_registry_in_the_vpc_is_pulled_with_the_credentials_of_a_function(stack: cdk.Stack) -> None:
    arn = "arn:aws:lambda:eu-central-1:111122223333:function:login"
    login = lambda_.Function.from_function_arn(stack, "Login", arn)
    image = ContainerImage.from_private_registry("registry.example.com:5000/team/iris:1", credentials_provider=login)
    model_of(stack, ContainerDefinition(image=image))

    assert container_of(stack)["Image"] == "registry.example.com:5000/team/iris:1"
    assert container_of(stack)["ImageConfig"] == {
        "RepositoryAccessMode": "Vpc",
        "RepositoryAuthConfig": {"RepositoryCredentialsProviderArn": arn},
    }
    assert statement(stack, "lambda:InvokeFunction")["Resource"] == arn


def test_a_registry_may_ask_for_no_credentials(stack: cdk.Stack) -> None:
    image = ContainerImage.from_private_registry(f"registry.example.com/iris@sha256:{'a' * 64}")
    model_of(stack, ContainerDefinition(image=image))

    assert container_of(stack)["ImageConfig"] == {"RepositoryAccessMode": "Vpc"}


def test_fails_for_many_models_without_data() -> None:
    with pytest.raises(ValidationError, match=r"model_data must be given for ContainerMode\.MULTI_MODEL, got none"):
        ContainerDefinition(image=IMAGE, mode=ContainerMode.MULTI_MODEL)


@pytest.mark.parametrize("mode", [None, ContainerMode.SINGLE_MODEL])
def test_fails_for_caching_of_a_single_model(mode: ContainerMode | None) -> None:
    with pytest.raises(ValidationError, match=r"model_caching must be given for ContainerMode\.MULTI_MODEL only"):
        ContainerDefinition(image=IMAGE, mode=mode, model_caching=False)


def test_fails_for_many_models_in_one_archive_or_under_a_license(stack: cdk.Stack) -> None:
    data = ModelData.from_bucket(bucket_of(stack), "iris.tar.gz", accept_eula=True)
    with pytest.raises(ValidationError) as raised:
        model_of(stack, many(cdk.Stack(cdk.App(), "Other"), model_data=data))

    assert [problem.split(" must ")[0] for problem in raised.value.problems] == ["model_data", "accept_eula"]


def test_fails_for_two_containers_of_many_models(stack: cdk.Stack) -> None:
    container = many(stack)

    with pytest.raises(ValidationError, match=r"mode must be ContainerMode\.MULTI_MODEL in at most one container"):
        model_of(stack, container, container)


def test_fails_for_many_models_in_a_serverless_variant(stack: cdk.Stack) -> None:
    model = model_of(stack, many(stack))

    with pytest.raises(ValidationError) as raised:
        EndpointConfig(stack, "Config").add_serverless_production_variant(
            model=model, variant_name="main", max_concurrency=1, memory_size_in_mb=1024
        )
    assert raised.value.problems == (
        "mode must not be ContainerMode.MULTI_MODEL for a serverless variant, which serves one model",
    )


def test_fails_for_a_license_or_a_private_registry_in_a_serverless_variant(stack: cdk.Stack) -> None:
    data = ModelData.from_bucket(bucket_of(stack), "iris.tar.gz", accept_eula=True)
    image = ContainerImage.from_private_registry("registry.example.com/iris:1")
    model = model_of(stack, ContainerDefinition(image=image, model_data=data))

    with pytest.raises(ValidationError) as raised:
        EndpointConfig(stack, "Config").add_serverless_production_variant(
            model=model, variant_name="main", max_concurrency=1, memory_size_in_mb=1024
        )
    assert [problem.split(" must ")[0] for problem in raised.value.problems] == ["accept_eula", "image"]


@pytest.mark.parametrize("uri", ["iris", "registry.example.com/iris", "https://registry.example.com/iris:1"])
def test_fails_for_a_registry_image_without_host_or_tag(uri: str) -> None:
    with pytest.raises(ValidationError, match="uri must be HOST/REPOSITORY:TAG or @sha256:DIGEST"):
        ContainerImage.from_private_registry(uri)

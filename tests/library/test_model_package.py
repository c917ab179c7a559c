from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from library.templates import logical_id, only
from sagemaker_hosting import (
    ApprovalStatus,
    ContainerDefinition,
    InstanceType,
    Model,
    ModelData,
    ModelDomain,
    ModelPackage,
    ModelPackageGroup,
    ModelTask,
    SamplePayloads,
    ValidationError,
)

if TYPE_CHECKING:
    from library.templates import Inputs


def register(inputs: Inputs, stack: cdk.Stack, **arguments: Any) -> ModelPackage:
    """Register a model with the given arguments, and sensible ones for what is required."""
    model = Model(
        stack,
        "Model",
        containers=[ContainerDefinition(image=inputs.image(), model_data=inputs.data(), environment={"LEVEL": "info"})],
    )
    given = {
        "model": model,
        "model_package_group": ModelPackageGroup.from_model_package_group_name(stack, "Group", "iris"),
        "supported_content_types": ["text/csv"],
        "supported_response_types": ["application/json"],
        **arguments,
    }
    return ModelPackage(stack, "Package", **given)


def test_an_archive_is_named_by_its_url_as_transform_jobs_and_aws_marketplace_want_it(
    inputs: Inputs, stack: cdk.Stack
) -> None:
    register(inputs, stack)

    (container,) = only(stack, "AWS::SageMaker::ModelPackage")["InferenceSpecification"]["Containers"]
    assert container["ModelDataUrl"]["Fn::Join"][1][-1].endswith(".gz")
    assert "ModelDataSource" not in container


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (
            {"prefix": "llm/"},
            {"S3Uri": "s3://models/llm/", "S3DataType": "S3Prefix", "CompressionType": "None"},
        ),
        (
            {"object_key": "llm.tar.gz", "accept_eula": True},
            {
                "S3Uri": "s3://models/llm.tar.gz",
                "S3DataType": "S3Object",
                "CompressionType": "Gzip",
                "ModelAccessConfig": {"AcceptEula": True},
            },
        ),
    ],
)
def test_other_data_is_described(
    inputs: Inputs, stack: cdk.Stack, data: dict[str, Any], source: dict[str, Any]
) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "models")
    make = ModelData.from_prefix if "prefix" in data else ModelData.from_bucket
    container = ContainerDefinition(image=inputs.image(), model_data=make(bucket, **data))
    register(inputs, stack, model=Model(stack, "Other", containers=[container]))

    (found,) = only(stack, "AWS::SageMaker::ModelPackage")["InferenceSpecification"]["Containers"]
    assert found["ModelDataSource"] == {"S3DataSource": source}


def test_a_group_is_named_after_its_path_and_kept_when_it_leaves_the_stack(stack: cdk.Stack) -> None:
    group = ModelPackageGroup(stack, "Group", description="Irises")

    ((_, resource),) = Template.from_stack(stack).find_resources("AWS::SageMaker::ModelPackageGroup").items()
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert resource["Properties"]["ModelPackageGroupDescription"] == "Irises"
    assert resource["Properties"]["ModelPackageGroupName"] == group.model_package_group_name
    assert group.model_package_group_name.startswith("Stack-Group")


def test_a_group_can_be_given_a_name_and_be_deleted(stack: cdk.Stack) -> None:
    ModelPackageGroup(stack, "Group", model_package_group_name="irises", removal_policy=cdk.RemovalPolicy.DESTROY)

    ((_, resource),) = Template.from_stack(stack).find_resources("AWS::SageMaker::ModelPackageGroup").items()
    assert resource["DeletionPolicy"] == "Delete"
    assert resource["Properties"] == {"ModelPackageGroupName": "irises"}


def test_a_version_holds_the_very_containers_of_the_model(inputs: Inputs, stack: cdk.Stack) -> None:
    register(inputs, stack)

    container = only(stack, "AWS::SageMaker::Model")["PrimaryContainer"]
    (registered,) = only(stack, "AWS::SageMaker::ModelPackage")["InferenceSpecification"]["Containers"]
    data = container.pop("ModelDataSource")["S3DataSource"]["S3Uri"]
    assert registered == {**container, "ModelDataUrl": data}


def test_a_version_waits_for_its_group_and_is_kept(inputs: Inputs, stack: cdk.Stack) -> None:
    register(inputs, stack, model_package_group=ModelPackageGroup(stack, "Made"))

    ((_, resource),) = Template.from_stack(stack).find_resources("AWS::SageMaker::ModelPackage").items()
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert logical_id(stack, "AWS::SageMaker::ModelPackageGroup") in resource["DependsOn"]


def test_a_version_is_pending_until_somebody_approves_it(inputs: Inputs, stack: cdk.Stack) -> None:
    register(inputs, stack)

    assert only(stack, "AWS::SageMaker::ModelPackage")["ModelApprovalStatus"] == "PendingManualApproval"


def test_a_version_describes_what_it_is_and_where_it_runs(inputs: Inputs, stack: cdk.Stack) -> None:
    register(
        inputs,
        stack,
        approval_status=ApprovalStatus.APPROVED,
        description="A tree",
        domain=ModelDomain.MACHINE_LEARNING,
        task=ModelTask.CLASSIFICATION,
        supported_realtime_inference_instance_types=[InstanceType.M5_LARGE],
        supported_transform_instance_types=[InstanceType.M5_XLARGE],
    )

    properties = only(stack, "AWS::SageMaker::ModelPackage")
    specification = properties["InferenceSpecification"]
    assert properties["ModelApprovalStatus"] == "Approved"
    assert properties["ModelPackageDescription"] == "A tree"
    assert (properties["Domain"], properties["Task"]) == ("MACHINE_LEARNING", "CLASSIFICATION")
    assert specification["SupportedContentTypes"] == ["text/csv"]
    assert specification["SupportedResponseMIMETypes"] == ["application/json"]
    assert specification["SupportedRealtimeInferenceInstanceTypes"] == ["ml.m5.large"]
    assert specification["SupportedTransformInstanceTypes"] == ["ml.m5.xlarge"]


def test_the_sample_payload_holds_the_bodies_and_not_the_expected_answers(inputs: Inputs) -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    register(inputs, stack, sample_payloads=SamplePayloads.from_directory(inputs.payloads))
    url = json.dumps(only(stack, "AWS::SageMaker::ModelPackage")["SamplePayloadUrl"])

    names = []
    for path in Path(app.synth().directory).glob("asset.*.gz"):
        if path.name.removeprefix("asset.").removesuffix(".tar.gz") in url:
            with tarfile.open(path) as archive:
                names = archive.getnames()
    assert names == ["one.csv"]


@pytest.mark.parametrize("argument", ["supported_content_types", "supported_response_types"])
def test_fails_without_mime_types(inputs: Inputs, stack: cdk.Stack, argument: str) -> None:
    with pytest.raises(ValidationError, match=f"{argument} must hold at least one type, got none"):
        register(inputs, stack, **{argument: []})


def test_fails_for_a_description_that_is_too_long(inputs: Inputs, stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="description must be 0 to 1024 characters, got 1025"):
        register(inputs, stack, description="x" * 1025)


def test_fails_for_a_group_name_that_sagemaker_refuses(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match=r"model_package_group_name must be 1 to 63 letters.*got '-'"):
        ModelPackageGroup(stack, "Group", model_package_group_name="-")

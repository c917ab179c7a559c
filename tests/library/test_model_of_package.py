from __future__ import annotations

import json

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from library.templates import only, small_model, statement
from sagemaker_hosting import (
    ApprovalStatus,
    ContainerImage,
    EndpointConfig,
    Model,
    ModelData,
    ModelPackage,
    ModelPackageGroup,
    ValidationError,
)
from sagemaker_hosting.preflight import check_template

ARN = "arn:aws:sagemaker:eu-central-1:444455556666:model-package/iris/3"
IMAGE = "444455556666.dkr.ecr.eu-central-1.amazonaws.com/iris:1"


def registered(stack: cdk.Stack, status: ApprovalStatus) -> ModelPackage:
    return ModelPackage(
        stack,
        "Package",
        model=small_model(stack, "Registered"),
        model_package_group=ModelPackageGroup(stack, "Group"),
        approval_status=status,
        supported_content_types=["text/csv"],
        supported_response_types=["text/csv"],
    )


def test_a_version_of_another_account_is_hosted_with_what_its_image_and_data_need(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Models", "models")
    Model.from_model_package(
        stack,
        "Model",
        model_package=ModelPackage.from_model_package_arn(stack, "Version", ARN),
        environment={"LEVEL": "info"},
        image=ContainerImage.from_uri(IMAGE),
        model_data=ModelData.from_bucket(bucket, "iris/3/model.tar.gz"),
    )

    assert only(stack, "AWS::SageMaker::Model")["PrimaryContainer"] == {
        "Environment": {"LEVEL": "info"},
        "ModelPackageName": ARN,
    }
    assert ":444455556666:repository/iris" in json.dumps(statement(stack, "ecr:BatchGetImage")["Resource"])
    assert "models/iris/3/model.tar.gz" in json.dumps(statement(stack, "s3:GetObject")["Resource"])


def test_a_version_of_this_app_is_hosted_with_the_role_that_it_was_registered_with(stack: cdk.Stack) -> None:
    package = registered(stack, ApprovalStatus.APPROVED)
    model = Model.from_model_package(stack, "Model", model_package=package)
    EndpointConfig(stack, "Config").add_instance_production_variant(model=model, variant_name="AllTraffic")
    template = Template.from_stack(stack)

    template.resource_count_is("AWS::IAM::Role", 1)
    assert package.model is not None
    assert model.role is package.model.role
    assert check_template(template.to_json(), region="eu-central-1") == []


def test_a_version_runs_in_a_vpc_in_a_further_way(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
    model = Model.from_model_package(
        stack,
        "Model",
        model_package=ModelPackage.from_model_package_arn(stack, "Version", ARN),
        allow_all_outbound=False,
        inference_specification_name="compiled",
        vpc=vpc,
    )
    model.connections.allow_to_any_ipv4(ec2.Port.HTTPS)

    properties = only(stack, "AWS::SageMaker::Model")
    assert properties["PrimaryContainer"] == {"InferenceSpecificationName": "compiled", "ModelPackageName": ARN}
    assert len(properties["VpcConfig"]["Subnets"]) == 2
    (rule,) = only(stack, "AWS::EC2::SecurityGroup")["SecurityGroupEgress"]
    assert (rule["CidrIp"], rule["FromPort"]) == ("0.0.0.0/0", 443)


def test_fails_for_a_way_that_cannot_be_a_name(stack: cdk.Stack) -> None:
    package = ModelPackage.from_model_package_arn(stack, "Version", ARN)

    with pytest.raises(ValidationError, match=r"inference_specification_name must be 1 to 63 letters, .*, got ''"):
        Model.from_model_package(stack, "Model", model_package=package, inference_specification_name="")


def test_another_version_is_another_model() -> None:
    ids: list[str] = []
    for number in (1, 2):
        stack = cdk.Stack(cdk.App(), "Stack")
        package = ModelPackage.from_model_package_arn(stack, "Version", f"{ARN[:-1]}{number}")
        Model.from_model_package(stack, "Model", model_package=package)
        ids.extend(Template.from_stack(stack).find_resources("AWS::SageMaker::Model"))

    assert ids[0] != ids[1]


@pytest.mark.parametrize("status", [ApprovalStatus.PENDING_MANUAL_APPROVAL, ApprovalStatus.REJECTED])
def test_fails_for_a_version_that_this_app_does_not_approve(stack: cdk.Stack, status: ApprovalStatus) -> None:
    with pytest.raises(ValidationError, match=f"model_package must be approved, got {status.value}"):
        Model.from_model_package(stack, "Model", model_package=registered(stack, status))


def test_fails_for_variables_that_sagemaker_refuses(stack: cdk.Stack) -> None:
    package = ModelPackage.from_model_package_arn(stack, "Version", ARN)

    with pytest.raises(ValidationError, match="environment names must be letters"):
        Model.from_model_package(stack, "Model", model_package=package, environment={"a b": "c"})


def test_fails_for_a_further_container_and_for_registering_it_again(stack: cdk.Stack) -> None:
    model = Model.from_model_package(
        stack, "Model", model_package=ModelPackage.from_model_package_arn(stack, "Version", ARN)
    )

    with pytest.raises(ValidationError, match="containers must be those of the model package"):
        model.add_container(image=ContainerImage.from_uri(IMAGE))
    with pytest.raises(ValidationError, match="model must have containers of its own"):
        ModelPackage(
            stack,
            "Again",
            model=model,
            model_package_group=ModelPackageGroup(stack, "Group"),
            supported_content_types=["text/csv"],
            supported_response_types=["text/csv"],
        )

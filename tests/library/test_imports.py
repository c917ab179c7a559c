from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from library.templates import only, statement
from sagemaker_hosting import DataCapture, Endpoint, EndpointConfig, Model, ModelPackageGroup, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = "arn:aws:sagemaker:eu-central-1:111122223333"


def test_a_model_is_known_by_its_arn(stack: cdk.Stack) -> None:
    model = Model.from_model_arn(stack, "Model", f"{HERE}:model/iris")

    assert (model.model_arn, model.model_name) == (f"{HERE}:model/iris", "iris")
    assert model.role is None


@pytest.mark.parametrize(
    ("imported", "argument"),
    [
        (Model.from_model_name, "model_name"),
        (EndpointConfig.from_endpoint_config_name, "endpoint_config_name"),
        (Endpoint.from_endpoint_name, "endpoint_name"),
        (ModelPackageGroup.from_model_package_group_name, "model_package_group_name"),
    ],
)
@pytest.mark.parametrize("name", ["", f"{HERE}:model/iris", "iris_1"])
def test_fails_for_what_is_no_name(
    stack: cdk.Stack, imported: Callable[[cdk.Stack, str, str], object], argument: str, name: str
) -> None:
    with pytest.raises(ValidationError, match=f"{argument} must be 1 to 63 letters, digits and hyphens .*, got '"):
        imported(stack, "Imported", name)


def test_a_configuration_is_known_by_its_arn(stack: cdk.Stack) -> None:
    config = EndpointConfig.from_endpoint_config_arn(stack, "Config", f"{HERE}:endpoint-config/iris")
    Endpoint(stack, "Endpoint", endpoint_config=config)

    assert config.endpoint_config_arn == f"{HERE}:endpoint-config/iris"
    assert only(stack, "AWS::SageMaker::Endpoint")["EndpointConfigName"] == "iris"


def test_an_endpoint_is_known_by_its_arn(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal())
    endpoint = Endpoint.from_endpoint_arn(stack, "Endpoint", f"{HERE}:endpoint/iris")
    endpoint.grant_invoke(role)

    assert endpoint.endpoint_name == "iris"
    assert statement(stack, "sagemaker:InvokeEndpoint")["Resource"] == f"{HERE}:endpoint/iris"


def test_an_endpoint_is_known_by_its_attributes(stack: cdk.Stack) -> None:
    endpoint = Endpoint.from_endpoint_attributes(stack, "Endpoint", endpoint_arn=f"{HERE}:endpoint/iris")

    assert endpoint.endpoint_name == "iris"


def test_a_group_is_known_by_its_arn(stack: cdk.Stack) -> None:
    arn = f"{HERE}:model-package-group/irises"
    group = ModelPackageGroup.from_model_package_group_arn(stack, "Group", arn)

    assert (group.model_package_group_arn, group.model_package_group_name) == (arn, "irises")


def test_an_arn_that_is_not_known_yet_passes_unchecked(stack: cdk.Stack) -> None:
    model = Model.from_model_arn(stack, "Model", cdk.Fn.import_value("ModelArn"))

    assert stack.resolve(model.model_name)["Fn::Select"][0] == 1


def test_the_role_of_an_imported_model_may_write_what_is_captured(stack: cdk.Stack) -> None:
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/iris")
    model = Model.from_model_attributes(stack, "Model", model_arn=f"{HERE}:model/iris", role=role)
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "data")
    config = EndpointConfig(stack, "Config", data_capture=DataCapture(bucket=bucket, prefix="captured"))
    config.add_instance_production_variant(model=model, variant_name="main")

    assert only(stack, "AWS::IAM::Policy")["Roles"] == ["iris"]


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda scope: Model.from_model_arn(scope, "Model", "iris"), "model_arn must be arn:aws:sagemaker:REGION"),
        (
            lambda scope: EndpointConfig.from_endpoint_config_arn(scope, "Config", f"{HERE}:endpoint/iris"),
            "endpoint_config_arn must be arn:aws:sagemaker:REGION:ACCOUNT:endpoint-config/NAME",
        ),
        (
            lambda scope: Endpoint.from_endpoint_arn(scope, "Endpoint", f"{HERE}:endpoint-config/iris"),
            "endpoint_arn must be arn:aws:sagemaker:REGION:ACCOUNT:endpoint/NAME",
        ),
    ],
)
def test_fails_for_the_arn_of_something_else(
    stack: cdk.Stack, make: Callable[[cdk.Stack], object], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        make(stack)

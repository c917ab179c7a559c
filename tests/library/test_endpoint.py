from __future__ import annotations

import re

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

from library.templates import logical_id, only, statement
from sagemaker_hosting import Endpoint, EndpointConfig, ValidationError


@pytest.fixture
def endpoint(stack: cdk.Stack) -> Endpoint:
    config = EndpointConfig.from_endpoint_config_name(stack, "Config", "iris-config")
    return Endpoint(stack, "Endpoint", endpoint_config=config)


@pytest.fixture
def role(stack: cdk.Stack) -> iam.Role:
    return iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal())


@pytest.mark.usefixtures("endpoint")
def test_an_endpoint_has_no_name_of_its_own_unless_one_is_given(stack: cdk.Stack) -> None:
    assert only(stack, "AWS::SageMaker::Endpoint") == {"EndpointConfigName": "iris-config"}


def test_a_caller_may_invoke_this_endpoint_and_no_other(stack: cdk.Stack, endpoint: Endpoint, role: iam.Role) -> None:
    endpoint.grant_invoke(role)

    granted = statement(stack, "sagemaker:InvokeEndpoint")
    assert granted["Action"] == ["sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream"]
    assert granted["Resource"] == {"Ref": logical_id(stack, "AWS::SageMaker::Endpoint")}


def test_a_caller_may_be_granted_one_action(stack: cdk.Stack, endpoint: Endpoint, role: iam.Role) -> None:
    endpoint.grant(role, "sagemaker:DescribeEndpoint")

    assert statement(stack, "sagemaker:DescribeEndpoint")["Action"] == ["sagemaker:DescribeEndpoint"]


def test_a_caller_may_see_the_state_of_this_endpoint(stack: cdk.Stack, endpoint: Endpoint, role: iam.Role) -> None:
    endpoint.grant_describe(role)

    granted = statement(stack, "sagemaker:DescribeEndpoint")
    assert granted["Resource"] == {"Ref": logical_id(stack, "AWS::SageMaker::Endpoint")}


def test_a_caller_of_a_queue_may_upload_payloads_into_their_folder(
    stack: cdk.Stack, endpoint: Endpoint, role: iam.Role
) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:111122223333:key/1")
    bucket = s3.Bucket.from_bucket_attributes(stack, "Bucket", bucket_name="data", encryption_key=key)
    endpoint.grant_invoke_async(role, input_bucket=bucket, input_prefix="in")

    assert statement(stack, "sagemaker:InvokeEndpointAsync")["Action"] == ["sagemaker:InvokeEndpointAsync"]
    assert statement(stack, "s3:PutObject")["Resource"]["Fn::Join"][1][-1] == ":s3:::data/in/*"
    assert statement(stack, "kms:GenerateDataKey")["Resource"] == key.key_arn


def test_that_payloads_have_any_name_is_acknowledged_where_the_right_is() -> None:
    app = cdk.App(analytics_reporting=False, builtin_cloud_formation_validation=False)
    stack = cdk.Stack(app, "Stack")
    endpoint = Endpoint.from_endpoint_name(stack, "Endpoint", "queue")
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "data")
    role = iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal())
    imported = iam.Role.from_role_arn(stack, "Imported", "arn:aws:iam::111122223333:role/caller")
    for caller in (role, imported, iam.Group(stack, "Group")):
        endpoint.grant_invoke_async(caller, input_bucket=bucket, input_prefix="in")
    bucket.grant_put(role, "other/*")
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    with pytest.raises(RuntimeError) as error:
        app.synth()

    assert re.findall(r"Resource::([^]]*)", str(error.value)) == ["arn:<AWS::Partition>:s3:::data/other/*"]


def test_who_is_no_role_is_granted_nothing_and_nothing_is_acknowledged(stack: cdk.Stack, endpoint: Endpoint) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "data")

    grant = endpoint.grant_invoke_async(
        iam.ServicePrincipal("states.amazonaws.com"), input_bucket=bucket, input_prefix="in"
    )

    assert not grant.success


def test_fails_for_payloads_outside_a_folder(stack: cdk.Stack, endpoint: Endpoint, role: iam.Role) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "data")

    with pytest.raises(ValidationError, match="input_prefix must be a folder without a slash at either end, got ''"):
        endpoint.grant_invoke_async(role, input_bucket=bucket, input_prefix="")


def test_an_imported_endpoint_is_granted_by_its_arn_which_is_in_lower_case(stack: cdk.Stack, role: iam.Role) -> None:
    imported = Endpoint.from_endpoint_name(stack, "Imported", "Iris-Endpoint")
    imported.grant_invoke(role)

    assert imported.endpoint_name == "Iris-Endpoint"
    assert statement(stack, "sagemaker:InvokeEndpoint")["Resource"]["Fn::Join"][1][-1] == ":endpoint/iris-endpoint"


def test_fails_for_a_name_that_sagemaker_refuses(stack: cdk.Stack) -> None:
    config = EndpointConfig.from_endpoint_config_name(stack, "Config", "iris-config")

    with pytest.raises(ValidationError, match=r"endpoint_name must be 1 to 63 letters.*got 'iris endpoint'"):
        Endpoint(stack, "Endpoint", endpoint_config=config, endpoint_name="iris endpoint")


def test_an_api_passes_requests_on_to_it(stack: cdk.Stack) -> None:
    api = apigateway.RestApi(stack, "Api", endpoint_types=[apigateway.EndpointType.REGIONAL])
    endpoint = Endpoint.from_endpoint_name(stack, "Endpoint", "iris")
    api.root.add_method("POST", apigateway.SagemakerIntegration(endpoint))

    assert only(stack, "AWS::ApiGateway::Method")["Integration"]["Uri"]["Fn::Join"][1][-1] == (
        ":runtime.sagemaker:path/endpoints/iris/invocations"
    )
    assert statement(stack, "sagemaker:InvokeEndpoint")["Resource"] == stack.resolve(endpoint.endpoint_arn)

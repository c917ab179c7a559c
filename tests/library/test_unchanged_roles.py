"""A role that the CDK must not change gets no policy, whatever it is for: somebody else gives it its rights."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from library.templates import small_model
from sagemaker_hosting import (
    AsyncInference,
    BatchTransform,
    CapacitySize,
    ComponentSpecification,
    ComputeRequirements,
    ContainerDefinition,
    ContainerImage,
    DataCapture,
    DataQualityMonitor,
    Deployment,
    Endpoint,
    EndpointConfig,
    InferenceComponent,
    InstanceType,
    Model,
    ModelExplainabilityMonitor,
    MonitorInput,
    MonitorJobs,
    S3File,
)
from sagemaker_hosting.preflight import check_template

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = cdk.Environment(account="111122223333", region="eu-central-1")
IMAGE = ContainerImage.from_uri("111122223333.dkr.ecr.eu-central-1.amazonaws.com/iris:1")


def unchangeable(stack: cdk.Stack) -> iam.IRole:
    return iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/given", mutable=False)


def of_another_account(stack: cdk.Stack) -> iam.IRole:
    return iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::444455556666:role/given")


def frozen(stack: cdk.Stack) -> iam.IRole:
    trusted = iam.ServicePrincipal("sagemaker.amazonaws.com")
    return iam.Role(stack, "Role", assumed_by=trusted).without_policy_updates()


@pytest.fixture(params=[unchangeable, of_another_account, frozen])
def role(request: pytest.FixtureRequest) -> iam.IRole:
    make: Callable[[cdk.Stack], iam.IRole] = request.param
    return make(cdk.Stack(cdk.App(analytics_reporting=False), "Stack", env=HERE))


def endpoint_of(stack: cdk.Stack, model: Model) -> Endpoint:
    data = s3.Bucket.from_bucket_name(stack, "Data", "data")
    config = EndpointConfig(
        stack,
        "Config",
        async_inference=AsyncInference(input_bucket=data, input_prefix="in", output_bucket=data, output_prefix="out"),
        data_capture=DataCapture(bucket=data, prefix="captured"),
    )
    config.add_instance_production_variant(
        initial_instance_count=2, instance_type=InstanceType.M5_LARGE, model=model, variant_name="main"
    )
    deployment = Deployment.blue_green_canary(canary_size=CapacitySize.instances(1))
    return Endpoint(stack, "Endpoint", deployment=deployment, endpoint_config=config)


def policies(stack: cdk.Stack) -> list[str]:
    template = Template.from_stack(stack)
    assert check_template(template.to_json()) == []
    return [json.dumps(found["Properties"]["Roles"]) for found in template.find_resources("AWS::IAM::Policy").values()]


def test_a_model_its_endpoint_and_its_jobs_leave_the_role_as_it_is(role: iam.IRole) -> None:
    stack = cdk.Stack.of(role)
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["a", "b"], private_subnet_ids=["subnet-1", "subnet-2"]
    )
    data = s3.Bucket.from_bucket_name(stack, "Read", "read")
    model = Model(stack, "Model", containers=[ContainerDefinition(image=IMAGE)], role=role, vpc=vpc)
    endpoint = endpoint_of(stack, model)
    monitored = MonitorInput.of_endpoint(endpoint)
    DataQualityMonitor(
        stack, "Monitor", jobs=MonitorJobs(role=role), monitored=monitored, output_bucket=data, output_prefix="reports"
    )
    ModelExplainabilityMonitor(
        stack,
        "Why",
        analysis_config=S3File.from_bucket(data, "analysis.json"),
        jobs=MonitorJobs(role=role),
        model=model,
        monitored=monitored,
        output_bucket=data,
        output_prefix="reports",
    )
    BatchTransform(
        stack,
        "Transform",
        content_type="text/csv",
        input_bucket=data,
        input_prefix="in/",
        model=model,
        output_bucket=data,
        output_prefix="out",
    )

    (roles,) = policies(stack)
    assert "TransformJobs" in roles


def test_inference_components_leave_the_role_as_it_is(role: iam.IRole) -> None:
    stack = cdk.Stack.of(role)
    config = EndpointConfig(stack, "Config", execution_role=role)
    config.add_instance_production_variant(instance_type=InstanceType.M5_LARGE, variant_name="main")
    InferenceComponent(
        stack,
        "Component",
        endpoint=Endpoint(stack, "Endpoint", endpoint_config=config),
        specification=ComponentSpecification(
            compute=ComputeRequirements(min_memory_in_mb=1024), model=small_model(stack)
        ),
    )

    (roles,) = policies(stack)
    assert "ModelRole" in roles


def test_a_role_that_was_imported_to_be_changed_is_changed() -> None:
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "Stack", env=HERE)
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/given")
    Model(stack, "Model", containers=[ContainerDefinition(image=IMAGE)], role=role)

    assert policies(stack) == ['["given"]']

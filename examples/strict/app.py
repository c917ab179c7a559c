"""A model in a VPC without a way to the internet, to which the packs NIST 800-53, HIPAA and PCI have nothing to say."""

from pathlib import Path

import aws_cdk as cdk
import cdk_nag
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from cdk_nag import AwsSolutionsChecks

from sagemaker_hosting import (
    ContainerImage,
    HostedModel,
    HostingVpcEndpoints,
    InstanceType,
    ModelData,
    ModelDomain,
    ModelTask,
    SageMakerPreflight,
    SamplePayloads,
    Strict,
)

IRIS = Path(__file__).parents[2] / "models" / "iris"
app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Strict")
key = kms.Key(stack, "Key", enable_key_rotation=True)
vpc = ec2.Vpc.from_vpc_attributes(
    stack,
    "Vpc",
    availability_zones=["eu-central-1a", "eu-central-1b"],
    private_subnet_ids=["subnet-0000000000000000a", "subnet-0000000000000000b"],
    private_subnet_route_table_ids=["rtb-0000000000000000a", "rtb-0000000000000000b"],
    vpc_cidr_block="10.0.0.0/16",
    vpc_id="vpc-00000000000000000",
)
HostingVpcEndpoints(stack, "Ways", vpc=vpc, sagemaker_runtime=True)
HostedModel(
    stack,
    "Iris",
    domain=ModelDomain.MACHINE_LEARNING,
    image=ContainerImage.from_asset(IRIS.parents[1] / "container", build_args={"FRAMEWORK": "sklearn"}),
    instance_type=InstanceType.M5_LARGE,
    model_data=ModelData.from_directory(IRIS / "model", code=IRIS / "code"),
    payloads=SamplePayloads.from_directory(IRIS / "payloads"),
    smoke_test_gate=True,
    strict=Strict(vpc=vpc, encryption_key=key),
    task=ModelTask.CLASSIFICATION,
)
packs = (cdk_nag.HIPAASecurityChecks(app), cdk_nag.NIST80053R5Checks(app), cdk_nag.PCIDSS321Checks(app))
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), *packs, SageMakerPreflight())
app.synth()

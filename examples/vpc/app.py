"""An endpoint without a way out: a VPC without internet, containers without network, one key for all that is kept.

``Isolated`` can reach nothing at all; ``InVpc`` what the VPC has an endpoint for: S3, CloudWatch Logs and KMS.
Deploy it with ``npx cdk deploy --app ".venv/bin/python examples/vpc/app.py"``.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Vpc")
vpc = ec2.Vpc(
    stack,
    "Network",
    flow_logs={"All": ec2.FlowLogOptions()},
    restrict_default_security_group=False,
    subnet_configuration=[ec2.SubnetConfiguration(name="Hosting", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)],
)
hosting.HostingVpcEndpoints(stack, "Endpoints", vpc=vpc, kms=True, logs=True)
key = kms.Key(stack, "Key", enable_key_rotation=True)
captured = s3.Bucket(
    stack,
    "Captured",
    block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
    encryption=s3.BucketEncryption.KMS,
    encryption_key=key,
    enforce_ssl=True,
)
cdk.Validations.of(captured).acknowledge(
    cdk.Acknowledgment(id="AwsSolutions-S1", reason="An example keeps no access logs.")
)
for name, isolated in (("Isolated", True), ("InVpc", False)):
    hosting.HostedModel(
        stack,
        name,
        image=hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": "sklearn"}),
        model_data=hosting.ModelData.from_directory(IRIS / "model", code=IRIS / "code"),
        payloads=hosting.SamplePayloads.from_directory(IRIS / "payloads"),
        domain=hosting.ModelDomain.MACHINE_LEARNING,
        task=hosting.ModelTask.CLASSIFICATION,
        instance_type=hosting.InstanceType.M5_LARGE,
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        network_isolation=isolated,
        encryption_key=key,
        data_capture=hosting.DataCapture(bucket=captured, prefix=name),
    )
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()

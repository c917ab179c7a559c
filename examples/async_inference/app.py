"""Requests that may wait: large payloads from S3, answers to S3, messages, and no instance while nobody asks.

The container takes what its environment says of SageMaker's 1 GB and one hour. The first payload below ``requests/``
brings an instance back. Deploy it with ``npx cdk deploy --app ".venv/bin/python examples/async_inference/app.py"``.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

ROOT = Path(__file__).parents[2]
RECYCLING = ROOT / "models" / "recycling"

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "AsyncInference")
bucket = s3.Bucket(
    stack,
    "Payloads",
    block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
    encryption=s3.BucketEncryption.S3_MANAGED,
    enforce_ssl=True,
    lifecycle_rules=[s3.LifecycleRule(expiration=cdk.Duration.days(30))],
)
cdk.Validations.of(bucket).acknowledge(
    cdk.Acknowledgment(id="AwsSolutions-S1", reason="An example keeps no access logs.")
)
hosted = hosting.HostedModel(
    stack,
    "Recycling",
    image=hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": "onnx"}),
    model_data=hosting.ModelData.from_directory(RECYCLING / "model", code=RECYCLING / "code"),
    payloads=hosting.SamplePayloads.from_directory(RECYCLING / "payloads"),
    environment={"SAGEMAKER_MAX_PAYLOAD_IN_MB": "100", "SAGEMAKER_MODEL_SERVER_TIMEOUT": "900"},
    domain=hosting.ModelDomain.COMPUTER_VISION,
    task=hosting.ModelTask.IMAGE_CLASSIFICATION,
    instance_type=hosting.InstanceType.M5_LARGE,
    async_inference=hosting.AsyncInference(
        input_bucket=bucket,
        input_prefix="requests",
        output_bucket=bucket,
        output_prefix="answers",
        failure_prefix="failures",
        success_topic=sns.Topic(stack, "Answered", enforce_ssl=True),
        error_topic=sns.Topic(stack, "Failed", enforce_ssl=True),
        max_concurrent_invocations_per_instance=4,
    ),
)
endpoint = hosted.endpoint
caller = iam.Role(stack, "Caller", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
endpoint.grant_invoke_async(caller, input_bucket=bucket, input_prefix="requests")
instances = endpoint.find_instance_production_variant("AllTraffic").auto_scale_instance_count(
    min_capacity=0, max_capacity=4
)
instances.scale_from_zero("First", metric=endpoint.metric_has_backlog_without_capacity())
instances.scale_on_metric("Backlog", metric=endpoint.metric_approximate_backlog_size_per_instance(), target_value=5)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()

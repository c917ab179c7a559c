"""Trains the network of ``models/recycling``, and names what is on every picture of a folder.

The training job draws its own pictures; only its program is uploaded, by
``aws s3 sync models/recycling/train s3://BUCKET/code``.
Deploy it with ``npx cdk deploy --app ".venv/bin/python examples/recycling_jobs/app.py"``; ``docs/jobs.md`` says how to
start the jobs.
"""

import json
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

ROOT = Path(__file__).parents[2]
RECYCLING = ROOT / "models" / "recycling"


def image(framework: str) -> hosting.ContainerImage:
    """Return the container with what training or serving needs."""
    return hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": framework})


app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "RecyclingJobs")
bucket = s3.Bucket(
    stack,
    "Data",
    block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
    encryption=s3.BucketEncryption.S3_MANAGED,
    enforce_ssl=True,
)
cdk.Validations.of(bucket).acknowledge(
    cdk.Acknowledgment(id="AwsSolutions-S1", reason="An example keeps no access logs.")
)
training = hosting.TrainingJob(
    stack,
    "Training",
    channels={"code": hosting.TrainingChannel(bucket=bucket, prefix="code/")},
    hyperparameters=json.loads((RECYCLING / "hyperparameters.json").read_text()),
    image=image("onnx-training"),
    instance_type=hosting.InstanceType.C5_XLARGE,
    output_bucket=bucket,
    output_prefix="models",
)
data = hosting.ModelData.from_directory(RECYCLING / "model", code=RECYCLING / "code")
transform = hosting.BatchTransform(
    stack,
    "Transform",
    model=hosting.Model(stack, "Model", containers=[hosting.ContainerDefinition(image=image("onnx"), model_data=data)]),
    content_type="image/jpeg",  # one request for each picture: nothing is split
    input_bucket=bucket,
    input_prefix="pictures/",
    output_bucket=bucket,
    output_prefix="answers",
)
cdk.CfnOutput(stack, "BucketName", value=bucket.bucket_name)
cdk.CfnOutput(stack, "TrainingJob", value=training.state_machine.state_machine_arn)
cdk.CfnOutput(stack, "BatchTransform", value=transform.state_machine.state_machine_arn)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()

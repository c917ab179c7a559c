"""Compiles a PyTorch model with SageMaker Neo for the instances of a family, and for a device at the edge.

Upload the model before a job is started: ``aws s3 cp model.tar.gz s3://BUCKET/models/resnet18/model.tar.gz``. It
holds the traced model at its root. ``docs/jobs.md`` says how to start the jobs.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

from sagemaker_hosting import CompilationTarget, NeoCompilation, NeoFramework, SageMakerPreflight

TARGETS = {
    "Cloud": CompilationTarget.device("ml_c5", compiler_options={"dtype": "float32"}),
    "JetsonTx2": CompilationTarget.platform(
        arch="ARM64",
        os="LINUX",
        accelerator="NVIDIA",
        compiler_options={"gpu-code": "sm_62", "trt-ver": "6.0.1", "cuda-ver": "10.0"},
    ),
}

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "NeoCompilation")
bucket = s3.Bucket(
    stack,
    "Models",
    block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
    encryption=s3.BucketEncryption.S3_MANAGED,
    enforce_ssl=True,
)
cdk.Validations.of(bucket).acknowledge(
    cdk.Acknowledgment(id="AwsSolutions-S1", reason="An example keeps no access logs.")
)
cdk.CfnOutput(stack, "BucketName", value=bucket.bucket_name)
for name, target in TARGETS.items():
    compilation = NeoCompilation(
        stack,
        name,
        # The input of an image classifier: one image of 224 by 224 pixels in three colours.
        data_input_config={"input0": [1, 3, 224, 224]},
        framework=NeoFramework.PYTORCH,
        framework_version="1.13",
        model_bucket=bucket,
        model_key="models/resnet18/model.tar.gz",
        output_bucket=bucket,
        output_prefix=f"compiled/{name}",
        target=target,
    )
    cdk.CfnOutput(stack, f"{name}Compilation", value=compilation.state_machine.state_machine_arn)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), SageMakerPreflight())
app.synth()

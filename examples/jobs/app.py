"""Trains the example model, registers every version, and predicts whole files.

``docs/jobs.md`` says how to start the jobs, in an account and on this machine.
"""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

from sagemaker_hosting import (
    AssembleWith,
    BatchTransform,
    ContainerDefinition,
    ContainerImage,
    InstanceType,
    Model,
    ModelData,
    ModelDomain,
    ModelPackageGroup,
    ModelRegistration,
    ModelTask,
    SageMakerPreflight,
    SamplePayloads,
    SplitType,
    TrainingChannel,
    TrainingJob,
)

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"


class JobsStack(cdk.Stack):
    """A bucket, a training job and a transform job."""

    def __init__(self, scope: cdk.App, id: str, *, synthesizer: cdk.IStackSynthesizer | None = None) -> None:  # noqa: A002
        """Create the stack.

        Args:
            scope: The app.
            id: Name of the stack.
            synthesizer: How assets reach the account. Without it, as CDK does by default.
        """
        super().__init__(scope, id, synthesizer=synthesizer)
        image = ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": "sklearn"})
        bucket = s3.Bucket(
            self,
            "Data",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
        )
        cdk.Validations.of(bucket).acknowledge(
            cdk.Acknowledgment(id="AwsSolutions-S1", reason="An example keeps no access logs.")
        )
        group = ModelPackageGroup(self, "Irises", description="Species of iris, told apart by their sizes")

        training = TrainingJob(
            self,
            "Training",
            channels={
                # train.py, and what the trained model is served with: train.py puts it beside the model.
                "code": TrainingChannel(bucket=bucket, prefix="code/"),
                "inference": TrainingChannel(bucket=bucket, prefix="inference/"),
                "training": TrainingChannel(bucket=bucket, prefix="training/"),
            },
            hyperparameters={"max_depth": "4", "max_leaf_nodes": "5", "validation_fraction": "0.2"},
            image=image,
            instance_type=InstanceType.M5_LARGE,
            max_runtime=cdk.Duration.hours(1),
            metrics={"validation:accuracy": "validation-accuracy: ([0-9.]+)"},
            output_bucket=bucket,
            output_prefix="models",
            registration=ModelRegistration(
                model_package_group=group,
                payloads=SamplePayloads.from_directory(IRIS / "payloads"),
                description="A decision tree",
                domain=ModelDomain.MACHINE_LEARNING,
                task=ModelTask.CLASSIFICATION,
            ),
        )
        model = Model(
            self,
            "Model",
            containers=[
                ContainerDefinition(
                    image=image, model_data=ModelData.from_directory(IRIS / "model", code=IRIS / "code")
                )
            ],
        )
        transform = BatchTransform(
            self,
            "Transform",
            accept="text/csv",
            assemble_with=AssembleWith.LINE,
            content_type="text/csv",
            # The first column is the species. It is not sent, and stands beside the prediction.
            input_bucket=bucket,
            input_filter="$[1:]",
            input_prefix="training/iris.csv",
            instance_type=InstanceType.M5_LARGE,
            join_input=True,
            model=model,
            output_bucket=bucket,
            output_filter="$[0,-1]",
            output_prefix="predictions",
            split_type=SplitType.LINE,
            timeout=cdk.Duration.hours(2),
        )
        cdk.CfnOutput(self, "BucketName", value=bucket.bucket_name)
        cdk.CfnOutput(self, "TrainingJob", value=training.state_machine.state_machine_arn)
        cdk.CfnOutput(self, "BatchTransform", value=transform.state_machine.state_machine_arn)


app = cdk.App(analytics_reporting=False)
JobsStack(app, "Jobs")
JobsStack(
    app,
    "Jobs-local",
    # The embedded AWS deploys templates directly, which CloudFormation's rule about the bootstrap version forbids.
    synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), SageMakerPreflight())
app.synth()

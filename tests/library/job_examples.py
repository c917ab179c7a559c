"""One of each kind of job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from library.templates import small_model
from sagemaker_hosting import (
    BatchTransform,
    ContainerImage,
    ModelPackageGroup,
    ModelRegistration,
    SamplePayloads,
    SplitType,
    TrainingChannel,
    TrainingJob,
)

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_s3 as s3

    from library.templates import Inputs

IMAGE = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/iris:1"


def training(stack: cdk.Stack, bucket: s3.IBucket, inputs: Inputs) -> TrainingJob:
    group = ModelPackageGroup.from_model_package_group_name(stack, "Group", "iris")
    payloads = SamplePayloads.from_directory(inputs.payloads)
    return TrainingJob(
        stack,
        "Job",
        channels={"training": TrainingChannel(bucket=bucket, prefix="training/")},
        image=ContainerImage.from_uri(IMAGE),
        output_bucket=bucket,
        output_prefix="models",
        registration=ModelRegistration(model_package_group=group, payloads=payloads),
    )


def transform(stack: cdk.Stack, bucket: s3.IBucket, _inputs: Inputs) -> BatchTransform:
    return BatchTransform(
        stack,
        "Job",
        content_type="text/csv",
        input_bucket=bucket,
        input_prefix="incoming/",
        model=small_model(stack),
        output_bucket=bucket,
        output_prefix="predictions",
        split_type=SplitType.LINE,
    )


JOBS = [training, transform]

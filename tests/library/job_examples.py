"""One of each kind of job."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from library.templates import small_model
from sagemaker_hosting import (
    BatchTransform,
    CompilationTarget,
    ContainerImage,
    EndpointCandidate,
    InferenceRecommendation,
    InstanceType,
    LoadTest,
    ModelPackageGroup,
    ModelRegistration,
    NeoCompilation,
    NeoFramework,
    SamplePayloads,
    SplitType,
    TrafficPattern,
    TrainingChannel,
    TrainingJob,
)

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3

    from library.templates import Inputs

IMAGE = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/iris:1"
PACKAGE = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/iris/1"


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


def compilation(stack: cdk.Stack, bucket: s3.IBucket, _inputs: Inputs) -> NeoCompilation:
    return NeoCompilation(
        stack,
        "Job",
        data_input_config={"input": [1, 4]},
        framework=NeoFramework.XGBOOST,
        model_bucket=bucket,
        model_key="models/model.tar.gz",
        output_bucket=bucket,
        output_prefix="compiled",
        target=CompilationTarget.device("ml_c5"),
    )


def recommendation(stack: cdk.Stack, _bucket: s3.IBucket, inputs: Inputs) -> InferenceRecommendation:
    return InferenceRecommendation(
        stack,
        "Job",
        candidates=[
            EndpointCandidate(instance_type=InstanceType.M5_LARGE, environment_ranges={"OMP_NUM_THREADS": ["1", "2"]}),
            EndpointCandidate(instance_type=InstanceType.C5_LARGE),
        ],
        load_test=LoadTest(
            traffic=TrafficPattern.stairs(duration=cdk.Duration.minutes(2), steps=3, users_per_step=2),
            max_invocations=600,
        ),
        model_package_arn=PACKAGE,
        payloads=SamplePayloads.from_directory(inputs.payloads),
        role=small_model(stack).role,
    )


JOBS = [training, transform, compilation, recommendation]

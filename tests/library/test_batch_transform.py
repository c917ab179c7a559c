from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from library.templates import only, small_model, statement
from library.test_training_job import request
from sagemaker_hosting import (
    Architecture,
    AssembleWith,
    BatchStrategy,
    BatchTransform,
    ContainerDefinition,
    InstanceType,
    Model,
    ModelData,
    SplitType,
    ValidationError,
)

if TYPE_CHECKING:
    from library.templates import Inputs

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1"


@pytest.fixture
def bucket(stack: cdk.Stack) -> s3.IBucket:
    return s3.Bucket.from_bucket_name(stack, "Bucket", "data")


def transform(stack: cdk.Stack, bucket: s3.IBucket, **arguments: Any) -> BatchTransform:
    given = {
        "content_type": "text/csv",
        "input_bucket": bucket,
        "input_prefix": "incoming/",
        "output_bucket": bucket,
        "output_prefix": "predictions",
        **arguments,
    }
    return BatchTransform(stack, "Job", model=given.pop("model", None) or small_model(stack), **given)


def test_the_role_of_the_model_reads_the_input_and_writes_the_output(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    transform(stack, bucket)

    assert statement(stack, "s3:GetObject")["Resource"]["Fn::Join"][1][-1] == ":s3:::data/incoming/*"
    assert statement(stack, "s3:PutObject")["Resource"]["Fn::Join"][1][-1] == ":s3:::data/predictions/*"


def test_no_role_is_passed(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    transform(stack, bucket)

    assert "iam:PassRole" not in str(Template.from_stack(stack).to_json())


def test_a_model_that_was_imported_keeps_its_rights(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    transform(stack, bucket, model=Model.from_model_name(stack, "Model", "iris"))

    assert request(stack)["ModelName"] == "iris"
    assert "s3:GetObject" not in str(Template.from_stack(stack).to_json())


def test_model_data_is_named_by_its_url_as_transform_jobs_want_it(
    inputs: Inputs, stack: cdk.Stack, bucket: s3.IBucket
) -> None:
    containers = [ContainerDefinition(image=inputs.image(), model_data=inputs.data())]
    model = Model(stack, "Model", containers=containers, network_isolation=True)
    model.add_container(image=inputs.image())
    transform(stack, bucket, model=model)

    data = only(stack, "AWS::SageMaker::Model")["Containers"][0]
    assert data["ModelDataUrl"]["Fn::Join"][1][-1].endswith(".gz")
    assert "ModelDataSource" not in data


def test_fails_for_model_data_that_is_a_prefix(inputs: Inputs, stack: cdk.Stack, bucket: s3.IBucket) -> None:
    data = ModelData.from_prefix(bucket, "llm/")
    model = Model(stack, "Model", containers=[ContainerDefinition(image=inputs.image(), model_data=data)])

    with pytest.raises(ValidationError, match=r"must be an archive for .* a batch transform job, got a prefix"):
        transform(stack, bucket, model=model)


def test_fails_for_a_model_that_is_built_for_other_instances(
    inputs: Inputs, stack: cdk.Stack, bucket: s3.IBucket
) -> None:
    model = Model(
        stack,
        "Model",
        containers=[ContainerDefinition(image=inputs.image())],
        image_architecture=Architecture.ARM_64,
    )

    with pytest.raises(ValidationError, match=r"an image for amd64, which ml.m5.large runs; it is built for arm64"):
        transform(stack, bucket, model=model)


def test_every_option_reaches_the_request(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    key = kms.Key.from_key_arn(stack, "Key", KEY)
    transform(
        stack,
        bucket,
        accept="application/json",
        assemble_with=AssembleWith.LINE,
        batch_strategy=BatchStrategy.SINGLE_RECORD,
        encryption_key=key,
        environment={"LEVEL": "debug"},
        gzipped=True,
        input_filter="$[1:]",
        invocation_retries=0,
        invocation_timeout=cdk.Duration.minutes(10),
        join_input=True,
        max_concurrent_transforms=4,
        max_payload_in_mb=0,
        output_encryption_key=key,
        output_filter="$[0,-1]",
        split_type=SplitType.LINE,
    )

    found = request(stack)
    assert found["BatchStrategy"] == "SingleRecord"
    assert found["DataProcessing"] == {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
    assert found["Environment"] == {"LEVEL": "debug"}
    assert (found["MaxConcurrentTransforms"], found["MaxPayloadInMB"]) == (4, 0)
    assert found["ModelClientConfig"] == {"InvocationsMaxRetries": 0, "InvocationsTimeoutInSeconds": 600}
    assert found["TransformInput"]["CompressionType"] == "Gzip"
    assert found["TransformInput"]["SplitType"] == "Line"
    assert found["TransformOutput"] == {
        "Accept": "application/json",
        "AssembleWith": "Line",
        "KmsKeyId": KEY,
        "S3OutputPath.$": "$.settings.output",
    }
    assert found["TransformResources"]["VolumeKmsKeyId"] == KEY


def test_what_is_not_given_is_left_to_sagemaker(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    transform(stack, bucket)

    assert set(request(stack)) == {
        "ModelName",
        "TransformInput",
        "TransformJobName.$",
        "TransformOutput",
        "TransformResources",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_strategy": BatchStrategy.MULTI_RECORD}, "batch_strategy must not be given unless split_type"),
        ({"join_input": True, "split_type": SplitType.TF_RECORD}, "join_input must be False for binary records"),
        (
            {"instance_type": InstanceType.T2_MEDIUM},
            "among the 116 types that SageMaker offers for transform",
        ),
        ({"input_filter": "$" * 64}, "the length of input_filter must be 0 to 63 characters, got 64"),
        (
            {"output_filter": "[0,-1]"},
            r"output_filter must be a JSONPath that begins with \$, such as '\$\[1:\]', got '\[",
        ),
        (
            {"input_filter": "$[1:]", "content_type": "image/jpeg"},
            "content_type must be CSV or JSON for filters and join_input, got 'image/jpeg'",
        ),
        ({"max_payload_in_mb": 101}, "max_payload_in_mb must be 0 to 100 MB, got 101"),
        (
            {"max_payload_in_mb": 60, "max_concurrent_transforms": 2},
            r"max_concurrent_transforms \* max_payload_in_mb must be 0 to 100 MB, got 120",
        ),
        ({"max_concurrent_transforms": 0}, "max_concurrent_transforms must be at least 1 requests, got 0"),
        ({"invocation_retries": 4}, "invocation_retries must be 0 to 3 retries, got 4"),
        ({"invocation_timeout": cdk.Duration.hours(2)}, "invocation_timeout must be 1 to 3600 seconds, got 7200"),
        ({"environment": {str(n): "" for n in range(17)}}, "environment must be 0 to 16 variables, got 17"),
        ({"input_prefix": ""}, "input_prefix must be what the keys begin with"),
    ],
)
def test_fails_for_what_sagemaker_refuses(
    stack: cdk.Stack, bucket: s3.IBucket, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        transform(stack, bucket, **arguments)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from library.templates import only, small_model, statement, statements
from sagemaker_hosting import (
    AsyncInference,
    DataCapture,
    EndpointConfig,
    InstanceProductionVariantProps,
    Model,
    ValidationError,
)

if TYPE_CHECKING:
    from sagemaker_hosting import IModel

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1"


@pytest.fixture
def bucket(stack: cdk.Stack) -> s3.IBucket:
    return s3.Bucket.from_bucket_name(stack, "Bucket", "data")


def configuration(stack: cdk.Stack, model: IModel | None = None, **arguments: Any) -> dict[str, Any]:
    EndpointConfig(
        stack,
        "Config",
        instance_production_variants=[
            InstanceProductionVariantProps(model=model or small_model(stack), variant_name="main")
        ],
        **arguments,
    )
    return only(stack, "AWS::SageMaker::EndpointConfig")


def place(resource: dict[str, Any]) -> str:
    return str(resource["Fn::Join"][1][-1])


def test_requests_and_answers_are_kept_unless_told_otherwise(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    found = configuration(stack, data_capture=DataCapture(bucket=bucket, prefix="iris/captured"))

    assert found["DataCaptureConfig"] == {
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "DestinationS3Uri": "s3://data/iris/captured",
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
    }


def test_a_share_of_nothing_is_nothing(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    capture = DataCapture(
        bucket=bucket,
        prefix="captured",
        capture_requests=False,
        csv_content_types=["text/csv"],
        encryption_key=kms.Key.from_key_arn(stack, "Key", KEY),
        sampling_percentage=0,
    )

    found = configuration(stack, data_capture=capture)["DataCaptureConfig"]
    assert found["InitialSamplingPercentage"] == 0
    assert found["CaptureOptions"] == [{"CaptureMode": "Output"}]
    assert found["CaptureContentTypeHeader"] == {"CsvContentTypes": ["text/csv"]}
    assert found["KmsKeyId"] == KEY


def test_the_model_may_write_into_exactly_that_folder(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    key = kms.Key.from_key_arn(stack, "Key", KEY)
    configuration(stack, data_capture=DataCapture(bucket=bucket, prefix="captured", encryption_key=key))

    granted = statement(stack, "s3:PutObject")
    assert granted["Action"] == ["s3:AbortMultipartUpload", "s3:PutObject"]
    assert place(granted["Resource"]) == ":s3:::data/captured/*"
    assert statement(stack, "kms:GenerateDataKey")["Resource"] == KEY


def test_the_key_of_the_bucket_is_granted_too(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    own = s3.Bucket(stack, "Own", encryption_key=key)
    configuration(stack, data_capture=DataCapture(bucket=own, prefix="captured"))

    assert statement(stack, "kms:GenerateDataKey")["Resource"] == stack.resolve(key.key_arn)


def test_a_model_that_is_imported_by_name_gets_no_policy(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    model = Model.from_model_name(stack, "Imported", "iris")
    configuration(stack, model, data_capture=DataCapture(bucket=bucket, prefix="captured"))

    assert statements(stack) == []
    (found,) = Template.from_stack(stack).find_resources("AWS::SageMaker::EndpointConfig").values()
    assert "DependsOn" not in found


def test_the_configuration_waits_for_the_policy(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    configuration(stack, data_capture=DataCapture(bucket=bucket, prefix="captured"))

    template = Template.from_stack(stack)
    (found,) = template.find_resources("AWS::SageMaker::EndpointConfig").values()
    assert [name for name in found["DependsOn"] if name.startswith("ConfigDataPolicy")]


def test_every_model_of_the_endpoint_gets_the_policy_also_one_that_is_added_later(
    stack: cdk.Stack, bucket: s3.IBucket
) -> None:
    config = EndpointConfig(stack, "Config", data_capture=DataCapture(bucket=bucket, prefix="captured"))
    for name in ("First", "Second"):
        config.add_instance_production_variant(model=small_model(stack, name), variant_name=name)

    policies = Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    (policy,) = [found for name, found in policies.items() if name.startswith("ConfigDataPolicy")]
    assert len(policy["Properties"]["Roles"]) == 2


def test_another_folder_replaces_the_configuration(bucket: s3.IBucket) -> None:
    def logical_id(prefix: str) -> str:
        stack = cdk.Stack(cdk.App(), "Stack")
        place = s3.Bucket.from_bucket_name(stack, "Bucket", bucket.bucket_name)
        configuration(stack, data_capture=DataCapture(bucket=place, prefix=prefix))
        (name,) = Template.from_stack(stack).find_resources("AWS::SageMaker::EndpointConfig")
        return str(name)

    assert logical_id("a") != logical_id("b")
    assert logical_id("a") == logical_id("a")


def test_an_asynchronous_endpoint_reads_payloads_and_writes_answers(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    topic = sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-central-1:111122223333:failed")
    found = configuration(
        stack,
        async_inference=AsyncInference(
            input_bucket=bucket,
            input_prefix="in",
            output_bucket=bucket,
            output_prefix="out",
            encryption_key=kms.Key.from_key_arn(stack, "Key", KEY),
            error_topic=topic,
            failure_prefix="failed",
            max_concurrent_invocations_per_instance=4,
        ),
    )

    assert found["AsyncInferenceConfig"] == {
        "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4},
        "OutputConfig": {
            "KmsKeyId": KEY,
            "NotificationConfig": {"ErrorTopic": topic.topic_arn},
            "S3FailurePath": "s3://data/failed",
            "S3OutputPath": "s3://data/out",
        },
    }
    assert place(statement(stack, "s3:GetObject")["Resource"]) == ":s3:::data/in/*"
    written = [place(entry["Resource"]) for entry in statements(stack) if "s3:PutObject" in entry["Action"]]
    assert sorted(written) == [":s3:::data/failed/*", ":s3:::data/out/*"]
    assert statement(stack, "sns:Publish")["Resource"] == topic.topic_arn


def test_what_an_asynchronous_endpoint_is_not_given_is_not_rendered(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    found = configuration(
        stack,
        async_inference=AsyncInference(
            input_bucket=bucket, input_prefix="in", output_bucket=bucket, output_prefix="out"
        ),
    )

    assert found["AsyncInferenceConfig"] == {"OutputConfig": {"S3OutputPath": "s3://data/out"}}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"prefix": ""}, "prefix must be a folder without a slash at either end, got ''"),
        ({"prefix": "a/"}, "prefix must be a folder without a slash at either end, got 'a/'"),
        ({"prefix": "a" * 512}, "the length of prefix with its bucket must be 1 to 512 characters, got 522"),
        ({"sampling_percentage": 101}, "sampling_percentage must be 0 to 100 percent, got 101"),
        ({"sampling_percentage": -1}, "sampling_percentage must be 0 to 100 percent, got -1"),
        ({"csv_content_types": ["csv"]}, "csv_content_types must be MIME types such as text/csv, got 'csv'"),
        ({"json_content_types": ["a/b"] * 11}, "json_content_types must be 0 to 10 MIME types, got 11"),
        ({"capture_requests": False, "capture_responses": False}, "capture_requests or capture_responses must be True"),
    ],
)
def test_fails_for_a_capture_outside_the_limits(bucket: s3.IBucket, arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        DataCapture(bucket=bucket, **{"prefix": "captured", **arguments})


@pytest.mark.parametrize("limit", [0, 1001])
def test_fails_for_a_number_of_concurrent_requests_outside_the_limits(bucket: s3.IBucket, limit: int) -> None:
    with pytest.raises(ValidationError, match="max_concurrent_invocations_per_instance must be 1 to 1000 requests"):
        AsyncInference(
            input_bucket=bucket,
            input_prefix="in",
            output_bucket=bucket,
            output_prefix="out",
            max_concurrent_invocations_per_instance=limit,
        )

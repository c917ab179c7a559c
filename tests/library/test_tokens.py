from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from library.templates import only, small_model
from sagemaker_hosting import BatchTransform, Endpoint, EndpointConfig, InputAttributes, MonitorSchedule
from sagemaker_hosting.monitor_schedule import before
from sagemaker_hosting.tokens import is_token


@pytest.mark.parametrize("value", ["", "text", "${AWS::Region}", 0, -1, 1.5, -1e200, True, None, ["text"], {"a": 1}])
def test_a_plain_value_is_no_token(value: object) -> None:
    assert not is_token(value)


def test_a_text_that_holds_a_token_is_one() -> None:
    assert is_token(cdk.Aws.REGION)
    assert is_token(f"before-{cdk.Aws.REGION}-after")


def test_a_number_that_stands_for_a_token_is_one() -> None:
    assert is_token(cdk.Token.as_number(cdk.Fn.ref("Count")))


def test_a_list_that_stands_for_a_token_is_one() -> None:
    assert is_token(cdk.Fn.split(",", cdk.Aws.NOTIFICATION_ARNS[0]))


def test_what_is_resolved_later_is_a_token() -> None:
    assert is_token(cdk.Fn.get_att("Model", "ModelName"))


def number(stack: cdk.Stack, name: str) -> float:
    return cdk.CfnParameter(stack, name, type="Number").value_as_number


def test_numbers_that_are_not_known_are_not_compared_with_each_other(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "data")
    BatchTransform(
        stack,
        "Transform",
        content_type="text/csv",
        input_bucket=bucket,
        input_prefix="in/",
        max_concurrent_transforms=int(number(stack, "Requests")),
        max_payload_in_mb=int(number(stack, "Megabytes")),
        model=small_model(stack),
        output_bucket=bucket,
        output_prefix="out",
    )

    assert '{"Ref": "Megabytes"}' in str(only(stack, "AWS::StepFunctions::StateMachine")).replace("'", '"')


def test_what_is_compared_with_a_number_that_is_not_known_passes(stack: cdk.Stack) -> None:
    config = EndpointConfig(stack, "Config")
    config.add_serverless_production_variant(
        max_concurrency=int(number(stack, "Most")),
        memory_size_in_mb=1024,
        model=small_model(stack),
        provisioned_concurrency=1,
        variant_name="main",
    )
    endpoint = Endpoint(stack, "Endpoint", endpoint_config=config)
    endpoint.find_serverless_production_variant("main").auto_scale_provisioned_concurrency(max_capacity=5)

    assert only(stack, "AWS::ApplicationAutoScaling::ScalableTarget")["MaxCapacity"] == 5


def test_durations_that_are_not_known_are_not_compared_with_each_other(stack: cdk.Stack) -> None:
    start, end = (cdk.Duration.seconds(number(stack, name)) for name in ("Start", "End"))
    InputAttributes(start_offset=start, end_offset=end)
    schedule = MonitorSchedule.once(window_start=start, window_end=end)

    assert stack.resolve(before(schedule.window_start)) == {"Fn::Join": ["", ["-PT", {"Ref": "Start"}, "S"]]}

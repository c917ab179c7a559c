from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest

from library.job_examples import PACKAGE
from library.templates import small_model, statement, statements
from library.test_training_job import request
from sagemaker_hosting import (
    EndpointCandidate,
    InferenceRecommendation,
    InstanceType,
    LoadTest,
    SamplePayloads,
    TrafficPattern,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from library.templates import Inputs

MINUTES = cdk.Duration.minutes
STAIRS = TrafficPattern.stairs(duration=MINUTES(2), steps=3, users_per_step=2)


def recommend(stack: cdk.Stack, **arguments: Any) -> InferenceRecommendation:
    given = {"model_package_arn": PACKAGE, "role": small_model(stack).role, **arguments}
    return InferenceRecommendation(stack, "Job", **given)


def test_a_job_without_a_load_test_is_a_default_one(stack: cdk.Stack) -> None:
    recommend(stack)

    found = request(stack)
    assert found["JobType"] == "Default"
    assert found["InputConfig"] == {"ModelPackageVersionArn": PACKAGE}


def test_every_option_of_a_load_test_reaches_the_request(stack: cdk.Stack) -> None:
    recommend(
        stack,
        candidates=[EndpointCandidate(instance_type=InstanceType.M5_LARGE, inference_specification_name="compiled")],
        load_test=LoadTest(
            traffic=TrafficPattern.phases((1, 1, MINUTES(2)), (3, 0, MINUTES(10))),
            duration=MINUTES(60),
            keep_going_when_flat=True,
            max_invocations=500,
            max_parallel_tests=2,
            max_tests=4,
            model_latency=cdk.Duration.millis(100),
        ),
    )

    found = request(stack)
    assert found["JobType"] == "Advanced"
    assert found["InputConfig"]["EndpointConfigurations"] == [
        {"InferenceSpecificationName": "compiled", "InstanceType": "ml.m5.large"}
    ]
    assert found["InputConfig"]["JobDurationInSeconds"] == 3600
    assert found["InputConfig"]["ResourceLimit"] == {"MaxNumberOfTests": 4, "MaxParallelOfTests": 2}
    assert found["InputConfig"]["TrafficPattern"] == {
        "Phases": [
            {"DurationInSeconds": 120, "InitialNumberOfUsers": 1, "SpawnRate": 1},
            {"DurationInSeconds": 600, "InitialNumberOfUsers": 3, "SpawnRate": 0},
        ],
        "TrafficType": "PHASES",
    }
    assert found["StoppingConditions"] == {
        "FlatInvocations": "Continue",
        "MaxInvocations": 500,
        "ModelLatencyThresholds": [{"Percentile": "P95", "ValueInMilliseconds": 100}],
    }


def test_the_role_may_make_call_and_delete_the_endpoints_of_the_jobs_and_no_others(stack: cdk.Stack) -> None:
    recommend(stack)

    for action, kind in (("InvokeEndpoint", "endpoint"), ("DeleteModel", "model")):
        own, other = (one["Fn::Join"][1][-1] for one in statement(stack, f"sagemaker:{action}")["Resource"])
        assert own.startswith(f":{kind}/stack-job")
        assert own.endswith("-*")
        assert other == f":{kind}/sm-epc-*"
    assert statement(stack, "sagemaker:DescribeModelPackage")["Resource"] == PACKAGE


def test_the_role_may_write_the_log_of_the_jobs(stack: cdk.Stack) -> None:
    recommend(stack)

    written = [str(found["Resource"]) for found in statements(stack) if "logs:PutLogEvents" in found["Action"]]
    assert any(":log-group:/aws/sagemaker/InferenceRecommendationsJobs*" in resource for resource in written)


def test_the_role_may_read_the_sample_payload(stack: cdk.Stack, inputs: Inputs) -> None:
    recommend(stack, payloads=SamplePayloads.from_directory(inputs.payloads))

    (reading,) = [found for found in statements(stack) if "s3:GetObject" in found["Action"]]
    assert "*" not in str(reading["Resource"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (TrafficPattern.phases, "phases must be at least 1 phase, got none"),
        (lambda: TrafficPattern.phases((4, 0, MINUTES(2))), "users to begin with must be 1 to 3 users, got 4"),
        (lambda: TrafficPattern.phases((1, 0, MINUTES(1))), "a phase must be 120 to 3600 seconds, got 60"),
        (
            lambda: TrafficPattern.stairs(duration=MINUTES(2), steps=0, users_per_step=4),
            "users_per_step must be 1 to 3 users, got 4",
        ),
        (lambda: LoadTest(traffic=STAIRS), "max_invocations or model_latency must be given"),
        (
            lambda: LoadTest(traffic=STAIRS, max_invocations=1, duration=cdk.Duration.hours(6)),
            "duration must be 360 to 18000",
        ),
        (
            lambda: LoadTest(traffic=STAIRS, max_invocations=1, duration=MINUTES(5)),
            "duration must be 360 to 18000 seconds, got 300",
        ),
        (
            lambda: LoadTest(
                traffic=TrafficPattern.stairs(duration=MINUTES(60), steps=6, users_per_step=1), max_invocations=1
            ),
            "the length of traffic must be 1 to 18000 seconds, got 21600",
        ),
        (
            lambda: EndpointCandidate(instance_type=InstanceType.T2_MEDIUM),
            "instance_type must not be burstable, got 'ml.t2.medium'",
        ),
        (
            lambda: EndpointCandidate(instance_type=InstanceType.M5_LARGE, environment_ranges={"A": ["1"] * 4}),
            r"environment_ranges\['A'\] must be 1 to 3 values, got 4",
        ),
    ],
)
def test_fails_for_a_test_that_sagemaker_refuses(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        make()


def test_fails_for_a_load_test_of_nothing(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="candidates must be 1 to 10 endpoints, got 0"):
        recommend(stack, load_test=LoadTest(traffic=STAIRS, max_invocations=100))


@pytest.mark.parametrize("arn", ["iris", PACKAGE.removesuffix("/1"), PACKAGE.replace("package", "package-group")])
def test_fails_for_what_is_no_version(stack: cdk.Stack, arn: str) -> None:
    with pytest.raises(ValidationError, match=f"must be the ARN of a version, which ends in its number, got '{arn}'"):
        recommend(stack, model_package_arn=arn)

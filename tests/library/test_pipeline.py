from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets

from library.templates import only, statement
from sagemaker_hosting import Pipeline, ValidationError

ARN = "arn:aws:sagemaker:eu-central-1:111122223333:pipeline/train-iris"


def test_an_arn_names_the_pipeline(stack: cdk.Stack) -> None:
    assert Pipeline.from_pipeline_arn(stack, "Pipeline", ARN).pipeline_name == "train-iris"


def test_a_name_is_that_of_a_pipeline_beside_the_stack_or_elsewhere(stack: cdk.Stack) -> None:
    here = Pipeline.from_pipeline_name(stack, "Here", "train-iris")
    there = Pipeline.from_pipeline_attributes(
        stack, "There", pipeline_name="train-iris", account="444455556666", region="eu-west-1"
    )

    assert stack.resolve(here.pipeline_arn)["Fn::Join"][1][-1] == ":pipeline/train-iris"
    assert stack.resolve(there.pipeline_arn)["Fn::Join"][1][-1] == (
        ":sagemaker:eu-west-1:444455556666:pipeline/train-iris"
    )


def test_may_be_started_and_nothing_else(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    Pipeline.from_pipeline_arn(stack, "Pipeline", ARN).grant_start_pipeline_execution(role)

    found = statement(stack, "sagemaker:StartPipelineExecution")
    assert (found["Action"], found["Resource"]) == (["sagemaker:StartPipelineExecution"], ARN)


def test_a_schedule_starts_it(stack: cdk.Stack) -> None:
    pipeline = Pipeline.from_pipeline_arn(stack, "Pipeline", ARN)
    weekly = scheduler.ScheduleExpression.rate(cdk.Duration.days(7))
    scheduler.Schedule(stack, "Weekly", schedule=weekly, target=targets.SageMakerStartPipelineExecution(pipeline))

    assert only(stack, "AWS::Scheduler::Schedule")["Target"]["Arn"] == ARN
    assert statement(stack, "sagemaker:StartPipelineExecution")["Resource"] == ARN


def test_fails_for_what_names_no_pipeline(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="pipeline_arn or pipeline_name must be given, got None and None"):
        Pipeline.from_pipeline_attributes(stack, "A")
    with pytest.raises(ValidationError, match="pipeline_arn must be arn:aws:sagemaker:REGION:ACCOUNT:pipeline/NAME"):
        Pipeline.from_pipeline_arn(stack, "B", "train-iris")
    with pytest.raises(ValidationError, match="pipeline_name must be 1 to 256 letters, digits and hyphens"):
        Pipeline.from_pipeline_name(stack, "C", "train_iris")
    with pytest.raises(ValidationError, match="account and region must not be given together with pipeline_arn"):
        Pipeline.from_pipeline_attributes(stack, "D", pipeline_arn=ARN, region="eu-west-1")

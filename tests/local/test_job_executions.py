"""The state machines of the jobs, executed by moto's engine against the emulated SageMaker."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import boto3
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction

from checkout import ROOT
from sagemaker_hosting import (
    BatchTransform,
    ContainerDefinition,
    ContainerImage,
    Model,
    ModelPackageGroup,
    ModelRegistration,
    SamplePayloads,
    SplitType,
    TrainingChannel,
    TrainingJob,
)
from sagemaker_local import emulation
from sagemaker_local.emulation.jobs import TRAINING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sagemaker_local.emulation import Job

REGION = "eu-central-1"
IMAGE = f"111122223333.dkr.ecr.{REGION}.amazonaws.com/iris:1"


@pytest.fixture
def stack() -> cdk.Stack:
    synthesizer = cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
    app = cdk.App(analytics_reporting=False, builtin_cloud_formation_validation=False)
    return cdk.Stack(app, "Jobs", synthesizer=synthesizer)


@pytest.fixture
def bucket(stack: cdk.Stack) -> s3.IBucket:
    return s3.Bucket.from_bucket_name(stack, "Bucket", "data")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    emulation.install()
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield
    emulation.JOBS.run_with(None)


class Execution:
    """An execution that has ended."""

    def __init__(self, description: dict[str, Any]) -> None:
        self.status = description["status"]
        self.output = json.loads(description.get("output") or "null")
        self.error = str(description.get("error"))
        self.cause = str(description.get("cause"))


def execute(
    stack: cdk.Stack,
    run: Callable[[Job], None] | None,
    execution_input: dict[str, Any] | None = None,
    name: str = "one",
) -> Execution:
    """Deploy a stack with one state machine, and execute it to its end."""
    emulation.JOBS.run_with(run)
    cloudformation, states = boto3.client("cloudformation"), boto3.client("stepfunctions")
    cloudformation.create_stack(StackName="Jobs", TemplateBody=json.dumps(Template.from_stack(stack).to_json()))
    (machine,) = states.list_state_machines()["stateMachines"]
    started = states.start_execution(
        stateMachineArn=machine["stateMachineArn"], name=name, input=json.dumps(execution_input or {})
    )
    while (found := states.describe_execution(executionArn=started["executionArn"]))["status"] == "RUNNING":
        time.sleep(0.05)
    return Execution(found)


def training(stack: cdk.Stack, bucket: s3.IBucket, **arguments: Any) -> TrainingJob:
    given = {
        "channels": {"training": TrainingChannel(bucket=bucket, prefix="training/")},
        "hyperparameters": {"max_depth": "4", "seed": "0"},
        "image": ContainerImage.from_uri(IMAGE),
        "output_bucket": bucket,
        "output_prefix": "models",
        **arguments,
    }
    return TrainingJob(stack, "Training", **given)


def recording(jobs: list[Job]) -> Callable[[Job], None]:
    """Complete every job, and keep it."""

    def run(job: Job) -> None:
        jobs.append(job)
        complete(job)

    return run


def complete(job: Job) -> None:
    if job.kind is not TRAINING:
        job.complete()
        return
    folder = f"{job.request['OutputDataConfig']['S3OutputPath']}/{job.name}"
    job.complete(ModelArtifacts={"S3ModelArtifacts": f"{folder}/output/model.tar.gz"})


@pytest.mark.usefixtures("aws")
def test_a_training_job_gets_what_the_stack_says_and_returns_its_model(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    training(stack, bucket)
    jobs: list[Job] = []

    execution = execute(stack, recording(jobs))

    (job,) = jobs
    assert execution.status == "SUCCEEDED"
    assert execution.output == {
        "ModelArtifacts": f"s3://data/models/{job.name}/output/model.tar.gz",
        "TrainingJobArn": job.arn,
        "TrainingJobName": job.name,
    }
    assert job.request["HyperParameters"] == {"max_depth": "4", "seed": "0"}
    assert job.request["ResourceConfig"] == {
        "InstanceCount": 1,
        "InstanceType": "ml.m5.large",
        "VolumeSizeInGB": 30,
    }
    (channel,) = job.request["InputDataConfig"]
    assert channel["DataSource"]["S3DataSource"]["S3Uri"] == "s3://data/training/"


@pytest.mark.usefixtures("aws")
def test_an_execution_overrides_single_fields_and_keeps_the_others(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    training(stack, bucket)
    jobs: list[Job] = []
    given = {
        "channels": {"training": "s3://data/training/2026/"},
        "hyperparameters": {"max_depth": "7"},
        "instance_type": "ml.m5.xlarge",
    }

    execute(stack, recording(jobs), given)

    request = jobs[0].request
    assert request["HyperParameters"] == {"max_depth": "7", "seed": "0"}
    assert request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] == "s3://data/training/2026/"
    assert request["ResourceConfig"]["InstanceType"] == "ml.m5.xlarge"
    assert request["ResourceConfig"]["InstanceCount"] == 1


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("name", ["one", "0f0e_" + "a" * 75])
def test_a_job_has_a_valid_name_whatever_the_execution_is_called(
    stack: cdk.Stack, bucket: s3.IBucket, name: str
) -> None:
    training(stack, bucket)

    execution = execute(stack, complete, name=name)

    found = execution.output["TrainingJobName"]
    assert found.startswith("jobs-training")
    assert len(found) <= 63
    assert "_" not in found


@pytest.mark.usefixtures("aws")
def test_a_trained_model_is_registered_as_a_version(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    group = ModelPackageGroup(stack, "Group", model_package_group_name="iris")
    payloads = SamplePayloads.from_directory(ROOT / "models" / "iris" / "payloads")
    training(stack, bucket, registration=ModelRegistration(model_package_group=group, payloads=payloads))

    execution = execute(stack, complete)

    assert execution.output["ModelPackageArn"].endswith(":model-package/iris/1")
    package = boto3.client("sagemaker").describe_model_package(ModelPackageName=execution.output["ModelPackageArn"])
    (container,) = package["InferenceSpecification"]["Containers"]
    assert container["Image"] == IMAGE
    assert container["ModelDataUrl"] == execution.output["ModelArtifacts"]
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    assert package["CustomerMetadataProperties"] == {"TrainingJobName": execution.output["TrainingJobName"]}


@pytest.mark.usefixtures("aws")
def test_fails_with_the_reason_that_sagemaker_gives(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    training(stack, bucket)

    execution = execute(stack, lambda job: job.fail('AlgorithmError: no {data} for "training", exit code: 1'))

    assert execution.status == "FAILED"
    assert execution.error == "TrainingJobFailed"
    assert execution.cause.startswith(
        'AlgorithmError: no {data} for "training", exit code: 1 (training job jobs-training'
    )


@pytest.mark.usefixtures("aws")
def test_fails_when_the_job_is_stopped(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    training(stack, bucket)

    execution = execute(stack, lambda job: job.stop())

    assert (execution.status, execution.error) == ("FAILED", "TrainingJobStopped")


@pytest.mark.usefixtures("aws")
def test_fails_when_time_is_over_and_stops_the_job(
    stack: cdk.Stack, bucket: s3.IBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = cdk.Duration.seconds
    training(stack, bucket, timeout=seconds(60), check_interval=seconds(60))
    jobs: list[Job] = []
    monkeypatch.setattr(WaitFunction, "_wait_interval", lambda *_, **__: None)  # the job never ends, and time flies

    execution = execute(stack, jobs.append)

    assert execution.error == "TrainingJobTimedOut"
    assert "did not end within 60 seconds" in execution.cause
    assert jobs[0].status == "Stopped"


@pytest.mark.usefixtures("aws")
def test_a_transform_job_gets_what_the_stack_says(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    model = Model(stack, "Model", containers=[ContainerDefinition(image=ContainerImage.from_uri(IMAGE))])
    BatchTransform(
        stack,
        "Transform",
        content_type="text/csv",
        input_bucket=bucket,
        input_filter="$[1:]",
        input_prefix="incoming/",
        join_input=True,
        model=model,
        output_bucket=bucket,
        output_prefix="predictions",
        split_type=SplitType.LINE,
    )
    jobs: list[Job] = []

    execution = execute(stack, recording(jobs), {"input": "s3://data/incoming/today.csv"})

    request = jobs[0].request
    assert execution.output["Output"] == "s3://data/predictions"
    assert request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"] == "s3://data/incoming/today.csv"
    assert request["DataProcessing"] == {"InputFilter": "$[1:]", "JoinSource": "Input"}
    names = [entry["ModelName"] for entry in boto3.client("sagemaker").list_models()["Models"]]
    assert [request["ModelName"]] == names


@pytest.mark.usefixtures("aws")
def test_jobs_are_listed(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    training(stack, bucket)

    execution = execute(stack, complete)

    (summary,) = boto3.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]
    assert summary["TrainingJobName"] == execution.output["TrainingJobName"]
    assert summary["TrainingJobStatus"] == "Completed"

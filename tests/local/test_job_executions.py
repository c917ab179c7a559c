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
from library.job_examples import PACKAGE, compilation, recommendation
from library.templates import Inputs
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
def inputs() -> Inputs:
    return Inputs(ROOT / "models" / "iris")


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
def test_a_compilation_job_gets_what_the_stack_says_and_returns_the_model(
    stack: cdk.Stack, bucket: s3.IBucket, inputs: Inputs
) -> None:
    compilation(stack, bucket, inputs)
    jobs: list[Job] = []

    def run(job: Job) -> None:
        jobs.append(job)
        job.complete(ModelArtifacts={"S3ModelArtifacts": f"{job.request['OutputConfig']['S3OutputLocation']}/m.tar.gz"})

    execution = execute(stack, run, {"model_data": "s3://data/models/model.tar.gz.2"})

    request = jobs[0].request
    assert execution.output["ModelArtifacts"] == f"s3://data/compiled/{jobs[0].name}/m.tar.gz"
    assert request["InputConfig"] == {
        "DataInputConfig": '{"input": [1, 4]}',
        "Framework": "XGBOOST",
        "S3Uri": "s3://data/models/model.tar.gz.2",
    }
    assert request["OutputConfig"]["TargetDevice"] == "ml_c5"


@pytest.mark.usefixtures("aws")
def test_fails_with_the_reason_of_the_compiler(stack: cdk.Stack, bucket: s3.IBucket, inputs: Inputs) -> None:
    compilation(stack, bucket, inputs)

    execution = execute(stack, lambda job: job.fail("ClientError: InputConfiguration: no such input"))

    assert execution.error == "CompilationJobFailed"
    assert execution.cause.startswith("ClientError: InputConfiguration: no such input (compilation job ")


def recommended(instance_type: str, cost: float | None, latency: int) -> dict[str, Any]:
    """Return a recommendation as the API does."""
    metrics = {"CostPerHour": 0.1, "ModelLatency": latency, "MaxInvocations": 100}
    return {
        "EndpointConfiguration": {"EndpointName": "e", "VariantName": "v", "InstanceType": instance_type},
        "Metrics": metrics if cost is None else {**metrics, "CostPerInference": cost},
        "ModelConfiguration": {},
    }


@pytest.mark.usefixtures("aws")
def test_the_cheapest_and_the_fastest_recommendation_are_found(
    stack: cdk.Stack, bucket: s3.IBucket, inputs: Inputs
) -> None:
    recommendation(stack, bucket, inputs)
    found = [
        recommended("ml.t2.medium", None, 90),
        recommended("ml.m5.large", 0.00002, 40),
        recommended("ml.c5.large", 0.00001, 50),
        recommended("ml.g5.xlarge", 0.00005, 10),
        recommended("ml.p3.2xlarge", 0.00009, 11),
    ]
    jobs: list[Job] = []

    def run(job: Job) -> None:
        jobs.append(job)
        job.complete(InferenceRecommendations=found)

    execution = execute(stack, run)

    assert execution.output["Cheapest"]["EndpointConfiguration"]["InstanceType"] == "ml.c5.large"
    assert execution.output["Fastest"]["EndpointConfiguration"]["InstanceType"] == "ml.g5.xlarge"
    assert len(execution.output["Recommendations"]) == 5
    request = jobs[0].request
    assert request["JobType"] == "Advanced"
    assert request["InputConfig"]["ModelPackageVersionArn"] == PACKAGE
    assert request["InputConfig"]["EndpointConfigurations"][0]["EnvironmentParameterRanges"] == {
        "CategoricalParameterRanges": [{"Name": "OMP_NUM_THREADS", "Value": ["1", "2"]}]
    }
    assert request["StoppingConditions"] == {"FlatInvocations": "Stop", "MaxInvocations": 600}


@pytest.mark.usefixtures("aws")
def test_a_single_recommendation_is_both(stack: cdk.Stack, bucket: s3.IBucket, inputs: Inputs) -> None:
    recommendation(stack, bucket, inputs)

    execution = execute(stack, lambda job: job.complete(InferenceRecommendations=[recommended("ml.m5.large", 1.0, 1)]))

    assert execution.output["Cheapest"] == execution.output["Fastest"] == execution.output["Recommendations"][0]


@pytest.mark.usefixtures("aws")
def test_fails_with_the_reason_of_the_recommender(stack: cdk.Stack, bucket: s3.IBucket, inputs: Inputs) -> None:
    recommendation(stack, bucket, inputs)

    execution = execute(stack, lambda job: job.fail("The benchmark failed."))

    assert execution.error == "InferenceRecommendationsJobFailed"
    assert execution.cause.startswith("The benchmark failed. (recommendation job ")


@pytest.mark.usefixtures("aws")
def test_jobs_are_listed(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    training(stack, bucket)

    execution = execute(stack, complete)

    (summary,) = boto3.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]
    assert summary["TrainingJobName"] == execution.output["TrainingJobName"]
    assert summary["TrainingJobStatus"] == "Completed"

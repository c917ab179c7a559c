"""The jobs example, deployed to the twin by the real CLI; its containers really train and predict."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import time
from typing import TYPE_CHECKING, Any

import pytest

from checkout import ROOT
from local.conftest import Project, Twin, keep_running
from local.test_example_app import example
from sagemaker_local.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STACK = "Jobs-local"
IRIS = ROOT / "models" / "iris"


def jobs_example(target: Path) -> Project:
    """Copy this repository's example of jobs."""
    project = example(target)
    examples = project.directory / "examples" / "jobs"
    examples.mkdir(parents=True)
    (examples / "app.py").write_bytes((ROOT / "examples" / "jobs" / "app.py").read_bytes())
    # Where the fixture looks for the app.
    (project.directory / "app.py").write_text("import runpy\nrunpy.run_path('examples/jobs/app.py')\n")
    return project


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    yield from keep_running(jobs_example(tmp_path_factory.mktemp("jobs")), STACK)


def execute(twin: Twin, output: str, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """Start a state machine as any client of AWS would, and wait for its end."""
    states = twin.client("stepfunctions")
    started = states.start_execution(
        stateMachineArn=twin.outputs(STACK)[output], input=json.dumps({} if given is None else given)
    )
    while (found := states.describe_execution(executionArn=started["executionArn"]))["status"] == "RUNNING":
        time.sleep(0.1)
    result: dict[str, Any] = found
    return result


def put(twin: Twin, prefix: str, path: Path) -> None:
    bucket = twin.outputs(STACK)["BucketName"]
    twin.client("s3").upload_file(str(path), bucket, f"{prefix}{path.name}")


@pytest.fixture(scope="module")
def data(jobs: Twin) -> Twin:
    put(jobs, "code/", IRIS / "train" / "train.py")
    put(jobs, "inference/", IRIS / "code" / "inference.py")
    put(jobs, "training/", IRIS / "data" / "training" / "iris.csv")
    return jobs


def test_a_training_job_trains_the_model_of_the_repository_and_registers_it(data: Twin) -> None:
    found = execute(data, "TrainingJob")
    result = json.loads(found["output"])

    bucket, _, key = result["ModelArtifacts"].removeprefix("s3://").partition("/")
    archive = io.BytesIO(data.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    with tarfile.open(fileobj=archive) as tar:
        model = tar.extractfile("model.joblib")
        assert model is not None
        assert model.read() == (IRIS / "model" / "model.joblib").read_bytes()
        assert "code/inference.py" in tar.getnames()
    package = data.client("sagemaker").describe_model_package(ModelPackageName=result["ModelPackageArn"])
    (container,) = package["InferenceSpecification"]["Containers"]
    assert container["ModelDataUrl"] == result["ModelArtifacts"]
    described = data.client("sagemaker").describe_training_job(TrainingJobName=result["TrainingJobName"])
    assert described["TrainingJobStatus"] == "Completed"


def test_fails_with_the_exception_of_the_training_script(data: Twin) -> None:
    found = execute(data, "TrainingJob", {"hyperparameters": {"max_depth": "-1"}})

    assert (found["status"], found["error"]) == ("FAILED", "TrainingJobFailed")
    assert found["cause"].startswith("AlgorithmError: ")
    assert "max_depth" in found["cause"]


def test_fails_with_the_place_where_no_data_are(data: Twin) -> None:
    found = execute(data, "TrainingJob", {"channels": {"training": "s3://nowhere/training/"}})

    assert found["error"] == "TrainingJobFailed"
    assert found["cause"].startswith("ClientError: there is no bucket for s3://nowhere/training/")


def test_a_transform_job_predicts_every_row_beside_its_species(data: Twin) -> None:
    found = execute(data, "BatchTransform")

    bucket = data.outputs(STACK)["BucketName"]
    body = data.client("s3").get_object(Bucket=bucket, Key="predictions/iris.csv.out")["Body"].read().decode()
    rows = [line.split(",") for line in body.splitlines()]
    assert found["status"] == "SUCCEEDED"
    assert len(rows) == 150
    assert sum(species == prediction for species, prediction in rows) >= 145


def test_fails_with_the_answer_of_the_container(data: Twin) -> None:
    data.client("s3").put_object(Bucket=data.outputs(STACK)["BucketName"], Key="training/iris.csv2", Body=b"a,b,c\n")
    bucket = data.outputs(STACK)["BucketName"]
    found = execute(data, "BatchTransform", {"input": f"s3://{bucket}/training/iris.csv2"})

    assert found["error"] == "TransformJobFailed"
    assert "the container answered 400" in found["cause"]


def command(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sagemaker_local", *arguments, "--app", f"{sys.executable} app.py"],
        cwd=project.directory,
        env=project.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_trains_with_local_data_and_leaves_the_model(tmp_path: Path) -> None:
    project = jobs_example(tmp_path)
    result = command(
        project,
        "train",
        STACK,
        "--channel",
        "code=models/iris/train",
        "--channel",
        "inference=models/iris/code",
        "--channel",
        "training=models/iris/data/training",
        "--model-dir",
        str(tmp_path / "trained"),
    )

    assert result.returncode == 0, result.stderr
    assert "validation-accuracy:" in result.stdout
    assert (tmp_path / "trained" / "model.joblib").read_bytes() == (IRIS / "model" / "model.joblib").read_bytes()


def test_the_command_transforms_a_local_file(tmp_path: Path) -> None:
    project = jobs_example(tmp_path)
    result = command(
        project,
        "transform",
        STACK,
        "--data",
        "models/iris/data/training/iris.csv",
        "--output-dir",
        str(tmp_path / "predictions"),
    )

    assert result.returncode == 0, result.stderr
    assert "150 records" in result.stdout
    assert len((tmp_path / "predictions" / "iris.csv.out").read_text().splitlines()) == 150


def test_fails_with_error_and_cause_of_the_execution(tmp_path: Path) -> None:
    result = command(jobs_example(tmp_path), "start", STACK, "TrainingJob", "--input", "{}")

    assert result.returncode == 1
    assert "TrainingJobFailed: ClientError: there is no object at s3://" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train"], "name the stack whose training job is to run"),
        (["start", "Stack", "Output", "--input", "[]"], "--input must be a JSON object, got '[]'"),
        (["transform", "Stack", "--input", "{"], "--input must be a JSON object"),
        (["train", "Stack", "--channel", "x"], "--channel must be NAME=VALUE, got 'x'"),
    ],
)
def test_fails_before_anything_is_deployed(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1

    assert message in capsys.readouterr().err

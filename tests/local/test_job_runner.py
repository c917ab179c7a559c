from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sagemaker_local.emulation.jobs import COMPILATION, RECOMMENDATION, TRAINING, JobKind, Jobs
from sagemaker_local.jobs import JobRunner
from sagemaker_local.process_engine import ProcessEngine

if TYPE_CHECKING:
    from sagemaker_local.emulation import Job


def created(kind: JobKind, **request: Any) -> Job:
    return Jobs().create(kind, "123456789012", "eu-central-1", {kind.name: "one", **request})


def run(job: Job) -> str:
    """Run a job without any image, and return why it failed."""
    runner = JobRunner(
        engine=ProcessEngine(say=lambda _: None),
        images=[],
        sagemaker=None,
        s3=None,
        aws_variables={},
        say=lambda _: None,
        startup_timeout=1,
    )
    runner.run(job)
    job.ended.wait()
    return str(job.description["FailureReason"])


@pytest.mark.parametrize("kind", [COMPILATION, RECOMMENDATION])
def test_fails_for_a_job_whose_work_only_aws_can_do(kind: JobKind) -> None:
    assert run(created(kind)) == (
        "ClientError: the local twin runs training and transform jobs only: deploy the stack to an AWS account for a "
        f"{kind.operation}"
    )


def test_fails_for_an_image_that_the_app_does_not_build() -> None:
    job = created(TRAINING, AlgorithmSpecification={"TrainingImage": "elsewhere:1"})

    assert run(job).startswith("ClientError: the image elsewhere:1 is not built by the app")


def test_what_was_stopped_stays_stopped() -> None:
    job = created(TRAINING)
    job.stop()
    job.complete()

    assert job.status == "Stopped"


def test_a_reason_has_at_most_as_many_characters_as_sagemaker_keeps() -> None:
    job = created(TRAINING)
    job.fail("x" * 2000)

    assert len(job.description["FailureReason"]) == 1024

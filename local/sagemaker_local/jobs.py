"""Runs the jobs of the embedded SageMaker, each in a thread of its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from sagemaker_local.emulation.jobs import TRAINING, TRANSFORM
from sagemaker_local.endpoints import build_of, only_container
from sagemaker_local.errors import ContainerError, LocalError
from sagemaker_local.registered_model import resolve_package
from sagemaker_local.training_run import run_training
from sagemaker_local.transform_run import run_transform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sagemaker_local.assembly import ImageAsset
    from sagemaker_local.emulation import Job
    from sagemaker_local.engine import Engine


class JobRunner:
    """Runs training and transform jobs with the images that the app builds; other jobs need AWS."""

    def __init__(
        self,
        *,
        engine: Engine,
        images: Sequence[ImageAsset],
        sagemaker: Any,
        s3: Any,
        aws_variables: Mapping[str, str],
        say: Callable[[str], None],
        startup_timeout: float,
    ) -> None:
        """Prepare to run jobs.

        Args:
            engine: What runs containers.
            images: The images that the app builds.
            sagemaker: Client of Amazon SageMaker.
            s3: Client of Amazon S3.
            aws_variables: What points a container's AWS clients at the embedded AWS.
            say: Gets a line of progress.
            startup_timeout: Seconds that a container may take to become healthy.
        """
        self._engine = engine
        self._images = images
        self._sagemaker = sagemaker
        self._s3 = s3
        self._aws_variables = aws_variables
        self._say = say
        self._startup_timeout = startup_timeout
        self._running: list[tuple[Job, threading.Thread]] = []

    def run(self, job: Job) -> None:
        """Start a job and return."""
        thread = threading.Thread(target=self._run, args=(job,), name=job.name, daemon=True)
        self._running.append((job, thread))
        thread.start()

    def stop(self) -> None:
        """Stop what runs, and wait until its containers are gone."""
        for job, _ in self._running:
            job.stop()
        for _, thread in self._running:
            thread.join()

    def _run(self, job: Job) -> None:
        try:
            if job.kind is TRAINING:
                image = job.request["AlgorithmSpecification"]["TrainingImage"]
                run_training(
                    job,
                    build_of(image, self._images),
                    engine=self._engine,
                    s3=self._s3,
                    aws_variables=self._aws_variables,
                    say=self._say,
                )
            elif job.kind is TRANSFORM:
                name = job.request["ModelName"]
                model = self._sagemaker.describe_model(ModelName=name)
                definition = resolve_package(only_container(f"transform job {job.name}", model), self._sagemaker)
                run_transform(
                    job,
                    build_of(definition["Image"], self._images),
                    definition,
                    engine=self._engine,
                    s3=self._s3,
                    aws_variables=self._aws_variables,
                    say=self._say,
                    startup_timeout=self._startup_timeout,
                )
            else:
                job.fail(
                    "ClientError: the local twin runs training and transform jobs only: deploy the stack to an AWS "
                    f"account for a {job.kind.operation}"
                )
        except ContainerError as error:
            self._say(error.log)
            job.fail(f"AlgorithmError: {error}")
        except LocalError as error:
            job.fail(f"ClientError: {error}")
        except Exception as error:
            job.fail(f"InternalServerError: {error!r}")
            raise

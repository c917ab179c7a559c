"""Runs a training job of the embedded SageMaker with the local container."""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import LocalError
from sagemaker_local.s3_folder import download, split_uri
from sagemaker_local.train import failure_reason, follow, lay_out

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sagemaker_local.dockerfile import ImageBuild
    from sagemaker_local.emulation import Job
    from sagemaker_local.engine import Engine

_PORT = 8080


def run_training(
    job: Job,
    build: ImageBuild,
    *,
    engine: Engine,
    s3: Any,
    aws_variables: Mapping[str, str],
    say: Callable[[str], None],
) -> None:
    """Run a job to its end, which is told to the embedded SageMaker.

    Args:
        job: The job.
        build: Its image.
        engine: What runs it.
        s3: Client of Amazon S3.
        aws_variables: What points the container's AWS clients at the embedded AWS.
        say: Gets each line that the container prints.

    Raises:
        LocalError: If an input cannot be used, or the container cannot be started.
    """
    request = job.request
    with tempfile.TemporaryDirectory(prefix="sagemaker-local-job-", ignore_cleanup_errors=True) as temporary:
        base, log_file = Path(temporary) / "ml", Path(temporary) / "container.log"
        channels = {}
        for channel in request.get("InputDataConfig", []):
            if channel.get("InputMode") == "Pipe":
                raise LocalError(
                    f"the channel {channel['ChannelName']} is a pipe, which the local twin does not stream"
                )
            directory = Path(temporary) / "channels" / channel["ChannelName"]
            download(s3, channel["DataSource"]["S3DataSource"]["S3Uri"], directory)
            channels[channel["ChannelName"]] = directory
        modes = {entry["ChannelName"]: entry.get("InputMode", "File") for entry in request.get("InputDataConfig", [])}
        lay_out(base, channels, request.get("HyperParameters", {}), modes=modes)
        container = engine.start(
            build,
            argument="train",
            base_directory=base,
            port=_PORT,
            environment={**aws_variables, **request.get("Environment", {}), "TRAINING_JOB_NAME": job.name},
            log_file=log_file,
        )
        try:
            exit_code = follow(container, log_file, say, is_stopped=job.ended.is_set)
        finally:
            container.stop()
        if exit_code is None:
            return
        if exit_code != 0:
            reason = failure_reason(base / "output" / "failure")
            job.fail(f"AlgorithmError: {reason or 'the container wrote no reason'}, exit code: {exit_code}")
            return
        folder = f"{request['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{job.name}/output"
        _upload_archive(s3, base / "output" / "data", f"{folder}/output.tar.gz")
        _upload_archive(s3, base / "model", f"{folder}/model.tar.gz")
        job.complete(ModelArtifacts={"S3ModelArtifacts": f"{folder}/model.tar.gz"}, SecondaryStatus="Completed")


def _upload_archive(s3: Any, directory: Path, uri: str) -> None:
    with tempfile.TemporaryFile() as file:
        with tarfile.open(fileobj=file, mode="w:gz") as archive:
            for path in sorted(directory.iterdir()) if directory.is_dir() else ():
                archive.add(path, path.name)
        file.seek(0)
        bucket, key = split_uri(uri)
        s3.upload_fileobj(file, bucket, key)

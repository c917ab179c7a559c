"""Runs a transform job of the embedded SageMaker with the local container."""

from __future__ import annotations

import gzip
import http.client
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sagemaker_local.endpoints import free_port
from sagemaker_local.engine import wait_until_healthy
from sagemaker_local.errors import LocalError
from sagemaker_local.model_data import fetch_model_data
from sagemaker_local.records import Processing
from sagemaker_local.s3_folder import list_keys, split_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sagemaker_local.dockerfile import ImageBuild
    from sagemaker_local.emulation import Job
    from sagemaker_local.engine import Engine

_DEFAULT_SECONDS = 600  # https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html


def run_transform(
    job: Job,
    build: ImageBuild,
    definition: Mapping[str, Any],
    *,
    engine: Engine,
    s3: Any,
    aws_variables: Mapping[str, str],
    say: Callable[[str], None],
    startup_timeout: float,
) -> None:
    """Run a job to its end, which is told to the embedded SageMaker.

    Args:
        job: The job.
        build: The image of its model.
        definition: The container of its model, as ``DescribeModel`` returns it.
        engine: What runs it.
        s3: Client of Amazon S3.
        aws_variables: What points the container's AWS clients at the embedded AWS.
        say: Gets a line for each object that is done.
        startup_timeout: Seconds that the container may take to become healthy.

    Raises:
        LocalError: If an input cannot be used, or the container does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="sagemaker-local-job-", ignore_cleanup_errors=True) as temporary:
        base = Path(temporary) / "ml"
        (base / "model").mkdir(parents=True)
        fetch_model_data(s3, definition, base / "model")
        container = engine.start(
            build,
            argument="serve",
            base_directory=base,
            port=free_port(),
            environment={
                **aws_variables,
                **definition.get("Environment", {}),
                **job.request.get("Environment", {}),
                "SAGEMAKER_BATCH": "true",
            },
            log_file=Path(temporary) / "container.log",
        )
        try:
            wait_until_healthy(container, startup_timeout)
            _transform(job, container.url.removeprefix("http://"), s3, say)
        finally:
            container.stop()
    job.complete()


def _transform(job: Job, host: str, s3: Any, say: Callable[[str], None]) -> None:
    request = job.request
    parameters = _execution_parameters(host)
    processing = Processing.of(request, parameters)
    parallel = request.get("MaxConcurrentTransforms") or int(parameters.get("MaxConcurrentTransforms", 1))
    seconds = request.get("ModelClientConfig", {}).get("InvocationsTimeoutInSeconds", _DEFAULT_SECONDS)
    source = request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
    bucket, _ = split_uri(source)
    out_bucket, out_prefix = split_uri(request["TransformOutput"]["S3OutputPath"].rstrip("/") + "/")
    for name, key in list_keys(s3, source).items():
        content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        if request["TransformInput"].get("CompressionType") == "Gzip":
            content = gzip.decompress(content)
        batches = list(processing.batches(content))

        def answer(batch: list[bytes]) -> bytes:
            if job.ended.is_set():
                return b""
            return processing.result(batch, _invoke(host, processing, processing.body(batch), seconds))

        with ThreadPoolExecutor(max_workers=parallel) as threads:
            results = list(threads.map(answer, batches))
        if job.ended.is_set():
            return
        s3.put_object(Bucket=out_bucket, Key=f"{out_prefix}{name}.out", Body=b"".join(results))
        records = sum(len(batch) for batch in batches)
        say(f"{name}: {records} records in {len(batches)} requests")


def _execution_parameters(host: str) -> dict[str, Any]:
    with closing(http.client.HTTPConnection(host, timeout=2)) as connection:
        connection.request("GET", "/execution-parameters")
        with connection.getresponse() as response:
            content = response.read()
    if response.status != http.HTTPStatus.OK:  # it is optional
        return {}
    found: dict[str, Any] = json.loads(content)
    return found


def _invoke(host: str, processing: Processing, body: bytes, seconds: float) -> bytes:
    headers = {"Content-Type": processing.content_type, "Accept": processing.accept}
    with closing(http.client.HTTPConnection(host, timeout=seconds)) as connection:
        try:
            connection.request("POST", "/invocations", body, headers)
            with connection.getresponse() as response:
                content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise LocalError(f"the container did not answer a request: {error!r}") from error
    if response.status != http.HTTPStatus.OK:
        raise LocalError(f"the container answered {response.status}: {content.decode('utf-8', 'replace')}")
    return content

"""Entry point of the function.

Environment: ``ENDPOINT_NAME``, the endpoint to invoke; ``BUCKET_NAME`` and ``PAYLOADS_KEY``, where the archive of the
payloads lies.
"""

from __future__ import annotations

import logging
import os
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from smoke_test.comparison import difference
from smoke_test.gate import answer, is_custom_resource
from smoke_test.payloads import Payload, read_payloads

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)

_LONGEST_ANSWER = 1000
# A second try would hide the very failure that is looked for, and double the time it takes to see it.
_CLIENT = Config(connect_timeout=5, read_timeout=65, retries={"total_max_attempts": 1})


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one payload got.

    Attributes:
        name: The payload.
        passed: Whether the answer was the expected one.
        status: HTTP status of the endpoint, or of the container if that is what failed.
        latency_ms: Milliseconds from sending the request to having the whole answer.
        answer: The answer as text, at most 1,000 characters; ``None`` if there is none or it is not text.
        error: What was expected and what was there instead, in a sentence.
    """

    name: str
    passed: bool
    status: int
    latency_ms: float
    answer: str | None
    error: str | None


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any] | None:
    """Send every payload to the endpoint.

    Args:
        event: One that CloudFormation sends to a custom resource is answered to CloudFormation; no other is looked at.
        context: Not used.

    Returns:
        ``endpoint``, ``passed`` (whether all did) and ``results``, a dictionary of ``Result`` for each payload.

    Raises:
        KeyError: If an environment variable is missing.
        PayloadsError: If the archive cannot be read.
    """
    del context
    if is_custom_resource(event):
        answer(event, _run)
        return None
    return _run()


def _run() -> dict[str, Any]:
    endpoint = os.environ["ENDPOINT_NAME"]
    payloads = read_payloads(boto3.client("s3"), os.environ["BUCKET_NAME"], os.environ["PAYLOADS_KEY"])
    runtime = boto3.client("sagemaker-runtime", config=_CLIENT)
    results = [_send(runtime, endpoint, payload) for payload in payloads]
    for result in results:
        log.info("%s: %s in %.1f ms", result.name, result.error or "passed", result.latency_ms)
    return {
        "endpoint": endpoint,
        "passed": all(result.passed for result in results),
        "results": [asdict(result) for result in results],
    }


def _send(runtime: Any, endpoint: str, payload: Payload) -> Result:
    started = time.perf_counter()
    body = b""
    try:
        response = runtime.invoke_endpoint(
            EndpointName=endpoint, Body=payload.body, ContentType=payload.content_type, Accept=payload.accept
        )
        body = response["Body"].read()
        status = response["ResponseMetadata"]["HTTPStatusCode"]
        error = difference(body, payload.expected, payload.tolerance)
    except ClientError as failure:
        response = failure.response
        status = response.get("OriginalStatusCode", response["ResponseMetadata"]["HTTPStatusCode"])
        wanted = "an answer" if payload.expected is None else repr(payload.expected.decode("utf-8", "replace").strip())
        error = f"expected {wanted}, got status {status}: {response.get('OriginalMessage') or failure}"
    return Result(
        name=payload.name,
        passed=error is None,
        status=status,
        latency_ms=round((time.perf_counter() - started) * 1000, 3),
        answer=_as_text(body),
        error=None if error is None else f"payload '{payload.name}': {error}",
    )


def _as_text(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")[:_LONGEST_ANSWER] or None
    except UnicodeDecodeError:
        return None

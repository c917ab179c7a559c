from __future__ import annotations

import os
import sys
import time
from typing import Any

import boto3


def call(event: dict[str, Any], _context: object) -> dict[str, Any]:
    print("calling", event)  # noqa: T201
    response = boto3.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=os.environ["ENDPOINT_NAME"], Body=event.get("body", "hello"), ContentType="text/plain"
    )
    return {"status": 200, "answer": response["Body"].read().decode()}


def describe(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return {
        "arn": context.invoked_function_arn,
        "event": event,
        "memory": context.memory_limit_in_mb,
        "milliseconds": context.get_remaining_time_in_millis(),
        "name": context.function_name,
        "request_id": context.aws_request_id,
    }


def fail(_event: object, _context: object) -> None:
    raise LookupError("no such thing")


def hang(_event: object, _context: object) -> None:
    time.sleep(60)


def leave(_event: object, _context: object) -> None:
    sys.exit(3)


def judge(_event: object, _context: object) -> dict[str, Any]:
    return {"passed": False}

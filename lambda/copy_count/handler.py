"""Entry point of the function: a custom resource whose attribute ``Count`` is the number of copies to keep.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_REASON = 1000
"""CloudFormation takes 4,096 bytes for the whole response."""


def handler(event: Mapping[str, Any], context: object) -> None:
    """Tell CloudFormation the number of copies that the component has now.

    Args:
        event: What CloudFormation sent. ``ResourceProperties`` holds ``ComponentName`` and ``InitialCount``, the number
            for a component that does not exist yet.
        context: Not used.
    """
    del context
    reason, data = None, {}
    if event["RequestType"] != "Delete":
        try:
            data = {"Count": _count(event["ResourceProperties"])}
        except Exception as error:  # noqa: BLE001  CloudFormation waits for an answer, whatever happened
            reason = f"{type(error).__name__}: {error}"[:_LONGEST_REASON]
    response = {
        "Status": "SUCCESS" if reason is None else "FAILED",
        "Reason": reason or "the copies were counted",
        "PhysicalResourceId": event.get("PhysicalResourceId") or event["LogicalResourceId"],
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": data,
    }
    # CloudFormation's URL is signed for a request without a content type.
    request = urllib.request.Request(  # noqa: S310  the URL comes from CloudFormation
        event["ResponseURL"], data=json.dumps(response).encode(), method="PUT", headers={"Content-Type": ""}
    )
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310  same
        pass


def _count(properties: Mapping[str, Any]) -> int:
    initial = int(properties["InitialCount"])
    try:
        found = boto3.client("sagemaker").describe_inference_component(
            InferenceComponentName=properties["ComponentName"]
        )
    except ClientError as error:
        # A component that does not exist is no error of its own kind.
        if error.response["Error"]["Code"] in {"ResourceNotFound", "ValidationException"}:
            return initial
        raise
    return int(found.get("RuntimeConfig", {}).get("DesiredCopyCount", initial))

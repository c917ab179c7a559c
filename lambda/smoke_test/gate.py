"""The function as a custom resource: a wrong answer fails the deployment, and CloudFormation rolls it back.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LONGEST_REASON = 1000
"""CloudFormation takes 4,096 bytes for the whole response."""


def is_custom_resource(event: Mapping[str, Any]) -> bool:
    """Return whether CloudFormation sent this event."""
    return "ResponseURL" in event and "RequestType" in event


def answer(event: Mapping[str, Any], run: Callable[[], Mapping[str, Any]]) -> None:
    """Tell CloudFormation whether the endpoint answers as expected.

    Args:
        event: What CloudFormation sent. Deleting the resource succeeds without a test.
        run: Sends the payloads and returns the report. What it raises fails the deployment, too.
    """
    reason = None if event["RequestType"] == "Delete" else _failure(run)
    response = {
        "Status": "SUCCESS" if reason is None else "FAILED",
        "Reason": reason or "all payloads passed",
        "PhysicalResourceId": event.get("PhysicalResourceId") or event["LogicalResourceId"],
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    # CloudFormation's URL is signed for a request without a content type.
    request = urllib.request.Request(  # noqa: S310  the URL comes from CloudFormation
        event["ResponseURL"], data=json.dumps(response).encode(), method="PUT", headers={"Content-Type": ""}
    )
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310  same
        pass


def _failure(run: Callable[[], Mapping[str, Any]]) -> str | None:
    try:
        errors = [result["error"] for result in run()["results"] if result["error"] is not None]
    except Exception as error:  # noqa: BLE001  CloudFormation waits for an answer, whatever happened
        errors = [f"{type(error).__name__}: {error}"]
    return "; ".join(errors)[:_LONGEST_REASON] or None

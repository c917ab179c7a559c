"""Calls of SageMaker's API that are repeated when it is busy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn

if TYPE_CHECKING:
    from aws_cdk import aws_stepfunctions_tasks as tasks

_ERRORS = [
    # SageMaker's API declares no error for throttling, so that the SDK of Step Functions reports it by the base class.
    "SageMaker.SageMakerException",
    # The quota of jobs that run at the same time.
    "SageMaker.ResourceLimitExceededException",
]


def retry_throttled(task: tasks.CallAwsService) -> None:
    """Repeat a call that SageMaker refused because there were too many, within a minute or two.

    A request that is wrong is refused by the same error: it is repeated, too, before the execution fails by it.

    https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html

    Args:
        task: The call.
    """
    task.add_retry(
        backoff_rate=2,
        errors=_ERRORS,
        interval=cdk.Duration.seconds(3),
        jitter_strategy=sfn.JitterType.FULL,
        max_attempts=5,
    )

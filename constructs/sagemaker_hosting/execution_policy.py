"""What every container may do: log in to ECR, and write logs and metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import aws_cdk as cdk

from sagemaker_hosting.own_policy import create_own_policy
from sagemaker_hosting.permission import Permission
from sagemaker_hosting.stacks import stack_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_iam as iam
    from constructs import Construct

HOSTING_LOG_GROUPS = ("/aws/sagemaker/Endpoints/*", "/aws/sagemaker/TransformJobs*")
TRAINING_LOG_GROUPS = ("/aws/sagemaker/TrainingJobs*",)
PROCESSING_LOG_GROUPS = ("/aws/sagemaker/ProcessingJobs*",)
COMPILATION_LOG_GROUPS = ("/aws/sagemaker/CompilationJobs*",)
RECOMMENDATION_LOG_GROUPS = ("/aws/sagemaker/InferenceRecommendationsJobs*",)
COMPONENT_LOG_GROUPS = ("/aws/sagemaker/InferenceComponents/*",)
"""https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html"""

_LOG_IN = Permission(
    actions=("ecr:GetAuthorizationToken",),
    resources=("*",),
    wildcard_reason="ecr:GetAuthorizationToken takes no resource; the images that can be pulled are named in a "
    "statement of their own.",
)
_ARNS: WeakKeyDictionary[cdk.Stack, dict[str, str]] = WeakKeyDictionary()


def create_execution_policy(
    scope: Construct,
    role: iam.IRole,
    permissions: Sequence[Permission] = (),
    *,
    log_groups: Sequence[str] = HOSTING_LOG_GROUPS,
    namespaces: str | list[str] = "/aws/sagemaker/*",
) -> iam.Policy:
    """Create the policy of containers, which may pull their images and read their data.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms

    Args:
        scope: Parent.
        role: Role that gets the policy, unless the CDK was told not to change it.
        permissions: What images and data need.
        log_groups: Names of the log groups that SageMaker writes to, with wildcards.
        namespaces: Those of the metrics that it publishes, with wildcards.
    """
    return create_own_policy(
        scope,
        "ExecutionPolicy",
        [role],
        [_LOG_IN, publishing_metrics(namespaces), writing_logs(scope, log_groups), *permissions],
    )


def publishing_metrics(namespaces: str | list[str] = "/aws/sagemaker/*") -> Permission:
    """Return what it takes that SageMaker publishes metrics.

    Args:
        namespaces: Of the metrics, with wildcards.
    """
    return Permission(
        actions=("cloudwatch:PutMetricData",),
        resources=("*",),
        conditions={"StringLike": {"cloudwatch:namespace": namespaces}},
        wildcard_reason="cloudwatch:PutMetricData takes no resource; a condition holds it to SageMaker's namespaces.",
    )


def writing_logs(scope: Construct, log_groups: Sequence[str]) -> Permission:
    """Return what it takes that SageMaker writes logs.

    Args:
        scope: A construct of the stack whose account and region they are in.
        log_groups: Names of the log groups, with wildcards.
    """
    return Permission(
        actions=("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
        resources=[_log_group_arn(stack_of(scope), name) for name in log_groups],
        wildcard_reason="SageMaker names the log group or stream after the endpoint, component or job, which exists "
        "only after this policy.",
    )


def _log_group_arn(stack: cdk.Stack, name: str) -> str:
    """The ARN of log groups; a stack has many models and one such text."""
    known = _ARNS.setdefault(stack, {})
    if name not in known:
        known[name] = stack.format_arn(
            service="logs", resource="log-group", resource_name=name, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
        )
    return known[name]

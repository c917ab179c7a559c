"""What every container may do: log in to ECR, and write logs and metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from sagemaker_hosting.acknowledgement import OWN_POLICY, acknowledge_all, acknowledge_wildcard, wildcard_finding
from sagemaker_hosting.stacks import stack_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from sagemaker_hosting.permission import Permission

_LOG_ACTIONS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]


HOSTING_LOG_GROUPS = ("/aws/sagemaker/Endpoints/*", "/aws/sagemaker/TransformJobs*")
TRAINING_LOG_GROUPS = ("/aws/sagemaker/TrainingJobs*",)
PROCESSING_LOG_GROUPS = ("/aws/sagemaker/ProcessingJobs*",)
COMPILATION_LOG_GROUPS = "/aws/sagemaker/CompilationJobs*"
RECOMMENDATION_LOG_GROUPS = "/aws/sagemaker/InferenceRecommendationsJobs*"
"""https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html"""

_LOG_REASON = (
    "SageMaker names the log group or stream after the endpoint, component or job, which exists only after this policy."
)
_KNOWN: WeakKeyDictionary[cdk.Stack, dict[tuple[str, ...], dict[str, str]]] = WeakKeyDictionary()


def create_execution_policy(
    scope: Construct,
    role: iam.IRole,
    permissions: Sequence[Permission] = (),
    *,
    log_groups: Sequence[str] = HOSTING_LOG_GROUPS,
    namespaces: str | list[str] = "/aws/sagemaker/*",
) -> iam.Policy:
    """Create the policy of containers, which may pull their images and read their data.

    It is a policy of its own, so that what is acknowledged here covers nothing that a user adds to the role.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms

    Args:
        scope: Parent.
        role: Role that gets the policy, unless the CDK was told not to change it.
        permissions: What images and data need.
        log_groups: Names of the log groups that SageMaker writes to, with wildcards.
        namespaces: Those of the metrics that it publishes, with wildcards.
    """
    found = _log_groups(stack_of(scope), tuple(log_groups))
    is_own = isinstance(role, iam.Role)  # others decide whether they take the policy
    policy = iam.Policy(
        scope,
        "ExecutionPolicy",
        document=iam.PolicyDocument.from_json(
            {
                "Statement": [
                    {"Action": "ecr:GetAuthorizationToken", "Effect": "Allow", "Resource": "*"},
                    {
                        "Action": "cloudwatch:PutMetricData",
                        "Condition": {"StringLike": {"cloudwatch:namespace": namespaces}},
                        "Effect": "Allow",
                        "Resource": "*",
                    },
                    {"Action": _LOG_ACTIONS, "Effect": "Allow", "Resource": list(found)},
                    *(permission.to_json() for permission in permissions),
                ]
            }
        ),
        roles=[role] if is_own else None,
    )
    if not is_own:
        role.attach_inline_policy(policy)
    acknowledge_all(
        policy,
        {
            wildcard_finding(
                policy, "*"
            ): "ecr:GetAuthorizationToken and cloudwatch:PutMetricData take no resource. A condition holds the metrics "
            "to SageMaker's namespaces; the images that can be pulled are named in a statement of their own.",
            **dict.fromkeys(found.values(), _LOG_REASON),
            **_wildcards(policy, permissions),
            **OWN_POLICY,
        },
    )
    return policy


def allow(policy: iam.Policy, permissions: Sequence[Permission]) -> None:
    """Allow what a further image or further data need.

    Args:
        policy: The policy of the containers.
        permissions: What they need.
    """
    for permission in permissions:
        policy.add_statements(permission.to_statement())
    wildcards = _wildcards(policy, permissions)
    if wildcards:
        acknowledge_all(policy, wildcards)


def _wildcards(policy: iam.Policy, permissions: Sequence[Permission]) -> dict[str, str]:
    """The findings that permissions make, with the reasons why they are right."""
    return {
        wildcard_finding(policy, permission.resource): permission.wildcard_reason
        for permission in permissions
        if permission.wildcard_reason is not None
    }


def _log_groups(stack: cdk.Stack, names: tuple[str, ...]) -> dict[str, str]:
    """The ARNs of log groups, and what their wildcards are reported as; a stack has many models and one such text."""
    known = _KNOWN.setdefault(stack, {})
    if names not in known:
        arns = [
            stack.format_arn(
                service="logs", resource="log-group", resource_name=name, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
            )
            for name in names
        ]
        known[names] = {arn: wildcard_finding(stack, arn) for arn in arns}
    return known[names]


def allow_component_logs(policy: iam.Policy) -> None:
    """Let inference components write logs; their groups are not among those of endpoints and jobs.

    https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html

    Args:
        policy: The policy that ``create_execution_policy`` made; it may be given more than once.
    """
    allow_logs(policy, "/aws/sagemaker/InferenceComponents/*")


def allow_logs(policy: iam.Policy, log_groups: str) -> None:
    """Let SageMaker write logs.

    Args:
        policy: Of the role that it writes with.
        log_groups: Name of the log groups, with a wildcard.
    """
    arn = cdk.Stack.of(policy).format_arn(
        service="logs", resource="log-group", resource_name=log_groups, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
    )
    policy.add_statements(iam.PolicyStatement(actions=_LOG_ACTIONS, resources=[arn]))
    acknowledge_wildcard(policy, arn, _LOG_REASON)

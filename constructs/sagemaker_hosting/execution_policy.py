"""What every container may do: log in to ECR, and write logs and metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from sagemaker_hosting.acknowledgement import acknowledge_own_policy, acknowledge_wildcard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

_LOG_ACTIONS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]


HOSTING_LOG_GROUPS = ("/aws/sagemaker/Endpoints/*", "/aws/sagemaker/TransformJobs*")
TRAINING_LOG_GROUPS = ("/aws/sagemaker/TrainingJobs*",)
PROCESSING_LOG_GROUPS = ("/aws/sagemaker/ProcessingJobs*",)


def create_execution_policy(
    scope: Construct,
    role: iam.IRole,
    *,
    log_groups: Sequence[str] = HOSTING_LOG_GROUPS,
    namespaces: str | Sequence[str] = "/aws/sagemaker/*",
) -> iam.Policy:
    """Create the policy to which images and data add their statements.

    It is a policy of its own, so that what is acknowledged here covers nothing that a user adds to the role.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms

    Args:
        scope: Parent.
        role: Role that gets the policy.
        log_groups: Names of the log groups that SageMaker writes to, with wildcards.
        namespaces: Those of the metrics that it publishes, with wildcards.
    """
    stack = cdk.Stack.of(scope)
    log_group_arns = [
        stack.format_arn(
            service="logs", resource="log-group", resource_name=name, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
        )
        for name in log_groups
    ]
    policy = iam.Policy(
        scope,
        "ExecutionPolicy",
        roles=[role],
        statements=[
            iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]),
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringLike": {"cloudwatch:namespace": namespaces}},
            ),
            iam.PolicyStatement(
                actions=_LOG_ACTIONS,
                resources=log_group_arns,
            ),
        ],
    )
    acknowledge_own_policy(policy)
    acknowledge_wildcard(
        policy,
        "*",
        "ecr:GetAuthorizationToken and cloudwatch:PutMetricData take no resource. A condition holds the metrics to "
        "SageMaker's namespaces; the images that can be pulled are named in a statement of their own.",
    )
    for log_group in log_group_arns:
        acknowledge_wildcard(
            policy,
            log_group,
            "SageMaker names the log group or stream after the endpoint or job, which exists only after this policy.",
        )
    return policy


def allow_component_logs(policy: iam.Policy) -> None:
    """Let inference components write logs; their groups are not among those of endpoints and jobs.

    https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html

    Args:
        policy: The policy that ``create_execution_policy`` made; it may be given more than once.
    """
    log_groups = cdk.Stack.of(policy).format_arn(
        service="logs",
        resource="log-group",
        resource_name="/aws/sagemaker/InferenceComponents/*",
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
    policy.add_statements(iam.PolicyStatement(actions=_LOG_ACTIONS, resources=[log_groups]))
    acknowledge_wildcard(
        policy,
        log_groups,
        "SageMaker names the log group after the inference component, which exists only after the role.",
    )

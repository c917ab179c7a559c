"""Lets CloudWatch encrypt logs with a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from constructs import Construct


def let_logs_use(key: kms.IKey, scope: Construct) -> None:
    """Let CloudWatch encrypt the log groups of this account and region with a key.

    The policy of a key that was imported stays as it is: there, this must have been allowed already.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html

    Args:
        key: The key.
        scope: Where the log group is.
    """
    stack = cdk.Stack.of(scope)
    groups = stack.format_arn(
        service="logs", resource="log-group", resource_name="*", arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.{stack.url_suffix}")],
            resources=["*"],
        )
    )

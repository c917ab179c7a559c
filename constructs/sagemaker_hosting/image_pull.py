"""Lets what runs an image pull exactly it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam

from sagemaker_hosting.stacks import stack_of

if TYPE_CHECKING:
    from constructs import Construct

    from sagemaker_hosting.image_user import ImageUser


def pull_published(scope: Construct, model: ImageUser, account: str, repository: str, tag: str) -> str:
    """Let the model pull an image of the account in its region, and return the image's URI."""
    stack = stack_of(scope)
    grant_pull(model, stack.format_arn(service="ecr", account=account, resource="repository", resource_name=repository))
    separator = "@" if tag.startswith("sha256:") else ":"
    return f"{account}.dkr.ecr.{stack.region}.{stack.url_suffix}/{repository}{separator}{tag}"


def grant_pull(model: ImageUser, repository_arn: str) -> None:
    """Let the model pull the images of a repository."""
    model.execution_policy.add_statements(
        iam.PolicyStatement(
            actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resources=[repository_arn],
        )
    )

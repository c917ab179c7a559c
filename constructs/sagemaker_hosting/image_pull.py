"""What a role needs to pull an image, and where AWS publishes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sagemaker_hosting.permission import Permission
from sagemaker_hosting.stacks import stack_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

_ACTIONS = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


def published_image(scope: Construct, account: str, repository: str, tag: str) -> tuple[str, Sequence[Permission]]:
    """Return the URI of an image of the account in the region of the stack, and what pulling it takes."""
    stack = stack_of(scope)
    arn = stack.format_arn(service="ecr", account=account, resource="repository", resource_name=repository)
    separator = "@" if tag.startswith("sha256:") else ":"
    return f"{account}.dkr.ecr.{stack.region}.{stack.url_suffix}/{repository}{separator}{tag}", pulling(arn)


def pulling(repository_arn: str) -> Sequence[Permission]:
    """Return what pulling the images of a repository takes."""
    return (Permission(actions=_ACTIONS, resources=(repository_arn,)),)

"""The role that SageMaker takes on to run containers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from constructs import Construct


def create_execution_role(scope: Construct, description: str, *, id: str = "Role") -> iam.Role:  # noqa: A002
    """Create a role that trusts SageMaker and may do nothing yet.

    Args:
        scope: Parent.
        description: What it runs, read in the console.
        id: Id below the parent.
    """
    return iam.Role(scope, id, assumed_by=_sagemaker(), description=description)


@cache
def _sagemaker() -> iam.ServicePrincipal:
    return iam.ServicePrincipal("sagemaker.amazonaws.com")

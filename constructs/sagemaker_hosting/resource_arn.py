"""The two ways to name a resource that exists: by its ARN, or by its name in the account and region of the stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk

from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems

if TYPE_CHECKING:
    from typing import Self

    from constructs import Construct


@dataclass(frozen=True)
class ResourceArn:
    """A resource of SageMaker.

    Args:
        arn: Its ARN.
        name: Its name.
    """

    arn: str
    name: str

    @classmethod
    def from_name(cls, scope: Construct, kind: str, name: str) -> Self:
        """Return the resource of this name.

        Args:
            scope: A construct of the stack that refers to it.
            kind: The word before the name in the ARN, such as ``model``.
            name: Its name. The service writes it in lower case into the ARN.

        Raises:
            ValidationError: If it is no such name, but, for example, an ARN.
        """
        problems = Problems(lambda: f"Import below '{scope.node.path}'")
        problems.matches(f"{kind.replace('-', '_')}_name", name, NAME_PATTERN, NAME_ALLOWED)
        problems.raise_if_any()
        written = name if is_token(name) else name.lower()
        stack = cdk.Stack.of(scope)
        return cls(stack.format_arn(service="sagemaker", resource=kind, resource_name=written), name)

    @classmethod
    def from_arn(cls, scope: Construct, kind: str, argument: str, arn: str) -> Self:
        """Return the resource of this ARN.

        Args:
            scope: A construct of the stack that refers to it.
            kind: The word before the name in the ARN, such as ``model``.
            argument: Name of the argument that gave the ARN, named by the error.
            arn: The ARN.

        Raises:
            ValidationError: If it is not the ARN of such a resource.
        """
        problems = Problems(lambda: f"Import below '{scope.node.path}'")
        problems.matches(
            argument,
            arn,
            rf"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{{12}}:{kind}/[a-zA-Z0-9](-*[a-zA-Z0-9]){{0,62}}",
            f"arn:aws:sagemaker:REGION:ACCOUNT:{kind}/NAME",
        )
        problems.raise_if_any()
        parts = cdk.Stack.of(scope).split_arn(arn, cdk.ArnFormat.SLASH_RESOURCE_NAME)
        return cls(arn, str(parts.resource_name))

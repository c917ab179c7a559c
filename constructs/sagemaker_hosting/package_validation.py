"""How SageMaker validates a model package before it is listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sagemaker_hosting.own_policy import create_own_policy
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems, ValidationError

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_iam as iam
    from constructs import Construct

    from sagemaker_hosting.validation_transform import ValidationTransform


@dataclass(frozen=True, kw_only=True)
class PackageValidation:
    """A batch transform job that SageMaker runs when the package is created; if it fails, so does the package.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackageValidationSpecification.html

    Args:
        transform: The job.
        profile_name: Its name in the package: 1 to 63 letters, digits and hyphens.
        role: Role that the job runs with; its trust policy must name ``sagemaker.amazonaws.com``. It gets what the job
            reads and writes. Without it, the role of the model, which may pull the image and read the model data.

    Raises:
        ValidationError: If the name is not valid.
    """

    transform: ValidationTransform
    profile_name: str = "validation"
    role: iam.IRole | None = None

    def __post_init__(self) -> None:
        problems = Problems("PackageValidation")
        problems.matches("profile_name", self.profile_name, NAME_PATTERN, NAME_ALLOWED)
        problems.raise_if_any()

    def bind(self, scope: Construct, resource: cdk.CfnResource, default_role: iam.IRole | None) -> dict[str, Any]:
        """Let the job read and write, and describe it as the API does.

        Args:
            scope: Where constructs are created.
            resource: The package, which waits for the permissions.
            default_role: Role that the job runs with, if none was given.

        Raises:
            ValidationError: If there is no role at all.
        """
        used = default_role if self.role is None else self.role
        if used is None:
            raise ValidationError(
                "PackageValidation", ["role must be given where there is no model whose role it takes"]
            )
        policy = create_own_policy(scope, "ValidationPolicy", [used], self.transform.permissions)
        resource.node.add_dependency(used, policy)
        return {
            "ValidationProfiles": [
                {"ProfileName": self.profile_name, "TransformJobDefinition": self.transform.describe()}
            ],
            "ValidationRole": used.role_arn,
        }

"""The role that runs the inference components of an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam
from constructs import Construct

from sagemaker_hosting.execution_policy import allow_component_logs, create_execution_policy

if TYPE_CHECKING:
    from sagemaker_hosting.model import Model


class ComponentRole(Construct):
    """May log in to ECR, and write logs and metrics; each inference component adds what it reads."""

    def __init__(self, scope: Construct, id: str, *, role: iam.IRole | None) -> None:  # noqa: A002
        """Create the role, or complete the one that is given.

        Args:
            scope: The endpoint configuration.
            id: Id below it.
            role: A role that trusts SageMaker. Without it, one is made.
        """
        super().__init__(scope, id)
        self._role = (
            iam.Role(
                self,
                "Role",
                assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
                description=f"Runs the inference components of {scope.node.path}",
            )
            if role is None
            else role
        )
        self._execution_policy = create_execution_policy(self, self._role)
        allow_component_logs(self._execution_policy)

    @property
    def role(self) -> iam.IRole:
        """The role."""
        return self._role

    @property
    def execution_policy(self) -> iam.Policy:
        """What images and artifacts of inference components add the statements to that they need."""
        return self._execution_policy

    def run(self, model: Model) -> None:
        """Let the role read what a model reads, and the model's role write the logs of inference components.

        Args:
            model: The model of an inference component.
        """
        model.execution_policy.attach_to_role(self._role)
        allow_component_logs(model.execution_policy)

"""The role that runs the inference components of an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from sagemaker_hosting.acknowledgement import acknowledge_wildcard
from sagemaker_hosting.execution_policy import COMPONENT_LOG_GROUPS, create_execution_policy, writing_logs
from sagemaker_hosting.execution_role import create_execution_role
from sagemaker_hosting.own_policy import allow

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
            create_execution_role(self, f"Runs the inference components of {scope.node.path}") if role is None else role
        )
        self._execution_policy = create_execution_policy(self, self._role, [writing_logs(self, COMPONENT_LOG_GROUPS)])

    @property
    def role(self) -> iam.IRole:
        """The role."""
        return self._role

    @property
    def execution_policy(self) -> iam.Policy:
        """What lets inference components pull their images, read their artifacts, and write logs and metrics."""
        return self._execution_policy

    def run(self, model: Model) -> None:
        """Let the role do what the policy of a model allows, and the model's role write the logs of components.

        AWS does not say which of the two roles fetches a component's model. The statements are copied instead of the
        policy shared, since all policies of a role together have at most 10,240 characters.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html

        Args:
            model: The model of an inference component, with all its containers.
        """
        known = _statements(self._execution_policy)
        for statement in _statements(model.execution_policy):
            if statement not in known:
                self._execution_policy.add_statements(iam.PolicyStatement.from_json(statement))
                self._acknowledge(statement["Resource"], model)
        allow(model.execution_policy, [writing_logs(model, COMPONENT_LOG_GROUPS)])

    def _acknowledge(self, resources: str | list[str], model: Model) -> None:
        for resource in [resources] if isinstance(resources, str) else resources:
            if "*" in resource:
                acknowledge_wildcard(
                    self._execution_policy, resource, f"The policy of {model.node.path} has it, with the reason."
                )


def _statements(policy: iam.Policy) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = policy.document.to_json()["Statement"]
    return found

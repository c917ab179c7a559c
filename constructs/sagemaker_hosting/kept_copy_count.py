"""Lets an update of an inference component leave it the copies that scaling has given it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from sagemaker_hosting.acknowledgement import acknowledge_in_packs, acknowledge_own_policy
from sagemaker_hosting.bundle import FUNCTIONS
from sagemaker_hosting.replacement import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PACKAGE = "copy_count"
_FUNCTION = "SageMakerCopyCounts"
_ACKNOWLEDGED = {
    "CloudWatchLogGroupEncrypted": "It logs names and numbers of inference components, which a key of AWS encrypts.",
    "LambdaConcurrency": "CloudFormation alone calls it, once for each changed component of a deployment.",
    "LambdaDLQ": "CloudFormation waits for its answer and fails the deployment without one.",
    "LambdaInsideVPC": "It asks SageMaker's API for a number, and neither serves nor sees any data.",
}


class KeptCopyCount(Construct):
    """The number of copies that a component has when it is updated.

    CloudFormation sends ``RuntimeConfig.CopyCount`` with every update of a component, and has no property by which the
    number stays, as ``RetainAllVariantProperties`` lets that of a variant stay. So a function, one for the stack, asks
    SageMaker for the number whenever the component changes.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateInferenceComponent.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        component_name: str,
        initial_count: int,
        properties: Callable[[], Mapping[str, object]],
    ) -> None:
        """Count the copies.

        Args:
            scope: Parent.
            id: Id below the parent.
            component_name: Name of the component.
            initial_count: The number for a component that does not exist yet.
            properties: Called at synthesis: everything of the component whose change updates it.
        """
        super().__init__(scope, id)
        stack = cdk.Stack.of(self)
        found = stack.node.try_find_child(_FUNCTION)
        function = found if isinstance(found, _Function) else _Function(stack, _FUNCTION)
        names = dict.fromkeys([component_name, component_name.lower()])
        grant = iam.Grant.add_to_principal(
            grantee=function.role,
            actions=["sagemaker:DescribeInferenceComponent"],
            resource_arns=[
                stack.format_arn(service="sagemaker", resource="inference-component", resource_name=name)
                for name in names
            ],
        )
        resource = cdk.CustomResource(
            self,
            "Resource",
            resource_type="Custom::CopyCount",
            service_token=function.arn,
            properties={
                "ComponentName": component_name,
                "InitialCount": initial_count,
                "Properties": digest_of(self, properties),
            },
        )
        grant.apply_before(resource)
        resource.node.add_dependency(function)
        self._count = cdk.Token.as_number(resource.get_att("Count"))

    @property
    def count(self) -> float:
        """The number, known at deployment."""
        return self._count


class _Function(Construct):
    def __init__(self, scope: Construct, id: str) -> None:  # noqa: A002
        super().__init__(scope, id)
        log_group = logs.LogGroup(
            self, "Logs", retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="Counts the copies of inference components",
        )
        self._function = lambda_.Function(
            self,
            "Function",
            code=lambda_.Code.from_asset(
                str(FUNCTIONS),
                exclude=["*", f"!{_PACKAGE}", f"!{_PACKAGE}/*", "**/__pycache__"],
                ignore_mode=cdk.IgnoreMode.GIT,
            ),
            description="Tells CloudFormation how many copies an inference component has",
            handler=f"{_PACKAGE}.handler.handler",
            log_group=log_group,
            role=self.role,
            runtime=lambda_.Runtime.PYTHON_3_14,
            timeout=cdk.Duration.seconds(30),
        )
        log_group.grant_write(self.role)
        acknowledge_own_policy(self.role)
        for rule, reason in _ACKNOWLEDGED.items():
            acknowledge_in_packs(self, rule, reason)

    @property
    def arn(self) -> str:
        return self._function.function_arn

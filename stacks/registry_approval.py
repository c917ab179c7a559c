"""Joins the model registry to the approval that a pipeline waits at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.pipeline_permissions import acknowledge_resource

if TYPE_CHECKING:
    from aws_cdk import aws_codepipeline as codepipeline

_FUNCTIONS = Path(__file__).parents[1] / "lambda"
_PACKAGE = "promotion_approval"


class RegistryApproval(Construct):
    """Approves or rejects in the pipeline what is approved or rejected in the registry."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        action_name: str,
        model_package_group_name: str,
        pipeline: codepipeline.IPipeline,
        stage_name: str,
    ) -> None:
        """Create the rule and the function that it calls.

        Args:
            scope: Parent.
            id: Id below the parent.
            action_name: The approval in the stage.
            model_package_group_name: The registry's group whose newest version decides.
            pipeline: What waits.
            stage_name: Its stage that waits.
        """
        super().__init__(scope, id)
        stack = cdk.Stack.of(self)
        log_group = logs.LogGroup(
            self, "Logs", retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="Passes decisions of the model registry on to the pipeline",
        )
        function = lambda_.Function(
            self,
            "Function",
            code=lambda_.Code.from_asset(
                str(_FUNCTIONS),
                exclude=["*", f"!{_PACKAGE}", f"!{_PACKAGE}/*", "**/__pycache__"],
                ignore_mode=cdk.IgnoreMode.GIT,
            ),
            description="Passes decisions of the model registry on to the pipeline",
            environment={
                "ACTION_NAME": action_name,
                "PIPELINE_NAME": pipeline.pipeline_name,
                "STAGE_NAME": stage_name,
            },
            handler=f"{_PACKAGE}.handler.handler",
            log_group=log_group,
            role=role,
            runtime=lambda_.Runtime.PYTHON_3_14,
            timeout=cdk.Duration.seconds(30),
        )
        log_group.grant_write(role)
        # Of the versions and not of the group: what ListModelPackages takes as its resource is a model-package.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
        versions_arn = stack.format_arn(
            service="sagemaker", resource="model-package", resource_name=f"{model_package_group_name.lower()}/*"
        )
        for action, resource in (
            ("sagemaker:ListModelPackages", versions_arn),
            ("codepipeline:GetPipelineState", pipeline.pipeline_arn),
            ("codepipeline:PutApprovalResult", f"{pipeline.pipeline_arn}/{stage_name}/{action_name}"),
        ):
            role.add_to_policy(iam.PolicyStatement(actions=[action], resources=[resource]))
        acknowledge_resource(role, versions_arn, "SageMaker numbers the versions of the group as they are registered.")
        events.Rule(
            self,
            "Rule",
            description="A version of the model was approved or rejected",
            event_pattern=events.EventPattern(
                source=["aws.sagemaker"],
                detail_type=["SageMaker Model Package State Change"],
                detail={
                    "ModelApprovalStatus": ["Approved", "Rejected"],
                    # ARNs have names in lower case; where an event has its name from is not documented.
                    "ModelPackageGroupName": events.Match.equals_ignore_case(model_package_group_name),
                },
            ),
            targets=[targets.LambdaFunction(function, retry_attempts=2)],
        )

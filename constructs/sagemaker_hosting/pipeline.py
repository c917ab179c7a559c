"""A SageMaker Pipeline that exists: started on a schedule or an event, for example to train again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.interfaces import aws_sagemaker as references

from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from constructs import Construct

_NAME_PATTERN = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}"
_NAME_ALLOWED = "1 to 256 letters, digits and hyphens that begin and end with a letter or digit"
_ARN_PATTERN = rf"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{{12}}:pipeline/{_NAME_PATTERN}"


@jsii.implements(sagemaker.IPipeline)
class Pipeline(cdk.Resource):
    """A pipeline, imported; what takes an ``aws_sagemaker.IPipeline``, such as a target of EventBridge, takes it.

    Pipelines themselves are written with SageMaker's own SDK.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePipeline.html
    """

    def __init__(self, scope: Construct, id: str, *, pipeline_arn: str, pipeline_name: str) -> None:  # noqa: A002
        """Refer to a pipeline; ``from_pipeline_arn`` and ``from_pipeline_name`` are shorter.

        Args:
            scope: Parent.
            id: Id below the parent.
            pipeline_arn: Its ARN.
            pipeline_name: Its name.
        """
        super().__init__(scope, id, environment_from_arn=pipeline_arn)
        self._arn = pipeline_arn
        self._name = pipeline_name

    @staticmethod
    def from_pipeline_arn(scope: Construct, id: str, pipeline_arn: str) -> Pipeline:  # noqa: A002
        """Refer to the pipeline of this ARN.

        Args:
            scope: Parent.
            id: Id below the parent.
            pipeline_arn: Its ARN.

        Raises:
            ValidationError: If it is not the ARN of a pipeline.
        """
        return Pipeline.from_pipeline_attributes(scope, id, pipeline_arn=pipeline_arn)

    @staticmethod
    def from_pipeline_name(scope: Construct, id: str, pipeline_name: str) -> Pipeline:  # noqa: A002
        """Refer to the pipeline of this name in the account and region of the stack.

        Args:
            scope: Parent.
            id: Id below the parent.
            pipeline_name: Its name, 1 to 256 letters, digits and hyphens.

        Raises:
            ValidationError: If it cannot be the name of a pipeline.
        """
        return Pipeline.from_pipeline_attributes(scope, id, pipeline_name=pipeline_name)

    @staticmethod
    def from_pipeline_attributes(
        scope: Construct,
        id: str,  # noqa: A002
        *,
        account: str | None = None,
        pipeline_arn: str | None = None,
        pipeline_name: str | None = None,
        region: str | None = None,
    ) -> Pipeline:
        """Refer to a pipeline by its ARN, or by its name and where it is.

        Args:
            scope: Parent.
            id: Id below the parent.
            account: Account of the pipeline of that name. Without it, that of the stack.
            pipeline_arn: Its ARN, which says everything: no other argument goes with it.
            pipeline_name: Its name, 1 to 256 letters, digits and hyphens.
            region: Region of the pipeline of that name. Without it, that of the stack.

        Raises:
            ValidationError: If neither or both are given, or one is not valid.
        """
        problems = Problems(lambda: f"Pipeline below '{scope.node.path}'")
        problems.check(
            (pipeline_arn is None) != (pipeline_name is None),
            f"pipeline_arn or pipeline_name must be given, got {pipeline_arn!r} and {pipeline_name!r}",
        )
        problems.check(
            pipeline_arn is None or (account is None and region is None),
            "account and region must not be given together with pipeline_arn, which names both",
        )
        problems.matches("pipeline_arn", pipeline_arn, _ARN_PATTERN, "arn:aws:sagemaker:REGION:ACCOUNT:pipeline/NAME")
        problems.matches("pipeline_name", pipeline_name, _NAME_PATTERN, _NAME_ALLOWED)
        problems.raise_if_any()
        stack = cdk.Stack.of(scope)
        if pipeline_arn is not None:
            parts = stack.split_arn(pipeline_arn, cdk.ArnFormat.SLASH_RESOURCE_NAME)
            return Pipeline(scope, id, pipeline_arn=pipeline_arn, pipeline_name=str(parts.resource_name))
        name = str(pipeline_name)
        arn = stack.format_arn(
            service="sagemaker", resource="pipeline", resource_name=name, account=account, region=region
        )
        return Pipeline(scope, id, pipeline_arn=arn, pipeline_name=name)

    @property
    @jsii.member(jsii_name="pipelineArn")
    def pipeline_arn(self) -> str:
        """ARN of the pipeline."""
        return self._arn

    @property
    @jsii.member(jsii_name="pipelineName")
    def pipeline_name(self) -> str:
        """Name of the pipeline."""
        return self._name

    @property
    @jsii.member(jsii_name="pipelineRef")
    def pipeline_ref(self) -> references.PipelineReference:
        """The pipeline, as constructs of the CDK refer to it."""
        return references.PipelineReference(pipeline_name=self._name)

    @jsii.member(jsii_name="grantStartPipelineExecution")
    def grant_start_pipeline_execution(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` start executions of this pipeline.

        Args:
            grantee: A role, a function, a user.
        """
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["sagemaker:StartPipelineExecution"], resource_arns=[self._arn]
        )

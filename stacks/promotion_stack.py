"""The path of a model from one environment to the next: a pipeline that deploys, asks, and deploys on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import pipelines

from sagemaker_hosting import Architecture, InstanceType, ValidationError
from stacks.hosting_stage import HostingStage
from stacks.pipeline_permissions import acknowledge_pipeline_permissions
from stacks.promotion import Approval
from stacks.registry_approval import RegistryApproval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from stacks.environments import HostingEnvironment
    from stacks.promotion import Promotion

_SYNTH_MINUTES = 90


class PromotionStack(cdk.Stack):
    """A pipeline that checks the source, deploys environment after environment, and updates itself.

    The smoke test gates every environment. Between the first and the second one somebody approves; from then on
    a deployment that answers wrongly, or whose alarms go off, is rolled back and ends the execution.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        environments: Sequence[HostingEnvironment],
        promotion: Promotion,
        env: cdk.Environment | None = None,
    ) -> None:
        """Create the pipeline.

        Args:
            scope: The app.
            id: Name of the stack.
            environments: Where the model goes, in this order; at least 2.
            promotion: Where the source comes from, and who approves.
            env: Account and region of the pipeline. Without it, those of the credentials that deploy; environments
                elsewhere must be bootstrapped to trust the account.

        Raises:
            ValidationError: If there are fewer than 2 environments, their instances are of two architectures, or the
                registry that approves is elsewhere.
        """
        super().__init__(scope, id, env=env, description="Deploys and promotes the hosted model")
        self._check(environments, promotion)
        arm = _architectures(environments) == {Architecture.ARM_64}
        self.pipeline = pipelines.CodePipeline(
            self,
            "Pipeline",
            cross_account_keys=True,
            enable_key_rotation=True,
            asset_publishing_code_build_defaults=pipelines.CodeBuildOptions(
                build_environment=codebuild.BuildEnvironment(
                    build_image=codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0
                    if arm
                    else codebuild.LinuxBuildImage.STANDARD_7_0
                )
            ),
            synth=_synth(promotion),
        )
        first, *others = (replace(environment, gate=True) for environment in environments)
        approval = pipelines.ManualApprovalStep(
            "Approve",
            comment=f"Set the newest version of the model to Approved, or approve here, to leave {first.name}",
        )
        self._deploy(first, post=[approval])
        for environment in others:
            self._deploy(environment)
        self.pipeline.build_pipeline()
        acknowledge_pipeline_permissions(self.pipeline)
        if promotion.approval is Approval.REGISTRY:
            RegistryApproval(
                self,
                "RegistryApproval",
                action_name=approval.id,
                pipeline=self.pipeline.pipeline,
                stage_name=first.name,
                model_package_group_name=self._group_name,
            )

    def _deploy(self, environment: HostingEnvironment, post: Sequence[pipelines.Step] = ()) -> None:
        stage = HostingStage(self, environment.name, environment=environment)
        self.pipeline.add_stage(stage, post=list(post))
        if post:
            self._group_name = stage.hosting.hosted_model.model_package_group.model_package_group_name

    def _check(self, environments: Sequence[HostingEnvironment], promotion: Promotion) -> None:
        problems = []
        if len(environments) < 2:  # noqa: PLR2004  one environment has nowhere to be promoted to
            problems.append(f"environments must be at least 2, got {len(environments)}")
        if len(_architectures(environments)) > 1:
            problems.append(
                "environments must have instances of one architecture, so that what is tested is what is promoted; got "
                + ", ".join(f"{one.name}: {one.instance_type}" for one in environments)
            )
        first = environments[0] if environments else None
        if (
            promotion.approval is Approval.REGISTRY
            and first is not None
            and first.account is not None
            and (first.account, first.region) != (self.account, self.region)
        ):
            problems.append(
                "approval must be Approval.PERSON unless the first environment is in the account and region of the "
                f"pipeline, which hears of its registry; got {first.account}, {first.region} for {first.name!r}"
            )
        if problems:
            raise ValidationError(f"PromotionStack '{self.node.path}'", problems)


def _synth(promotion: Promotion) -> pipelines.CodeBuildStep:
    source = pipelines.CodePipelineSource.connection(
        promotion.repository, promotion.branch, connection_arn=promotion.connection_arn
    )
    return pipelines.CodeBuildStep(
        "Synth",
        input=source,
        install_commands=["make setup"],
        commands=["make test", "npx cdk synth --quiet"],
        build_environment=codebuild.BuildEnvironment(build_image=codebuild.LinuxBuildImage.STANDARD_7_0),
        timeout=cdk.Duration.minutes(_SYNTH_MINUTES),
    )


def _comment(approval: Approval, environment: str) -> str:
    how = {
        Approval.PERSON: "Approve here",
        Approval.REGISTRY: "Set the newest version of the model to Approved in the registry, or approve here,",
    }
    return f"{how[approval]} to let the model go beyond {environment}"


def _architectures(environments: Sequence[HostingEnvironment]) -> set[Architecture]:
    return {InstanceType(environment.instance_type).architecture for environment in environments}

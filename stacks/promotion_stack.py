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
_BUILD_IMAGE = codebuild.LinuxBuildImage.STANDARD_8_0
# Of those in the image: https://github.com/aws/aws-codebuild-docker-images/blob/master/ubuntu/standard/8.0/runtimes.yml
_RUNTIMES = {"nodejs": "22", "python": "3.12"}


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
    ) -> None:
        """Create the pipeline.

        Args:
            scope: The app.
            id: Name of the stack.
            environments: Where the model goes, in this order; at least 2.
            promotion: Where the source comes from, and who approves. Environments outside the account and region of its
                connection must be bootstrapped to trust the account.

        Raises:
            ValidationError: If there are fewer than 2 environments, their instances are of two architectures, or the
                registry that approves is elsewhere.
        """
        super().__init__(
            scope,
            id,
            env=cdk.Environment(account=promotion.account, region=promotion.region),
            description="Deploys and promotes the hosted model",
        )
        self._check(environments, promotion)
        arm = _architectures(environments) == {Architecture.ARM_64}
        self.pipeline = pipelines.CodePipeline(
            self,
            "Pipeline",
            cross_account_keys=True,
            enable_key_rotation=True,
            code_build_defaults=pipelines.CodeBuildOptions(
                build_environment=codebuild.BuildEnvironment(build_image=_BUILD_IMAGE)
            ),
            asset_publishing_code_build_defaults=pipelines.CodeBuildOptions(
                build_environment=codebuild.BuildEnvironment(
                    build_image=codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_4_0 if arm else _BUILD_IMAGE
                )
            ),
            synth=_synth(promotion),
        )
        first, *others = (replace(environment, gate=True) for environment in environments)
        approval = pipelines.ManualApprovalStep(
            "Approve",
            comment=_comment(promotion.approval, first.name),
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
            and (first.account, first.region) != (promotion.account, promotion.region)
        ):
            problems.append(
                "approval must be Approval.PERSON unless the first environment is where connection and pipeline "
                f"are, in {promotion.account}, {promotion.region}: only there the pipeline hears of its registry; got "
                f"{first.account}, {first.region} for {first.name!r}"
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
        build_environment=codebuild.BuildEnvironment(
            build_image=_BUILD_IMAGE,
            compute_type=codebuild.ComputeType.MEDIUM,  # the tests run in parallel
        ),
        partial_build_spec=codebuild.BuildSpec.from_object({"phases": {"install": {"runtime-versions": _RUNTIMES}}}),
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

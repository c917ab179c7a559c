"""The stack of one environment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk

from sagemaker_hosting import ContainerImage, HostedModel, InstanceType, ModelData, SamplePayloads

if TYPE_CHECKING:
    from constructs import Construct

    from stacks.environments import HostingEnvironment

CONTAINER_DIRECTORY = Path(__file__).parents[1] / "container"


class HostingStack(cdk.Stack):
    """Hosts the model of an environment."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        environment: HostingEnvironment,
        stack_name: str | None = None,
        synthesizer: cdk.IStackSynthesizer | None = None,
    ) -> None:
        """Create the stack.

        Args:
            scope: The app.
            id: Name of the stack.
            environment: What is deployed, and where.
            stack_name: Name in the account. Without it, that of the stack and the stage it is in.
            synthesizer: How assets reach the account. Without it, as CDK does by default.
        """
        super().__init__(
            scope,
            id,
            env=cdk.Environment(account=environment.account, region=environment.region),
            description=f"SageMaker endpoint of the model {environment.model.name} ({environment.name})",
            stack_name=stack_name,
            synthesizer=synthesizer,
            termination_protection=environment.termination_protection,
        )
        model = environment.model
        self.hosted_model = HostedModel(
            self,
            "HostedModel",
            image=ContainerImage.from_asset(CONTAINER_DIRECTORY, build_args={"FRAMEWORK": model.framework}),
            model_data=ModelData.from_directory(model.directory / "model", code=model.directory / "code"),
            payloads=SamplePayloads.from_directory(model.directory / "payloads"),
            deployment=environment.deployment,
            container_description=model.container,
            description=model.description,
            domain=model.domain,
            environment=model.variables,
            initial_instance_count=environment.instance_count,
            instance_type=InstanceType(environment.instance_type),
            # What a deployment that is rolled back has made does not stay: it would be in the way of the next one.
            removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
            if environment.keep_registry
            else cdk.RemovalPolicy.DESTROY,
            smoke_test_gate=environment.gate,
            supported_realtime_inference_instance_types=[InstanceType(name) for name in model.hosting_types] or None,
            supported_transform_instance_types=[InstanceType(name) for name in model.transform_types],
            task=model.task,
        )
        cdk.CfnOutput(self, "EndpointName", value=self.hosted_model.endpoint.endpoint_name)
        cdk.CfnOutput(
            self, "ModelPackageGroupName", value=self.hosted_model.model_package_group.model_package_group_name
        )
        smoke_test = self.hosted_model.smoke_test
        if smoke_test is not None:
            cdk.CfnOutput(self, "SmokeTestFunctionName", value=smoke_test.function.function_name)

"""A SageMaker InferenceComponent: copies of a model on the instances of an endpoint."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from sagemaker_hosting.component_checks import check_instance_types, check_specifications, find_variant
from sagemaker_hosting.component_container import ComponentRights
from sagemaker_hosting.component_metrics import ComponentMetrics
from sagemaker_hosting.endpoint_config import EndpointConfig
from sagemaker_hosting.instance_type import Architecture
from sagemaker_hosting.kept_copy_count import KeptCopyCount
from sagemaker_hosting.model import Model
from sagemaker_hosting.own_policy import create_own_policy
from sagemaker_hosting.permission import Permission
from sagemaker_hosting.resource_arn import ResourceArn
from sagemaker_hosting.scalable_copy_count import ScalableCopyCount
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch

    from sagemaker_hosting.component_deployment import ComponentDeployment
    from sagemaker_hosting.component_specification import ComponentSpecification
    from sagemaker_hosting.endpoint import IEndpoint
    from sagemaker_hosting.instance_type import InstanceType

_L1 = sagemaker.CfnInferenceComponent


class IInferenceComponent(ComponentMetrics):
    """An inference component, made here or imported."""

    @property
    @abc.abstractmethod
    def inference_component_arn(self) -> str:
        """ARN of the component."""

    @property
    @abc.abstractmethod
    def endpoint(self) -> IEndpoint | None:
        """The endpoint that hosts it; ``None`` if it is not known here."""

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` ask this component for predictions, whole or streamed.

        A request names the endpoint and the component, and needs the right to both. The right to the endpoint alone,
        which ``Endpoint.grant_invoke`` gives, is not enough.

        Args:
            grantee: A role, a function, a user.

        Raises:
            ValidationError: If the component was imported without its endpoint.
        """
        if self.endpoint is None:
            raise ValidationError(
                f"grant_invoke of {self.inference_component_name!r}",
                ["endpoint must be given to InferenceComponent.from_inference_component_attributes, got none"],
            )
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream"],
            resource_arns=[self.endpoint.endpoint_arn, self.inference_component_arn],
        )

    def grant_describe(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` see the state of this component.

        Args:
            grantee: A role, a function, a user.
        """
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["sagemaker:DescribeInferenceComponent"],
            resource_arns=[self.inference_component_arn],
        )


class InferenceComponent(IInferenceComponent, cdk.Resource):
    """Copies of a model that share the instances of an endpoint with other components, each with its own scaling.

    https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-deploy-models.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        endpoint: IEndpoint,
        base_component: IInferenceComponent | None = None,
        copy_count: int | None = None,
        deployment: ComponentDeployment | None = None,
        inference_component_name: str | None = None,
        specification: ComponentSpecification | None = None,
        specifications: Mapping[InstanceType, ComponentSpecification] | None = None,
        variant_name: str | None = None,
    ) -> None:
        """Create the component.

        Args:
            scope: Parent.
            id: Id below the parent.
            endpoint: An endpoint whose variants have no model. The role of an imported one is not known and must be
                given the right to read images and artifacts where it is made.
            base_component: The component that this one adapts; its container loads the artifact as an adapter.
            copy_count: Copies, at least 0. Without it, 1; an adapter has none of its own. ``auto_scale_copy_count``
                lets the load decide.
            deployment: How an update reaches callers. Without it, as SageMaker does it.
            inference_component_name: Physical name. Without it, one is made from the construct's path: scaling,
                metrics and alarms have to know it before the component exists, and CloudFormation changes a component
                in place, so that a fixed name does not stand in the way of updates.
            specification: What it runs, and what a copy needs.
            specifications: The same for each of 1 to 5 types of instances, where the variant has ``instance_pools``.
                Excludes ``specification``.
            variant_name: The variant whose instances it runs on. Without it, the endpoint's only one.

        Raises:
            ValidationError: If a value is outside these limits, the arguments exclude each other, or the endpoint has
                no such variant.
        """
        super().__init__(scope, id, physical_name=inference_component_name)
        problems = Problems(lambda: f"InferenceComponent '{self.node.path}'")
        problems.matches("inference_component_name", inference_component_name, NAME_PATTERN, NAME_ALLOWED)
        problems.between("copy_count", copy_count, 0, None, "copies")
        self._is_adapter = base_component is not None
        problems.check(
            copy_count is None or not self._is_adapter,
            "copy_count must not be given for an adapter: it has none of its own",
        )
        check_specifications(problems, specification, specifications, is_adapter=self._is_adapter)
        variant = find_variant(problems, endpoint, variant_name)
        check_instance_types(problems, variant, specification, {} if specifications is None else specifications)
        problems.raise_if_any()
        self._endpoint = endpoint
        self._name = (
            cdk.Names.unique_resource_name(self, max_length=63, separator="-").lower()
            if inference_component_name is None
            else inference_component_name
        )
        count = 1 if copy_count is None else copy_count
        self._count = count
        self._resource = sagemaker.CfnInferenceComponent(
            self,
            "Resource",
            deployment_config=None if deployment is None else deployment.render(),
            endpoint_name=endpoint.endpoint_name,
            inference_component_name=self._name,
            runtime_config=None if self._is_adapter else _L1.InferenceComponentRuntimeConfigProperty(copy_count=count),
            variant_name=variant_name if variant is None else variant.variant_name,
        )
        architecture = Architecture.X86_64 if variant is None else variant.instance_types[0].architecture
        config = endpoint.endpoint_config
        runner = config.component_role if isinstance(config, EndpointConfig) else None
        rights = ComponentRights(
            image_architecture=architecture, policy=None if runner is None else runner.execution_policy
        )
        place = Construct(self, "Container")
        if runner is not None and deployment is not None and deployment.alarms:
            self._resource.node.add_dependency(self._let_role_see(runner.role, deployment.alarms))
        if isinstance(base_component, InferenceComponent):
            self._resource.node.add_dependency(base_component)
        given = [specification, *({} if specifications is None else specifications).values()]
        for each in given:
            if each is not None and runner is not None and isinstance(each.model, Model):
                runner.run(each.model)
        if specification is not None:
            self._resource.specification = _render(specification.bind(place, rights), base_component)
        if specifications is not None:
            self._resource.specifications = [
                _render_for(instance_type, each.bind(Construct(place, f"Type{index}"), rights))
                for index, (instance_type, each) in enumerate(specifications.items(), start=1)
            ]

    def _let_role_see(self, role: iam.IRole, alarms: Sequence[cloudwatch.IAlarm]) -> iam.Policy:
        seeing = Permission(actions=("cloudwatch:DescribeAlarms",), resources=[alarm.alarm_arn for alarm in alarms])
        return create_own_policy(self, "AlarmPolicy", [role], [seeing])

    @staticmethod
    def from_inference_component_arn(
        scope: Construct,
        id: str,  # noqa: A002
        inference_component_arn: str,
    ) -> IInferenceComponent:
        """Refer to a component that exists.

        Args:
            scope: Parent.
            id: Id below the parent.
            inference_component_arn: Its ARN.
        """
        return InferenceComponent.from_inference_component_attributes(
            scope, id, inference_component_arn=inference_component_arn
        )

    @staticmethod
    def from_inference_component_attributes(
        scope: Construct,
        id: str,  # noqa: A002
        *,
        inference_component_arn: str,
        endpoint: IEndpoint | None = None,
    ) -> IInferenceComponent:
        """Refer to a component that exists, and to its endpoint.

        Args:
            scope: Parent.
            id: Id below the parent.
            inference_component_arn: Its ARN.
            endpoint: The endpoint that hosts it. Without it, the component cannot be granted.
        """
        named = ResourceArn.from_arn(scope, "inference-component", "inference_component_arn", inference_component_arn)
        return _ImportedComponent(scope, id, named, endpoint)

    @staticmethod
    def from_inference_component_name(
        scope: Construct,
        id: str,  # noqa: A002
        inference_component_name: str,
    ) -> IInferenceComponent:
        """Refer to a component that exists in the same account and region.

        Args:
            scope: Parent.
            id: Id below the parent.
            inference_component_name: Its name.
        """
        named = ResourceArn.from_name(scope, "inference-component", inference_component_name)
        return _ImportedComponent(scope, id, named, None)

    @property
    def inference_component_name(self) -> str:
        """Name of the component."""
        return self._name

    @property
    def inference_component_arn(self) -> str:
        """ARN of the component."""
        return self._resource.attr_inference_component_arn

    @property
    def endpoint(self) -> IEndpoint:
        """The endpoint that hosts it."""
        return self._endpoint

    def auto_scale_copy_count(self, *, max_capacity: int, min_capacity: int | None = None) -> ScalableCopyCount:
        """Let the number of copies follow the load.

        From now on, an update of the component keeps the number of copies that it finds; ``copy_count`` counts for a
        new component only. A function in the stack, one for all components, asks SageMaker for that number.

        With a minimum of 0, the component sleeps without requests, and an alarm wakes it: requests fail until the first
        copy is there, which takes minutes. The instances go, too, where the variant has
        ``ManagedInstanceScaling(min_instance_count=0)``.
        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html

        Args:
            max_capacity: Copies at most, at least 1, and ``copy_count`` or more.
            min_capacity: Copies at least, 0 or more. Without it, ``copy_count``.

        Returns:
            The number of copies; without a policy, only the limits hold.

        Raises:
            ValidationError: If a capacity is outside these limits, or the component is an adapter or scaled already.
        """
        problems = Problems(lambda: f"auto_scale_copy_count of '{self.node.path}'")
        problems.check(not self._is_adapter, "base_component must not be given for a component to be scaled")
        problems.check(
            any(is_token(value) for value in (self._count, max_capacity))
            or max_capacity < 1
            or max_capacity >= self._count,
            f"max_capacity must be at least copy_count ({self._count}), got {max_capacity}",
        )
        problems.check(
            self.node.try_find_child("Scaling") is None,
            "the component must be scaled only once: use what the first call returned",
        )
        problems.raise_if_any()
        scaled = ScalableCopyCount(
            self,
            "Scaling",
            component=self,
            max_capacity=max_capacity,
            min_capacity=self._count if min_capacity is None else min_capacity,
        )
        scaled.node.add_dependency(self._resource)
        kept = KeptCopyCount(
            self,
            "CopyCount",
            component_name=self._name,
            initial_count=self._count,
            properties=lambda: {
                "DeploymentConfig": self._resource.deployment_config,
                "Specification": self._resource.specification,
                "Specifications": self._resource.specifications,
                "VariantName": self._resource.variant_name,
            },
        )
        self._resource.runtime_config = _L1.InferenceComponentRuntimeConfigProperty(copy_count=kept.count)
        return scaled


class _ImportedComponent(IInferenceComponent, cdk.Resource):
    def __init__(self, scope: Construct, id: str, named: ResourceArn, endpoint: IEndpoint | None) -> None:  # noqa: A002
        super().__init__(scope, id, environment_from_arn=named.arn)
        self._named = named
        self._endpoint = endpoint

    @property
    def inference_component_name(self) -> str:
        return self._named.name

    @property
    def inference_component_arn(self) -> str:
        return self._named.arn

    @property
    def endpoint(self) -> IEndpoint | None:
        return self._endpoint


def _render(
    arguments: dict[str, Any], base: IInferenceComponent | None
) -> sagemaker.CfnInferenceComponent.InferenceComponentSpecificationProperty:
    container = arguments.pop("container")
    return _L1.InferenceComponentSpecificationProperty(
        base_inference_component_name=None if base is None else base.inference_component_name,
        container=None if container is None else _L1.InferenceComponentContainerSpecificationProperty(**container),
        **arguments,
    )


def _render_for(
    instance_type: InstanceType, arguments: dict[str, Any]
) -> sagemaker.CfnInferenceComponent.InferenceComponentSpecificationForInstanceTypeProperty:
    container = arguments.pop("container")
    return _L1.InferenceComponentSpecificationForInstanceTypeProperty(
        container=None
        if container is None
        else _L1.InferenceComponentContainerSpecificationForInstanceTypeProperty(**container),
        instance_type=instance_type.to_string(),
        **arguments,
    )

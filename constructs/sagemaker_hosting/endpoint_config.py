"""A SageMaker EndpointConfig: the variants of an endpoint."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import aws_cdk as cdk
import constructs
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.component_role import ComponentRole
from sagemaker_hosting.data_permissions import using_volumes
from sagemaker_hosting.endpoint_contents import EndpointContents
from sagemaker_hosting.given import given
from sagemaker_hosting.hosting_network import HostingNetwork
from sagemaker_hosting.own_policy import allow, create_own_policy
from sagemaker_hosting.production_variant import InstanceProductionVariantProps
from sagemaker_hosting.replacement import replace_on_change
from sagemaker_hosting.resource_arn import ResourceArn
from sagemaker_hosting.serverless_production_variant import ServerlessProductionVariantProps
from sagemaker_hosting.stacks import note_place
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems, ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms

    from sagemaker_hosting.async_inference import AsyncInference
    from sagemaker_hosting.clarify_explainer import ClarifyExplainer
    from sagemaker_hosting.core_dump import CoreDump
    from sagemaker_hosting.data_capture import DataCapture
    from sagemaker_hosting.instance_pool import InstancePool
    from sagemaker_hosting.instance_type import InstanceType
    from sagemaker_hosting.managed_instance_scaling import ManagedInstanceScaling
    from sagemaker_hosting.metrics_publishing import MetricsPublishing
    from sagemaker_hosting.model import IModel
    from sagemaker_hosting.routing import PrefixAwareRouting, RoutingStrategy


class IEndpointConfig(cdk.IResource, Protocol):
    """An endpoint configuration, made here or imported."""

    @property
    def endpoint_config_name(self) -> str:
        """Name of the configuration."""

    @property
    def endpoint_config_arn(self) -> str:
        """ARN of the configuration."""


@jsii.implements(ec2.IConnectable)
class EndpointConfig(cdk.Resource):
    """The variants that serve an endpoint's requests: 1 to 10 on instances, or one that is serverless.

    Variants on instances all have a model, or none has: then they are instances for inference components.
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id: str,  # noqa: A002
        *,
        allow_all_outbound: bool | None = None,
        async_inference: AsyncInference | None = None,
        data_capture: DataCapture | None = None,
        encryption_key: kms.IKey | None = None,
        endpoint_config_name: str | None = None,
        execution_role: iam.IRole | None = None,
        explainer: ClarifyExplainer | None = None,
        instance_production_variants: Sequence[InstanceProductionVariantProps] = (),
        metrics: MetricsPublishing | None = None,
        network_isolation: bool | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        serverless_production_variant: ServerlessProductionVariantProps | None = None,
        shadow_production_variants: Sequence[InstanceProductionVariantProps] = (),
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
    ) -> None:
        """Create the configuration.

        A serverless variant excludes every other argument but the name and the metrics. ``allow_all_outbound``,
        ``execution_role``, ``network_isolation``, ``security_groups``, ``vpc`` and ``vpc_subnets`` are for inference
        components; a model has arguments of the same names.
        https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html#serverless-endpoints-how-it-works-exclusions

        Args:
            scope: Parent.
            id: Id below the parent.
            allow_all_outbound: Whether inference components may open connections to everything that the VPC reaches.
                Without it, they may. With ``False``, ``connections`` must let them reach Amazon S3 for their artifacts:
                see ``HostingVpcEndpoints``. Excludes ``security_groups``.
            async_inference: Where requests come from and answers go, if they wait in a queue. Without it, callers get
                their answers at once.
            data_capture: Which requests and answers are kept. Without it, none are.
            encryption_key: Key that encrypts the storage of the instances, which the roles of the models may use.
                Without it, they use a key of AWS. Local disks have a key of their own: where all instances have them,
                there must be none.
            endpoint_config_name: Physical name. Without it, CloudFormation makes one, which is what updates need: a
                configuration cannot be changed, and a second one of the same name cannot be created beside the first.
            execution_role: Role of the inference components, as that of a ``Model``. Without it, one is made if there
                are variants without models.
            explainer: What explains the answers. Without it, nothing does.
            instance_production_variants: 1 to 10 variants; more can follow with ``add_instance_production_variant``.
            metrics: Which metrics are published, and how often. Without it, what SageMaker publishes by itself.
            network_isolation: Whether inference components are cut off from the network. Without it, they are not.
            security_groups: 1 to 5 security groups of the inference components. Without it, one is made if there is a
                VPC.
            serverless_production_variant: The one variant of a serverless endpoint.
            shadow_production_variants: At most one variant that gets a copy of the requests and whose answers nobody
                gets; its weight, relative to that of the one production variant, is the share that is copied.
                https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-exclusions.html
            vpc: VPC that inference components reach. Without it, they reach the internet from a network of AWS.
            vpc_subnets: 2 to 16 subnets of the VPC in different Availability Zones. Without it, the private ones.

        Raises:
            ValidationError: If the name is not valid, there are more than 10 variants, two have the same name, or the
                arguments exclude each other. Having no variant, or weights that are all 0, is reported at synthesis.
        """
        super().__init__(scope, id, physical_name=endpoint_config_name)
        note_place(self, scope, id)
        self._contents = EndpointContents(
            async_inference=async_inference,
            data_capture=data_capture,
            encryption_key=encryption_key,
            execution_role=execution_role,
            explainer=explainer,
            instances=tuple(instance_production_variants),
            serverless=() if serverless_production_variant is None else (serverless_production_variant,),
            shadows=tuple(shadow_production_variants),
            has_network=vpc is not None or network_isolation is not None,
        )
        problems = Problems(self._describe)
        problems.matches("endpoint_config_name", endpoint_config_name, NAME_PATTERN, NAME_ALLOWED)
        self._contents.check(problems)
        problems.raise_if_any()
        self._network = HostingNetwork.create(
            self,
            self._describe,
            allow_all_outbound=allow_all_outbound,
            security_groups=security_groups,
            vpc=vpc,
            vpc_subnets=vpc_subnets,
        )
        self._component_role: ComponentRole | None = None
        self._data_policy: iam.Policy | None = None
        # All but the variants, which can be added to, as the arguments of CloudFormation's class.
        self._given: dict[str, Any] = given(
            {
                "async_inference_config": async_inference and async_inference.bind(self._policy()),
                "data_capture_config": data_capture and data_capture.bind(self._policy()),
                "enable_network_isolation": network_isolation,
                "endpoint_config_name": endpoint_config_name,
                "explainer_config": explainer and explainer.bind(self._policy),
                "kms_key_id": encryption_key and encryption_key.key_arn,
                "metrics_config": metrics and metrics.render(),
                "shadow_production_variants": [variant.bind(self._policy) for variant in self._contents.shadows]
                or None,
                "vpc_config": self._network
                and sagemaker.CfnEndpointConfig.VpcConfigProperty(
                    security_group_ids=self._network.security_group_ids, subnets=self._network.subnet_ids
                ),
            }
        )
        self._rendered = [
            *(variant.bind(self._policy) for variant in self._contents.instances),
            *(variant.bind() for variant in self._contents.serverless),
        ]
        if encryption_key is not None:
            allow(self._policy(), using_volumes(encryption_key))
        self._resource = sagemaker.CfnEndpointConfig(
            self, "Resource", production_variants=[*self._rendered], **self._given
        )
        self._name = self._resource.attr_endpoint_config_name
        self._give_rights()
        replace_on_change(self, self._resource, self._name, self._replacing_properties)
        if self._contents.problems_at_synthesis():
            self.node.add_validation(_IsComplete(self))

    def _describe(self) -> str:
        return f"EndpointConfig '{self.node.path}'"

    def _replacing_properties(self) -> dict[str, object]:
        return {**self._given, "production_variants": self._rendered}

    @staticmethod
    def from_endpoint_config_arn(
        scope: constructs.Construct,
        id: str,  # noqa: A002
        endpoint_config_arn: str,
    ) -> IEndpointConfig:
        """Refer to a configuration that exists.

        Args:
            scope: Parent.
            id: Id below the parent.
            endpoint_config_arn: Its ARN.
        """
        named = ResourceArn.from_arn(scope, "endpoint-config", "endpoint_config_arn", endpoint_config_arn)
        return _ImportedEndpointConfig(scope, id, named)

    @staticmethod
    def from_endpoint_config_name(
        scope: constructs.Construct,
        id: str,  # noqa: A002
        endpoint_config_name: str,
    ) -> IEndpointConfig:
        """Refer to a configuration that exists in the same account and region.

        Args:
            scope: Parent.
            id: Id below the parent.
            endpoint_config_name: Its name.
        """
        named = ResourceArn.from_name(scope, "endpoint-config", endpoint_config_name)
        return _ImportedEndpointConfig(scope, id, named)

    @property
    def endpoint_config_name(self) -> str:
        """Name of the configuration."""
        return self._name

    @property
    def endpoint_config_arn(self) -> str:
        """ARN of the configuration."""
        return self._resource.ref

    @property
    def instance_production_variants(self) -> tuple[InstanceProductionVariantProps, ...]:
        """The variants on instances, in the order in which they were added."""
        return self._contents.instances

    @property
    def serverless_production_variant(self) -> ServerlessProductionVariantProps | None:
        """The serverless variant; ``None`` if the variants are on instances."""
        return self._contents.serverless[0] if self._contents.serverless else None

    @property
    def shadow_production_variants(self) -> tuple[InstanceProductionVariantProps, ...]:
        """The variants that get copies of requests."""
        return self._contents.shadows

    @property
    def async_inference(self) -> AsyncInference | None:
        """Where requests come from and answers go; ``None`` if callers get their answers at once."""
        return self._contents.async_inference

    @property
    def execution_role(self) -> iam.IRole | None:
        """Role of the inference components; ``None`` where the variants have models."""
        return None if self._component_role is None else self._component_role.role

    @property
    def roles(self) -> tuple[iam.IRole, ...]:
        """The roles of the models, and that of the inference components, as far as they are known; each once."""
        every = [model.role for model in self._contents.models] + [self.execution_role]
        known = [role for role in every if role is not None]
        return tuple(known if len(known) < 2 else {role.node.path: role for role in known}.values())  # noqa: PLR2004

    @property
    def component_role(self) -> ComponentRole | None:
        """That role with its policies, for inference components; ``None`` where the variants have models."""
        return self._component_role

    @property
    def connections(self) -> ec2.Connections:
        """What may reach the inference components, and what they may reach.

        Raises:
            ValidationError: If the endpoint is in no VPC.
        """
        if self._network is None:
            raise ValidationError(
                f"EndpointConfig '{self.node.path}'", ["vpc must be given to manage connections, got none"]
            )
        return self._network.connections

    @property
    def contents(self) -> EndpointContents:
        """Everything that was given, as one value."""
        return self._contents

    def add_instance_production_variant(
        self,
        *,
        variant_name: str,
        capacity_reservation_arn: str | None = None,
        container_startup_health_check_timeout: cdk.Duration | None = None,
        core_dump: CoreDump | None = None,
        enable_ssm_access: bool | None = None,
        inference_ami_version: str | None = None,
        initial_instance_count: int = 1,
        initial_variant_weight: float = 1.0,
        instance_pools: Sequence[InstancePool] | None = None,
        instance_type: InstanceType | None = None,
        managed_instance_scaling: ManagedInstanceScaling | None = None,
        model: IModel | None = None,
        model_data_download_timeout: cdk.Duration | None = None,
        prefix_aware_routing: PrefixAwareRouting | None = None,
        provision_timeout: cdk.Duration | None = None,
        routing_strategy: RoutingStrategy | None = None,
        volume_size: cdk.Size | None = None,
    ) -> None:
        """Add a variant; ``InstanceProductionVariantProps`` describes the arguments.

        Raises:
            ValidationError: If there are 10 variants, one of this name, or one that is serverless, or an argument is
                not valid.
        """
        variant = InstanceProductionVariantProps(
            variant_name=variant_name,
            capacity_reservation_arn=capacity_reservation_arn,
            container_startup_health_check_timeout=container_startup_health_check_timeout,
            core_dump=core_dump,
            enable_ssm_access=enable_ssm_access,
            inference_ami_version=inference_ami_version,
            initial_instance_count=initial_instance_count,
            initial_variant_weight=initial_variant_weight,
            instance_pools=instance_pools,
            instance_type=instance_type,
            managed_instance_scaling=managed_instance_scaling,
            model=model,
            model_data_download_timeout=model_data_download_timeout,
            prefix_aware_routing=prefix_aware_routing,
            provision_timeout=provision_timeout,
            routing_strategy=routing_strategy,
            volume_size=volume_size,
        )
        self._replace_contents(instances=(*self._contents.instances, variant))
        self._add(variant.bind(self._policy))

    def add_serverless_production_variant(
        self,
        *,
        max_concurrency: int,
        memory_size_in_mb: int,
        model: IModel,
        variant_name: str,
        initial_variant_weight: float = 1.0,
        provisioned_concurrency: int | None = None,
    ) -> None:
        """Set the serverless variant; ``ServerlessProductionVariantProps`` describes the arguments.

        Raises:
            ValidationError: If there is a variant already, or anything that a serverless variant excludes.
        """
        variant = ServerlessProductionVariantProps(
            max_concurrency=max_concurrency,
            memory_size_in_mb=memory_size_in_mb,
            model=model,
            variant_name=variant_name,
            initial_variant_weight=initial_variant_weight,
            provisioned_concurrency=provisioned_concurrency,
        )
        self._replace_contents(serverless=(*self._contents.serverless, variant))
        self._add(variant.bind())

    def _replace_contents(self, **changes: Any) -> None:  # noqa: ANN401  what dataclasses.replace takes
        contents = replace(self._contents, **changes)
        problems = Problems(lambda: f"EndpointConfig '{self.node.path}'")
        contents.check(problems)
        problems.raise_if_any()
        self._contents = contents

    def _add(self, rendered: sagemaker.CfnEndpointConfig.ProductionVariantProperty) -> None:
        self._rendered.append(rendered)
        self._resource.production_variants = [*self._rendered]
        self._give_rights()

    def _give_rights(self) -> None:
        """Make the role of inference components, if there are to be any, and let all roles do what was asked for."""
        if self._contents.hosts_components and self._component_role is None:
            self._component_role = ComponentRole(self, "Components", role=self._contents.execution_role)
            arn = self._component_role.role.role_arn
            self._resource.execution_role_arn = self._given["execution_role_arn"] = arn
            self._resource.node.add_dependency(self._component_role)
            if self._network is not None:
                self._resource.node.add_dependency(self._network.grant_to(self, self._component_role.role))
        if self._data_policy is not None:
            self._resource.node.add_dependency(self._data_policy)
            for role in self.roles:
                role.attach_inline_policy(self._data_policy)

    def _policy(self) -> iam.Policy:
        if self._data_policy is None:
            self._data_policy = create_own_policy(self, "DataPolicy")
        return self._data_policy


class _ImportedEndpointConfig(cdk.Resource):
    def __init__(self, scope: constructs.Construct, id: str, named: ResourceArn) -> None:  # noqa: A002
        super().__init__(scope, id, environment_from_arn=named.arn)
        self.endpoint_config_arn = named.arn
        self.endpoint_config_name = named.name


@jsii.implements(constructs.IValidation)
class _IsComplete:
    def __init__(self, config: EndpointConfig) -> None:
        self._config = config

    def validate(self) -> list[str]:
        return self._config.contents.problems_at_synthesis()

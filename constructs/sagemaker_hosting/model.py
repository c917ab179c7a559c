"""A SageMaker Model: containers, the role they run with, and the grants that role needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.container_definition import ContainerDefinition
from sagemaker_hosting.environment_variables import check_environment
from sagemaker_hosting.execution_policy import create_execution_policy
from sagemaker_hosting.execution_role import create_execution_role
from sagemaker_hosting.given import given
from sagemaker_hosting.hosting_network import HostingNetwork
from sagemaker_hosting.imported_model import ImportedModel
from sagemaker_hosting.instance_type import Architecture
from sagemaker_hosting.model_containers import ModelContainers
from sagemaker_hosting.own_policy import allow
from sagemaker_hosting.packaged_container import PackagedContainer
from sagemaker_hosting.replacement import replace_on_change
from sagemaker_hosting.resource_arn import ResourceArn
from sagemaker_hosting.stacks import note_place, path_below
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems, ValidationError
from sagemaker_hosting.version_labels import ApprovalStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import constructs

    from sagemaker_hosting.container_definition import BoundContainer
    from sagemaker_hosting.container_image import ContainerImage
    from sagemaker_hosting.container_mode import ContainerMode
    from sagemaker_hosting.inference_execution_mode import InferenceExecutionMode
    from sagemaker_hosting.model_data import ModelData
    from sagemaker_hosting.model_package import IModelPackage


class IModel(cdk.IResource, iam.IGrantable, ec2.IConnectable, Protocol):
    """A model, made here or imported."""

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """Its role, as the receiver of grants; where that is not known, grants say so."""

    @property
    def connections(self) -> ec2.Connections:
        """What may reach the containers, and what they may reach.

        Raises:
            ValidationError: If no VPC or security group is known.
        """

    def add_to_role_policy(self, statement: iam.PolicyStatement) -> None:
        """Let the containers do more; nothing happens where the role is not known, and has to have the right."""

    @property
    def model_name(self) -> str:
        """Name of the model."""

    @property
    def model_arn(self) -> str:
        """ARN of the model."""

    @property
    def architecture(self) -> Architecture | None:
        """What the model's images are built for; ``None`` if that is not known here."""

    @property
    def role(self) -> iam.IRole | None:
        """Role the containers run with; ``None`` if it is not known here."""

    def use_model_data_url(self, *, serverless: bool = False) -> None:
        """Name model data in the form that all uses take; an imported model is as it is."""


@jsii.implements(iam.IGrantable, ec2.IConnectable)
class Model(cdk.Resource):
    """A model that an endpoint, a batch transform job or a recommendation job can use.

    Its role may pull the images, read the model data, and write logs and metrics, and nothing else.
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id: str,  # noqa: A002  the name that every construct gives it
        *,
        containers: Sequence[ContainerDefinition] = (),
        allow_all_outbound: bool | None = None,
        image_architecture: Architecture = Architecture.X86_64,
        inference_execution_mode: InferenceExecutionMode | None = None,
        model_name: str | None = None,
        network_isolation: bool | None = None,
        role: iam.IRole | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
    ) -> None:
        """Create the model.

        Args:
            scope: Parent.
            id: Id below the parent.
            containers: 1 to 15 containers; more can follow with ``add_container``.
            allow_all_outbound: Whether the containers may open connections to everything that the VPC reaches. Without
                it, they may. With ``False``, not even Amazon S3 is reached, through which SageMaker fetches model data,
                isolated or not: see ``HostingVpcEndpoints``. Excludes ``security_groups``.
            image_architecture: What images are built for: the architecture of the endpoint's instances.
            inference_execution_mode: What a request does with 2 to 15 containers; in direct mode, each needs a host
                name. Without it, they are a serial pipeline: each gets the answer of the one before.
            model_name: Physical name. Without it, CloudFormation makes one, which is what updates need: a model cannot
                be changed, and a second one of the same name cannot be created beside the first.
            network_isolation: Whether containers are cut off from the network, S3 included; SageMaker itself fetches
                the model data. Without it, they are not.
            role: Role the containers run with; its trust policy must name ``sagemaker.amazonaws.com``. The statements
                are attached to it, but not to one that was imported with ``mutable=False`` or from another account,
                which must have these rights. Without it, one is made.
            security_groups: 1 to 5 security groups that filter the traffic of the containers. Without it, one is made
                if there is a VPC.
            vpc: VPC that the containers reach. It must lead them to Amazon S3, for example by ``HostingVpcEndpoints``.
                Without it, they reach the internet from a network of AWS.
            vpc_subnets: 2 to 16 subnets of the VPC in different Availability Zones. Without it, the private ones.

        Raises:
            ValidationError: If the name is not valid, there are more than 15 containers, or an argument of the network
                is not valid. Having no container at all, or only one with an execution mode, is reported at synthesis.
        """
        super().__init__(scope, id, physical_name=model_name)
        note_place(self, scope, id)
        problems = Problems(lambda: f"Model '{self.node.path}'")
        problems.matches("model_name", model_name, NAME_PATTERN, NAME_ALLOWED)
        problems.raise_if_any()
        self._image_architecture = image_architecture
        self._containers = ModelContainers(
            lambda: f"Model '{self.node.path}'",
            excluded=[
                *(() if vpc is None else ("vpc",)),
                *(("network_isolation",) if network_isolation is True else ()),
            ],
            mode=inference_execution_mode,
        )
        path = path_below(scope, id)
        self._role = create_execution_role(self, f"Runs the containers of the model {path}") if role is None else role
        bound = [self._containers.add(container, self, self) for container in containers]
        permissions = [permission for container in bound for permission in container.permissions]
        self._execution_policy = create_execution_policy(self, self._role, permissions)
        self._network = HostingNetwork.create(
            self,
            lambda: f"Model '{self.node.path}'",
            allow_all_outbound=allow_all_outbound,
            security_groups=security_groups,
            vpc=vpc,
            vpc_subnets=vpc_subnets,
        )
        # All but the containers, which can be added to, as the arguments of CloudFormation's class.
        self._given = given(
            {
                "enable_network_isolation": network_isolation,
                "execution_role_arn": self._role.role_arn,
                "inference_execution_config": inference_execution_mode
                and sagemaker.CfnModel.InferenceExecutionConfigProperty(mode=inference_execution_mode.value),
                "model_name": model_name,
                "vpc_config": self._network
                and sagemaker.CfnModel.VpcConfigProperty(
                    security_group_ids=self._network.security_group_ids, subnets=self._network.subnet_ids
                ),
            }
        )
        self._rendered = self._render_containers()
        self._resource = sagemaker.CfnModel(self, "Resource", **self._given, **self._rendered)
        self._name = self._resource.attr_model_name
        self._resource.node.add_dependency(self._role, self._execution_policy)
        if self._network is not None:
            self._resource.node.add_dependency(self._network.grant_to(self, self._role))
        replace_on_change(self, self._resource, self._name, lambda: {**self._given, **self._rendered})
        if self._containers.validate():
            self.node.add_validation(self._containers)

    @staticmethod
    def from_model_arn(scope: constructs.Construct, id: str, model_arn: str) -> IModel:  # noqa: A002
        """Refer to a model that exists.

        Args:
            scope: Parent.
            id: Id below the parent.
            model_arn: Its ARN.
        """
        return Model.from_model_attributes(scope, id, model_arn=model_arn)

    @staticmethod
    def from_model_attributes(
        scope: constructs.Construct,
        id: str,  # noqa: A002
        *,
        model_arn: str,
        role: iam.IRole | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
    ) -> IModel:
        """Refer to a model that exists, to the role that its containers run with, and to its security groups.

        Args:
            scope: Parent.
            id: Id below the parent.
            model_arn: Its ARN.
            role: Its role, which then gets what data capture and the like need. Without it, it has to have that.
            security_groups: Its security groups, which ``connections`` then opens. Without it, there are none.
        """
        named = ResourceArn.from_arn(scope, "model", "model_arn", model_arn)
        return ImportedModel(scope, id, named, role=role, security_groups=security_groups)

    @staticmethod
    def from_model_name(scope: constructs.Construct, id: str, model_name: str) -> IModel:  # noqa: A002
        """Refer to a model that exists in the same account and region.

        Args:
            scope: Parent.
            id: Id below the parent.
            model_name: Its name.
        """
        return ImportedModel(scope, id, ResourceArn.from_name(scope, "model", model_name))

    @staticmethod
    def from_model_package(
        scope: constructs.Construct,
        id: str,  # noqa: A002
        *,
        model_package: IModelPackage,
        allow_all_outbound: bool | None = None,
        environment: Mapping[str, str] | None = None,
        image: ContainerImage | None = None,
        inference_specification_name: str | None = None,
        model_data: ModelData | None = None,
        model_name: str | None = None,
        network_isolation: bool | None = None,
        role: iam.IRole | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
    ) -> Model:
        """Create a model of what the registry has: an approved version, of this account or another, or a product.

        The version says which image runs and where its data lies; the model's role must be allowed both. In another
        account its owner allows it too: ``ModelPackageGroup.share_with``, and the policies of repository and bucket.

        https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy.html

        Args:
            scope: Parent.
            id: Id below the parent.
            model_package: The version, or an unversioned package.
            allow_all_outbound: As for the constructor.
            environment: Environment variables that the containers get beside those of the version.
            image: The image that the version names, for the role to be allowed to pull it. Not for a product of AWS
                Marketplace.
            inference_specification_name: Which way to run it: the name of one of its ``AdditionalInference``. Without
                it, the main one.
            model_data: The data that the version names, for the role to be allowed to read it.
            model_name: As for the constructor.
            network_isolation: As for the constructor; products of AWS Marketplace demand it.
            role: Role the containers run with. Without it, the one that a version of this app was registered with,
                which may pull its image and read its data; else one is made.
            security_groups: As for the constructor.
            vpc: As for the constructor.
            vpc_subnets: As for the constructor.

        Raises:
            ValidationError: If this app registers the version and does not approve it, or an argument is not valid.
        """
        status, registered = model_package.approval_status, model_package.model
        problems = Problems(lambda: f"Model '{scope.node.path}/{id}'")
        check_environment(problems, environment)
        problems.matches("inference_specification_name", inference_specification_name, NAME_PATTERN, NAME_ALLOWED)
        problems.check(
            status is None or status is ApprovalStatus.APPROVED,
            f"model_package must be approved, got {status and status.value}",
        )
        problems.raise_if_any()
        model = Model(
            scope,
            id,
            allow_all_outbound=allow_all_outbound,
            model_name=model_name,
            network_isolation=network_isolation,
            role=registered.role if role is None and registered is not None else role,
            security_groups=security_groups,
            vpc=vpc,
            vpc_subnets=vpc_subnets,
        )
        if role is None and registered is not None:
            model._resource.node.add_dependency(registered.execution_policy)
        if image is not None:
            allow(model._execution_policy, image.bind(model, model).permissions)
        if model_data is not None:
            allow(model._execution_policy, model_data.bind(model, model).permissions)
        model._containers.add_packaged(
            PackagedContainer(
                image_name="",
                container_hostname=None,
                environment={} if environment is None else dict(environment),
                model_data=None,
                model_package_arn=model_package.model_package_arn,
                inference_specification_name=inference_specification_name,
            )
        )
        model._update()
        return model

    @property
    def model_name(self) -> str:
        """Name of the model."""
        return self._name

    @property
    def model_arn(self) -> str:
        """ARN of the model."""
        return self._resource.ref

    @property
    def role(self) -> iam.IRole:
        """Role the containers run with."""
        return self._role

    @property
    def execution_policy(self) -> iam.Policy:
        """What lets the containers pull their images, read their data, and write logs and metrics."""
        return self._execution_policy

    @property
    @jsii.member(jsii_name="grantPrincipal")
    def grant_principal(self) -> iam.IPrincipal:
        """The role, as the receiver of grants."""
        return self._role.grant_principal

    @property
    def connections(self) -> ec2.Connections:
        """What may reach the containers, and what they may reach.

        Raises:
            ValidationError: If the model is in no VPC.
        """
        if self._network is None:
            raise ValidationError(f"Model '{self.node.path}'", ["vpc must be given to manage connections, got none"])
        return self._network.connections

    @property
    def image_architecture(self) -> Architecture:
        """What images that are built with the app are built for."""
        return self._image_architecture

    @property
    def architecture(self) -> Architecture | None:
        """The architecture of images that are built with the app or that AWS publishes; ``None`` for others."""
        return self._containers.architecture

    @property
    def containers(self) -> tuple[BoundContainer, ...]:
        """The containers, in the order of the pipeline."""
        return self._containers.bound

    def add_to_role_policy(self, statement: iam.PolicyStatement) -> None:
        """Let the containers do more, for example read a table.

        Args:
            statement: Added to the role's own policy.
        """
        self._role.add_to_principal_policy(statement)

    def add_container(
        self,
        *,
        image: ContainerImage,
        container_hostname: str | None = None,
        environment: Mapping[str, str] | None = None,
        mode: ContainerMode | None = None,
        model_caching: bool | None = None,
        model_data: ModelData | None = None,
    ) -> None:
        """Add a container behind those that are there; ``ContainerDefinition`` describes the arguments.

        Raises:
            ValidationError: If the model has 15 containers, or an argument is not valid.
        """
        definition = ContainerDefinition(
            image=image,
            container_hostname=container_hostname,
            environment={} if environment is None else environment,
            mode=mode,
            model_caching=model_caching,
            model_data=model_data,
        )
        allow(self._execution_policy, self._containers.add(definition, self, self).permissions)
        self._update()

    def use_model_data_url(self, *, serverless: bool = False) -> None:
        """Name model data by its URL alone, the only form that batch transform jobs and serverless endpoints take.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html
        https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html#serverless-endpoints-how-it-works-exclusions

        Args:
            serverless: Whether it is for a serverless endpoint.

        Raises:
            ValidationError: If model data is a prefix, which has no such form, or the model has something else that
                serverless endpoints exclude: a VPC, network isolation, or several containers.
        """
        self._containers.name_data_by_url(serverless=serverless)
        self._update()

    def _update(self) -> None:
        self._rendered = self._render_containers()
        self._resource.primary_container = self._rendered["primary_container"]
        self._resource.containers = self._rendered["containers"]

    def _render_containers(self) -> dict[str, Any]:
        """The one container, or several: CloudFormation has two properties for them."""
        rendered = self._containers.render()
        is_single = len(rendered) == 1
        return {"primary_container": rendered[0] if is_single else None, "containers": None if is_single else rendered}

"""A SageMaker Model: containers, the role they run with, and the grants that role needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import aws_cdk as cdk
import constructs
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.container_checks import check_multi_model, check_serverless
from sagemaker_hosting.container_definition import BoundContainer, ContainerDefinition
from sagemaker_hosting.execution_policy import create_execution_policy
from sagemaker_hosting.instance_type import Architecture
from sagemaker_hosting.replacement import replace_on_change
from sagemaker_hosting.resource_arn import ResourceArn
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sagemaker_hosting.container_image import ContainerImage
    from sagemaker_hosting.container_mode import ContainerMode
    from sagemaker_hosting.model_data import ModelData

_MOST_CONTAINERS = 15


class IModel(Protocol):
    """A model, made here or imported."""

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

    def use_model_data_url(self) -> None:
        """Name model data in the form that serverless endpoints take; an imported model is as it is."""


@jsii.implements(iam.IGrantable)
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
        image_architecture: Architecture = Architecture.X86_64,
        model_name: str | None = None,
        network_isolation: bool | None = None,
        role: iam.IRole | None = None,
    ) -> None:
        """Create the model.

        Args:
            scope: Parent.
            id: Id below the parent.
            containers: 1 to 15 containers; more can follow with ``add_container``. Several run as a serial pipeline:
                each gets the answer of the one before.
            image_architecture: What images are built for: the architecture of the endpoint's instances.
            model_name: Physical name. Without it, CloudFormation makes one, which is what updates need: a model cannot
                be changed, and a second one of the same name cannot be created beside the first.
            network_isolation: Whether containers are cut off from the network, S3 included; SageMaker itself fetches
                the model data. Without it, they are not.
            role: Role the containers run with; its trust policy must name ``sagemaker.amazonaws.com``. The statements
                are attached to it. Without it, one is made.

        Raises:
            ValidationError: If the name is not valid or there are more than 15 containers. Having none at all is
                reported at synthesis.
        """
        super().__init__(scope, id, physical_name=model_name)
        problems = Problems(f"Model '{self.node.path}'")
        problems.matches("model_name", model_name, NAME_PATTERN, NAME_ALLOWED)
        problems.raise_if_any()
        self._image_architecture = image_architecture
        self._architecture: Architecture | None = None
        self._containers: list[BoundContainer] = []
        self._uses_url = False
        self._role = self._create_role() if role is None else role
        self._execution_policy = create_execution_policy(self, self._role)
        self._resource = sagemaker.CfnModel(
            self,
            "Resource",
            execution_role_arn=self._role.role_arn,
            enable_network_isolation=network_isolation,
            model_name=model_name,
        )
        self._resource.node.add_dependency(self._role, self._execution_policy)
        replace_on_change(
            self._resource,
            lambda: {
                "Containers": self._rendered(),
                "EnableNetworkIsolation": network_isolation,
                "ExecutionRoleArn": self._role.role_arn,
                "ModelName": model_name,
            },
        )
        self.node.add_validation(_HasContainers(self._containers))
        for container in containers:
            self._add(container)

    def _create_role(self) -> iam.Role:
        return iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
            description=f"Runs the containers of the model {self.node.path}",
        )

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
    ) -> IModel:
        """Refer to a model that exists, and to the role that its containers run with.

        Args:
            scope: Parent.
            id: Id below the parent.
            model_arn: Its ARN.
            role: Its role, which then gets what data capture and the like need. Without it, it has to have that.
        """
        return _ImportedModel(scope, id, ResourceArn.from_arn(scope, "model", "model_arn", model_arn), role)

    @staticmethod
    def from_model_name(scope: constructs.Construct, id: str, model_name: str) -> IModel:  # noqa: A002
        """Refer to a model that exists in the same account and region.

        Args:
            scope: Parent.
            id: Id below the parent.
            model_name: Its name.
        """
        return _ImportedModel(scope, id, ResourceArn.from_name(scope, "model", model_name), None)

    @property
    def model_name(self) -> str:
        """Name of the model."""
        return self._resource.attr_model_name

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
        """What images and model data add the statements to that they need."""
        return self._execution_policy

    @property
    @jsii.member(jsii_name="grantPrincipal")
    def grant_principal(self) -> iam.IPrincipal:
        """The role, as the receiver of grants."""
        return self._role.grant_principal

    @property
    def image_architecture(self) -> Architecture:
        """What images that are built with the app are built for."""
        return self._image_architecture

    @property
    def architecture(self) -> Architecture | None:
        """The architecture of images that are built with the app or that AWS publishes; ``None`` for others."""
        return self._architecture

    @property
    def containers(self) -> tuple[BoundContainer, ...]:
        """The containers, in the order of the pipeline."""
        return tuple(self._containers)

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
        self._add(
            ContainerDefinition(
                image=image,
                container_hostname=container_hostname,
                environment={} if environment is None else environment,
                mode=mode,
                model_caching=model_caching,
                model_data=model_data,
            )
        )

    def _add(self, container: ContainerDefinition) -> None:
        problems = Problems(f"Model '{self.node.path}'")
        count = len(self._containers) + 1
        problems.between("containers", count, 1, _MOST_CONTAINERS, "containers")
        problems.raise_if_any()
        scope = constructs.Construct(self, f"Container{count}")
        image = container.image.bind(scope, self)
        problems.check(
            image.architecture is None or self._architecture in (None, image.architecture),
            "containers must have images of one architecture, since they run on the same instance, got "
            f"{Architecture.X86_64.value} and {Architecture.ARM_64.value}",
        )
        problems.raise_if_any()
        data = None if container.model_data is None else container.model_data.bind(scope, self)
        bound = BoundContainer(
            image_name=image.image_name,
            container_hostname=container.container_hostname,
            environment={**image.environment, **container.environment},
            model_data=data,
            mode=container.mode,
            model_caching=container.model_caching,
            registry=image.registry,
        )
        check_multi_model(problems, [*self._containers, bound])
        problems.raise_if_any()
        self._architecture = self._architecture or image.architecture
        self._containers.append(bound)
        self._update()

    def use_model_data_url(self) -> None:
        """Name model data by its URL alone, the only form that serverless endpoints take.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html

        Raises:
            ValidationError: If model data is a prefix, which has no such form.
        """
        self._uses_url = True
        self._update()

    def _rendered(self) -> list[sagemaker.CfnModel.ContainerDefinitionProperty]:
        return [container.render(as_url=self._uses_url) for container in self._containers]

    def _update(self) -> None:
        problems = Problems(f"Model '{self.node.path}'")
        for container in self._containers if self._uses_url else ():
            check_serverless(problems, container)
        problems.raise_if_any()
        rendered = self._rendered()
        if len(rendered) == 1:
            self._resource.primary_container = rendered[0]
        elif rendered:
            self._resource.primary_container = None
            self._resource.containers = [*rendered]


class _ImportedModel(cdk.Resource):
    architecture = None

    def __init__(
        self,
        scope: constructs.Construct,
        id: str,  # noqa: A002
        named: ResourceArn,
        role: iam.IRole | None,
    ) -> None:
        super().__init__(scope, id, environment_from_arn=named.arn)
        self.model_arn = named.arn
        self.model_name = named.name
        self.role = role

    def use_model_data_url(self) -> None:
        pass


@jsii.implements(constructs.IValidation)
class _HasContainers:
    def __init__(self, containers: Sequence[object]) -> None:
        self._containers = containers

    def validate(self) -> list[str]:
        if self._containers:
            return []
        return ["containers must be 1 to 15 containers, got none: give them here or call add_container"]

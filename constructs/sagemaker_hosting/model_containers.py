"""The containers of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import constructs
import jsii

from sagemaker_hosting.container_checks import check_multi_model, check_named_by_url, check_serverless
from sagemaker_hosting.container_definition import BoundContainer
from sagemaker_hosting.inference_execution_mode import InferenceExecutionMode
from sagemaker_hosting.instance_type import Architecture
from sagemaker_hosting.packaged_container import PackagedContainer
from sagemaker_hosting.stacks import note_place
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aws_cdk import aws_sagemaker as sagemaker

    from sagemaker_hosting.container_definition import ContainerDefinition
    from sagemaker_hosting.permission import ImageUser

_MOST_CONTAINERS = 15


@jsii.implements(constructs.IValidation)
class ModelContainers:
    """Containers in the order of the pipeline: which may stand together, and how CloudFormation is told of them."""

    def __init__(
        self, owner: Callable[[], str], *, excluded: Sequence[str], mode: InferenceExecutionMode | None
    ) -> None:
        """Begin without any.

        Args:
            owner: What they belong to, named by errors.
            excluded: Arguments of the model that a serverless variant excludes.
            mode: What a request does with several.
        """
        self._owner = owner
        self._excluded = excluded
        self._mode = mode
        self._bound: list[BoundContainer] = []
        self._architecture: Architecture | None = None
        self._uses_url = False
        self._is_serverless = False

    @property
    def architecture(self) -> Architecture | None:
        """The architecture of images that are built with the app or that AWS publishes; ``None`` for others."""
        return self._architecture

    @property
    def bound(self) -> tuple[BoundContainer, ...]:
        """The containers."""
        return tuple(self._bound)

    def add(self, container: ContainerDefinition, scope: constructs.Construct, model: ImageUser) -> BoundContainer:
        """Make image and data of one more container available.

        Args:
            container: The container.
            scope: The model, below which constructs are created.
            model: The model.

        Raises:
            ValidationError: If there are too many, or it does not suit the others.
        """
        problems = Problems(self._owner)
        problems.check(
            not any(isinstance(one, PackagedContainer) for one in self._bound),
            "containers must be those of the model package that the model is made of, got a further one",
        )
        count = len(self._bound) + 1
        problems.between("containers", count, 1, _MOST_CONTAINERS, "containers")
        hostname = container.container_hostname
        problems.check(
            hostname is not None or self._mode is not InferenceExecutionMode.DIRECT,
            "container_hostname must be given for each container that is invoked directly, got none",
        )
        problems.check(
            hostname is None or hostname not in [other.container_hostname for other in self._bound],
            f"container_hostname must be unique in the model, got {hostname!r} twice",
        )
        problems.raise_if_any()
        place = constructs.Construct(scope, f"Container{count}")
        note_place(place, scope, f"Container{count}")
        image = container.image.bind(place, model)
        problems.check(
            image.architecture is None or self._architecture in (None, image.architecture),
            "containers must have images of one architecture, since they run on the same instance, got "
            f"{Architecture.X86_64.value} and {Architecture.ARM_64.value}",
        )
        problems.raise_if_any()
        data = None if container.model_data is None else container.model_data.bind(place, model)
        bound = BoundContainer(
            image_name=image.image_name,
            container_hostname=container.container_hostname,
            environment={**image.environment, **container.environment},
            model_data=data,
            mode=container.mode,
            model_caching=container.model_caching,
            permissions=[*image.permissions, *(() if data is None else data.permissions)],
            registry=image.registry,
        )
        check_multi_model(problems, [*self._bound, bound])
        problems.raise_if_any()
        self._architecture = self._architecture or image.architecture
        self._bound.append(bound)
        self._check_uses()
        return bound

    def add_packaged(self, container: PackagedContainer) -> None:
        """Add what a model package describes, instead of all others."""
        self._bound.append(container)

    def name_data_by_url(self, *, serverless: bool) -> None:
        """Name model data by its URL alone.

        Args:
            serverless: Whether it is for a serverless endpoint.

        Raises:
            ValidationError: If that cannot be, or the model has what serverless endpoints exclude.
        """
        self._uses_url = True
        self._is_serverless = self._is_serverless or serverless
        self._check_uses()

    def render(self) -> list[sagemaker.CfnModel.ContainerDefinitionProperty]:
        """Describe the containers to CloudFormation."""
        return [container.render(as_url=self._uses_url) for container in self._bound]

    def validate(self) -> list[str]:
        """Return what is still missing when no container can be added any more."""
        if self._bound:
            if self._mode is None or len(self._bound) > 1:
                return []
            return ["containers must be 2 to 15 containers with inference_execution_mode, got 1"]
        return ["containers must be 1 to 15 containers, got none: give them here or call add_container"]

    def _check_uses(self) -> None:
        problems = Problems(self._owner)
        for container in self._bound if self._uses_url else ():
            check_named_by_url(problems, container)
        if self._is_serverless:
            for container in self._bound:
                check_serverless(problems, container)
            several = ["a second container"] if len(self._bound) > 1 else []
            for argument in (*self._excluded, *several):
                problems.add(f"{argument} must not be given for a serverless variant, which excludes it")
        problems.raise_if_any()

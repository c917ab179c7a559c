"""What binding an image to a container yields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sagemaker_hosting.instance_type import Architecture
    from sagemaker_hosting.permission import Permission
    from sagemaker_hosting.private_registry import PrivateRegistry


@dataclass(frozen=True, kw_only=True)
class ContainerImageConfig:
    """What ``ContainerImage.bind`` yields.

    Attributes:
        image_name: URI of the image, with its tag or digest.
        architecture: What the image was built for, where that is known.
        environment: Environment variables that the image needs; those of the container take precedence.
        permissions: What the role of the container needs to pull the image.
        registry: The registry of the image, if it is not Amazon ECR.
    """

    image_name: str
    architecture: Architecture | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    permissions: Sequence[Permission] = ()
    registry: PrivateRegistry | None = None

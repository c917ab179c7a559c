"""An image that is built from a Dockerfile when the app is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_ecr_assets as ecr_assets

from sagemaker_hosting.container_image_config import ContainerImageConfig
from sagemaker_hosting.image_pull import pulling
from sagemaker_hosting.instance_type import Architecture
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from constructs import Construct

    from sagemaker_hosting.permission import ImageUser

_OWNER = "ContainerImage.from_asset"


class BuiltImage:
    """A build context, its Dockerfile, and how to build it."""

    def __init__(
        self,
        directory: Path,
        *,
        file: str | None,
        exclude: Sequence[str],
        platform: ecr_assets.Platform | None,
        options: Mapping[str, Any],
    ) -> None:
        """Name what is built.

        Args:
            directory: The build context.
            file: The Dockerfile, relative to the context; ``None`` is ``Dockerfile``.
            exclude: Patterns of files to leave out.
            platform: What to build for; ``None`` is the architecture of the model.
            options: Every other argument of the CDK's image asset.

        Raises:
            ValidationError: If the directory or the Dockerfile does not exist.
        """
        problems = Problems(_OWNER)
        problems.check(directory.is_dir(), f"directory must be an existing directory, got '{directory}'")
        dockerfile = directory / ("Dockerfile" if file is None else file)
        problems.check(
            not directory.is_dir() or dockerfile.is_file(), f"file must name an existing Dockerfile, got '{dockerfile}'"
        )
        problems.raise_if_any()
        self._directory = directory
        self._file = file
        self._exclude = ["**/__pycache__", *exclude]
        self._platform = platform
        self._options = options

    def bind(self, scope: Construct, model: ImageUser) -> ContainerImageConfig:
        """As ``ContainerImage.bind``."""
        asset = ecr_assets.DockerImageAsset(
            scope,
            "Image",
            directory=str(self._directory),
            file=self._file,
            exclude=self._exclude,
            platform=self._platform_for(model.image_architecture),
            **self._options,
        )
        return ContainerImageConfig(
            image_name=asset.image_uri,
            architecture=model.image_architecture,
            permissions=pulling(asset.repository.repository_arn),
        )

    def _platform_for(self, architecture: Architecture) -> ecr_assets.Platform:
        wanted = (
            ecr_assets.Platform.LINUX_ARM64 if architecture is Architecture.ARM_64 else ecr_assets.Platform.LINUX_AMD64
        )
        if self._platform is None:
            return wanted
        problems = Problems(_OWNER)
        problems.check(
            self._platform.platform == wanted.platform,
            f"platform must be that of the model's instances, '{wanted.platform}', got '{self._platform.platform}'; "
            "image_architecture of the model says which it is",
        )
        problems.raise_if_any()
        return self._platform

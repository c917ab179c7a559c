"""Where a container's image comes from."""

from __future__ import annotations

import abc
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam

from sagemaker_hosting.instance_type import Architecture
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_ecr as ecr
    from constructs import Construct

    from sagemaker_hosting.image_user import ImageUser

_PLATFORMS = {
    Architecture.X86_64: ecr_assets.Platform.LINUX_AMD64,
    Architecture.ARM_64: ecr_assets.Platform.LINUX_ARM64,
}
_ECR_URI = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.(?P<suffix>[a-z.]+)/"
    r"(?P<repository>[a-z0-9]+([._/-][a-z0-9]+)*)(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})"
)


@dataclass(frozen=True, kw_only=True)
class ContainerImageConfig:
    """What ``ContainerImage.bind`` yields.

    Attributes:
        image_name: URI of the image, with its tag or digest.
        architecture: What the image was built for, where that is known.
    """

    image_name: str
    architecture: Architecture | None = None


class ContainerImage(abc.ABC):
    """The image a container of a model runs."""

    @staticmethod
    def from_asset(
        directory: str | Path,
        *,
        file: str | None = None,
        target: str | None = None,
        build_args: Mapping[str, str] | None = None,
        exclude: Sequence[str] | None = None,
    ) -> ContainerImage:
        """Build an image from a Dockerfile when the app is deployed.

        It is built for the architecture of the model (``Model(architecture=...)``), whatever machine builds it.

        Args:
            directory: The build context.
            file: The Dockerfile, relative to the context. Without it, ``Dockerfile``.
            target: The stage to build. Without it, the last one.
            build_args: Values for the ``ARG`` instructions.
            exclude: Patterns of files to leave out, in addition to those of ``.dockerignore``.

        Raises:
            ValidationError: If the directory or the Dockerfile does not exist.
        """
        return _AssetImage(
            Path(directory),
            file=file,
            target=target,
            build_args=None if build_args is None else dict(build_args),
            exclude=None if exclude is None else list(exclude),
        )

    @staticmethod
    def from_ecr_repository(repository: ecr.IRepository, tag: str = "latest") -> ContainerImage:
        """Use an image that is in Amazon ECR already.

        Args:
            repository: A repository in the region of the model.
            tag: A tag, or a digest (``sha256:...``). Only a digest, or a tag of an immutable repository, tells
                CloudFormation that there is something new to deploy.
        """
        return _RepositoryImage(repository, tag)

    @staticmethod
    def from_uri(uri: str) -> ContainerImage:
        """Use the image of this URI, for example one that AWS publishes.

        Args:
            uri: ``ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG`` or ``...@sha256:DIGEST``: SageMaker hosting
                pulls from ECR only.

        Raises:
            ValidationError: If the URI is not of that form.
        """
        return _UriImage(uri)

    @abc.abstractmethod
    def bind(self, scope: Construct, model: ImageUser) -> ContainerImageConfig:
        """Make the image available and let the role of what runs it pull exactly it.

        Args:
            scope: Where constructs are created.
            model: The model or job whose container runs the image.
        """


class _AssetImage(ContainerImage):
    def __init__(
        self,
        directory: Path,
        *,
        file: str | None,
        target: str | None,
        build_args: dict[str, str] | None,
        exclude: list[str] | None,
    ) -> None:
        problems = Problems("ContainerImage.from_asset")
        problems.check(directory.is_dir(), f"directory must be an existing directory, got '{directory}'")
        dockerfile = directory / (file or "Dockerfile")
        problems.check(
            not directory.is_dir() or dockerfile.is_file(), f"file must name an existing Dockerfile, got '{dockerfile}'"
        )
        problems.raise_if_any()
        self._directory = directory
        self._file = file
        self._target = target
        self._build_args = build_args
        self._exclude = ["**/__pycache__", *(exclude or ())]

    def bind(self, scope: Construct, model: ImageUser) -> ContainerImageConfig:
        asset = ecr_assets.DockerImageAsset(
            scope,
            "Image",
            directory=str(self._directory),
            file=self._file,
            target=self._target,
            build_args=self._build_args,
            exclude=self._exclude,
            platform=_PLATFORMS[model.image_architecture],
        )
        _grant_pull(model, asset.repository.repository_arn)
        return ContainerImageConfig(image_name=asset.image_uri, architecture=model.image_architecture)


class _RepositoryImage(ContainerImage):
    def __init__(self, repository: ecr.IRepository, tag: str) -> None:
        self._repository = repository
        self._tag = tag

    def bind(self, scope: Construct, model: ImageUser) -> ContainerImageConfig:
        del scope
        _grant_pull(model, self._repository.repository_arn)
        return ContainerImageConfig(image_name=self._repository.repository_uri_for_tag_or_digest(self._tag))


class _UriImage(ContainerImage):
    def __init__(self, uri: str) -> None:
        problems = Problems("ContainerImage.from_uri")
        self._match = _ECR_URI.fullmatch(uri)
        problems.check(
            cdk.Token.is_unresolved(uri) or self._match is not None,
            "uri must be ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG or @sha256:DIGEST, since SageMaker pulls "
            f"from Amazon ECR only, got {uri!r}",
        )
        problems.raise_if_any()
        self._uri = uri

    def bind(self, scope: Construct, model: ImageUser) -> ContainerImageConfig:
        if self._match is not None:
            stack = cdk.Stack.of(scope)
            arn = stack.format_arn(
                service="ecr",
                account=self._match["account"],
                region=self._match["region"],
                resource="repository",
                resource_name=self._match["repository"],
            )
            _grant_pull(model, arn)
        return ContainerImageConfig(image_name=self._uri)


def _grant_pull(model: ImageUser, repository_arn: str) -> None:
    model.execution_policy.add_statements(
        iam.PolicyStatement(
            actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resources=[repository_arn],
        )
    )

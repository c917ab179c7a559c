"""Where a container's image comes from."""

from __future__ import annotations

import abc
import re
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

from sagemaker_hosting.built_image import BuiltImage
from sagemaker_hosting.container_image_config import ContainerImageConfig
from sagemaker_hosting.framework import FrameworkImage
from sagemaker_hosting.image_pull import pulling
from sagemaker_hosting.permission import Permission
from sagemaker_hosting.private_registry import PrivateRegistry
from sagemaker_hosting.published_container_image import DlcImage, NewestFrameworkImage
from sagemaker_hosting.stacks import stack_of
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import aws_cdk as cdk
    from aws_cdk import aws_ecr as ecr
    from aws_cdk import aws_ecr_assets as ecr_assets
    from aws_cdk import aws_lambda as lambda_
    from constructs import Construct

    from sagemaker_hosting.framework import Framework, Processor
    from sagemaker_hosting.permission import ImageUser

_ECR_URI = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.(?P<suffix>[a-z.]+)/"
    r"(?P<repository>[a-z0-9]+([._/-][a-z0-9]+)*)(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})"
)


class ContainerImage(abc.ABC):
    """The image a container of a model runs."""

    @staticmethod
    def from_asset(
        directory: str | Path,
        *,
        asset_name: str | None = None,
        build_args: Mapping[str, str] | None = None,
        build_contexts: Mapping[str, str] | None = None,
        build_secrets: Mapping[str, str] | None = None,
        build_ssh: str | None = None,
        cache_disabled: bool | None = None,
        cache_from: Sequence[ecr_assets.DockerCacheOption] | None = None,
        cache_to: ecr_assets.DockerCacheOption | None = None,
        display_name: str | None = None,
        exclude: Sequence[str] | None = None,
        extra_hash: str | None = None,
        file: str | None = None,
        follow_symlinks: cdk.SymlinkFollowMode | None = None,
        ignore_mode: cdk.IgnoreMode | None = None,
        invalidation: ecr_assets.DockerImageAssetInvalidationOptions | None = None,
        network_mode: ecr_assets.NetworkMode | None = None,
        outputs: Sequence[str] | None = None,
        platform: ecr_assets.Platform | None = None,
        target: str | None = None,
    ) -> ContainerImage:
        """Build an image from a Dockerfile when the app is deployed.

        It is built for the architecture of the model (``Model(image_architecture=...)``), whatever machine builds it.
        It is published with every stack in which a model uses it.

        Args:
            directory: The build context.
            asset_name: Name of the asset, from which a synthesizer of the app may derive the repository. Without it,
                the asset is known by its hash alone.
            build_args: Values for the ``ARG`` instructions.
            build_contexts: Further build contexts by name: directories, images (``docker-image://...``) or URLs.
            build_secrets: Secrets of the build by id, as made with ``cdk.DockerBuildSecret``. They are not in the hash
                of the asset.
            build_ssh: Agent socket or keys that the build may use, such as ``default``.
            cache_disabled: Whether every instruction is run again. Without it, layers that did not change are reused.
            cache_from: Where layers are taken from. Without it, from the builder's own cache.
            cache_to: Where layers are kept. Without it, in the builder's own cache.
            display_name: What the deployment calls the asset. Without it, its path in the app.
            exclude: Patterns of files to leave out, in addition to those of ``.dockerignore``.
            extra_hash: Text whose change is to build the image again. Without it, content and arguments alone decide.
            file: The Dockerfile, relative to the context. Without it, ``Dockerfile``.
            follow_symlinks: Which links are replaced by what they name. Without it, none.
            ignore_mode: How the patterns of ``exclude`` are read. Without it, as in ``.dockerignore``.
            invalidation: Which arguments are left out of the hash of the asset. Without it, none.
            network_mode: Network of the ``RUN`` instructions. Without it, the builder's own.
            outputs: Where the builder is to put its result. Without it, into its image store.
            platform: What to build for, if it is to be said here: it must be that of the model's architecture. Without
                it, just that.
            target: The stage to build. Without it, the last one.

        Raises:
            ValidationError: If the directory or the Dockerfile does not exist. At binding, if the platform is not that
                of the model.
        """
        return _Sourced(
            BuiltImage(
                Path(directory),
                file=file,
                platform=platform,
                exclude=() if exclude is None else exclude,
                options={
                    "asset_name": asset_name,
                    "build_args": build_args,
                    "build_contexts": build_contexts,
                    "build_secrets": build_secrets,
                    "build_ssh": build_ssh,
                    "cache_disabled": cache_disabled,
                    "cache_from": cache_from,
                    "cache_to": cache_to,
                    "display_name": display_name,
                    "extra_hash": extra_hash,
                    "follow_symlinks": follow_symlinks,
                    "ignore_mode": ignore_mode,
                    "invalidation": invalidation,
                    "network_mode": network_mode,
                    "outputs": outputs,
                    "target": target,
                },
            )
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

    @staticmethod
    def from_dlc(repository_name: str, tag: str, account_id: str | None = None) -> ContainerImage:
        """Use an image that AWS publishes, by its names; ``from_framework`` knows what there is.

        Source: https://github.com/aws/deep-learning-containers/blob/master/available_images.md

        Args:
            repository_name: The repository, such as ``pytorch-inference``.
            tag: The tag.
            account_id: Account that publishes it. Without it, AWS's own for the repository in the region of the model;
                where the region is not known yet, CloudFormation looks it up.

        Raises:
            ValidationError: If the account id is not 12 digits.
        """
        return _Sourced(DlcImage(repository_name, tag, account_id))

    @staticmethod
    def from_framework(
        framework: Framework,
        *,
        version: str,
        base_framework: str | None = None,
        entry_point: str | None = None,
        processor: Processor | None = None,
        python_version: str | None = None,
    ) -> ContainerImage:
        """Use the image that AWS publishes for a framework.

        Args:
            framework: What it serves.
            version: Version of the framework: ``2.6.0``, or ``2.6`` for the newest that begins so.
            base_framework: What Hugging Face's libraries run on: ``pytorch2.6.0``, ``pytorch2.6`` or ``pytorch``.
                Without it, PyTorch where there is a choice.
            entry_point: File in ``code/`` of the model data that the container is to import. Without it,
                ``inference.py`` where the container has to be told one, else what the container looks for itself.
            processor: What it computes on. Without it, Graviton for a model of that architecture, else the CPU where
                there is such an image.
            python_version: Such as ``py312``. Without it, the newest.

        Raises:
            ValidationError: If there is no such image; it says which there are. At binding, if there is none for the
                architecture or region of the model.
        """
        images = FrameworkImage.find(
            framework, version, base_framework=base_framework, processor=processor, python_version=python_version
        )
        return _Sourced(NewestFrameworkImage(framework, images, entry_point))

    @staticmethod
    def from_private_registry(uri: str, *, credentials_provider: lambda_.IFunction | None = None) -> ContainerImage:
        """Use an image of a registry inside the VPC of the model.

        https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-containers-inference-private.html

        Args:
            uri: ``HOST/REPOSITORY:TAG`` or ``HOST/REPOSITORY@sha256:DIGEST``.
            credentials_provider: Function that returns user and password; the model's role may invoke it. Without it,
                the registry asks for none.

        Raises:
            ValidationError: If the URI is not of that form.
        """
        return _PrivateImage(uri, credentials_provider)

    @abc.abstractmethod
    def bind(self, scope: Construct, model: ImageUser) -> ContainerImageConfig:
        """Make the image available, and say what pulling exactly it takes.

        Args:
            scope: Where constructs are created.
            model: The model or job whose container runs the image.
        """


class _Source(Protocol):
    def bind(self, scope: Construct, model: ImageUser) -> ContainerImageConfig: ...


class _Sourced(ContainerImage):
    def __init__(self, source: _Source) -> None:
        self._source = source

    def bind(self, scope: Construct, model: ImageUser) -> ContainerImageConfig:
        return self._source.bind(scope, model)


class _RepositoryImage(ContainerImage):
    def __init__(self, repository: ecr.IRepository, tag: str) -> None:
        self._repository = repository
        self._tag = tag

    def bind(self, scope: Construct, model: ImageUser) -> ContainerImageConfig:
        del scope, model
        of_repository = _TAGGED.setdefault(self._repository, {})
        found = of_repository.get(self._tag)
        if found is None:
            found = of_repository[self._tag] = ContainerImageConfig(
                image_name=self._repository.repository_uri_for_tag_or_digest(self._tag),
                permissions=pulling(self._repository.repository_arn),
            )
        return found


# Many models run the same image.
_TAGGED: WeakKeyDictionary[ecr.IRepository, dict[str, ContainerImageConfig]] = WeakKeyDictionary()


class _UriImage(ContainerImage):
    def __init__(self, uri: str) -> None:
        problems = Problems("ContainerImage.from_uri")
        self._match = _ECR_URI.fullmatch(uri)
        problems.check(
            is_token(uri) or self._match is not None,
            "uri must be ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG or @sha256:DIGEST, since SageMaker pulls "
            f"from Amazon ECR only, got {uri!r}",
        )
        problems.raise_if_any()
        self._uri = uri

    def bind(self, scope: Construct, model: ImageUser) -> ContainerImageConfig:
        del model
        if self._match is None:
            return ContainerImageConfig(image_name=self._uri)
        arn = stack_of(scope).format_arn(
            service="ecr",
            account=self._match["account"],
            region=self._match["region"],
            resource="repository",
            resource_name=self._match["repository"],
        )
        return ContainerImageConfig(image_name=self._uri, permissions=pulling(arn))


class _PrivateImage(ContainerImage):
    def __init__(self, uri: str, credentials_provider: lambda_.IFunction | None) -> None:
        problems = Problems("ContainerImage.from_private_registry")
        problems.matches(
            "uri",
            uri,
            r"[\w.-]+(:\d+)?/[^\s:@]+(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})",
            "HOST/REPOSITORY:TAG or @sha256:DIGEST",
        )
        problems.raise_if_any()
        self._uri = uri
        self._credentials_provider = credentials_provider

    def bind(self, scope: Construct, model: ImageUser) -> ContainerImageConfig:
        del scope, model
        if self._credentials_provider is None:
            return ContainerImageConfig(image_name=self._uri, registry=PrivateRegistry(credentials_provider_arn=None))
        provider = self._credentials_provider.function_arn
        return ContainerImageConfig(
            image_name=self._uri,
            permissions=(Permission(actions=("lambda:InvokeFunction",), resources=(provider,)),),
            registry=PrivateRegistry(credentials_provider_arn=provider),
        )

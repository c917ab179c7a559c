"""Where a container's image comes from."""

from __future__ import annotations

import abc
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam

from sagemaker_hosting.framework import FrameworkImage, Processor
from sagemaker_hosting.instance_type import Architecture
from sagemaker_hosting.private_registry import PrivateRegistry
from sagemaker_hosting.published_image import account_in, accounts_of
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_ecr as ecr
    from aws_cdk import aws_lambda as lambda_
    from constructs import Construct

    from sagemaker_hosting.framework import Framework
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
        environment: Environment variables that the image needs; those of the container take precedence.
        registry: The registry of the image, if it is not Amazon ECR.
    """

    image_name: str
    architecture: Architecture | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    registry: PrivateRegistry | None = None


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
        return _DlcImage(repository_name, tag, account_id)

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
        return _FrameworkImage(
            framework,
            FrameworkImage.find(
                framework, version, base_framework=base_framework, processor=processor, python_version=python_version
            ),
            entry_point,
        )

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


class _DlcImage(ContainerImage):
    def __init__(self, repository_name: str, tag: str, account_id: str | None) -> None:
        problems = Problems("ContainerImage.from_dlc")
        problems.matches("account_id", account_id, r"\d{12}", "12 digits")
        problems.raise_if_any()
        self._repository_name = repository_name
        self._tag = tag
        self._account_id = account_id

    def bind(self, scope: Construct, model: ImageUser) -> ContainerImageConfig:
        name = self._repository_name
        account = self._account_id
        if account is None:
            account = account_in(
                cdk.Stack.of(scope), accounts_of(name), owner="ContainerImage.from_dlc", what=f"the model of {name!r}"
            )
        architecture = Architecture.ARM_64 if re.search(r"-(arm64|graviton)$", name) else None
        return ContainerImageConfig(
            image_name=_pull_published(scope, model, account, name, self._tag), architecture=architecture
        )


class _FrameworkImage(ContainerImage):
    def __init__(self, framework: Framework, images: Sequence[FrameworkImage], entry_point: str | None) -> None:
        self._framework = framework
        self._images = images
        self._entry_point = entry_point

    def bind(self, scope: Construct, model: ImageUser) -> ContainerImageConfig:
        owner = "ContainerImage.from_framework"
        image = self._for_architecture(model.image_architecture)
        what = f"the model of '{image.repository}:{image.tag}'"
        account = account_in(cdk.Stack.of(scope), image.accounts, owner=owner, what=what)
        return ContainerImageConfig(
            image_name=_pull_published(scope, model, account, image.repository, image.tag),
            architecture=image.processor.architecture,
            environment=self._framework.environment(self._entry_point),
        )

    def _for_architecture(self, architecture: Architecture) -> FrameworkImage:
        """The newest image for the machine; if the processor was left open, one without accelerator first."""
        if len({image.processor for image in self._images}) == 1:
            return self._images[-1]
        wanted = [image for image in self._images if image.processor.architecture is architecture]
        plain = [image for image in wanted if image.processor in (Processor.CPU, Processor.GRAVITON)]
        problems = Problems("ContainerImage.from_framework")
        problems.check(
            bool(wanted),
            f"processor must be one of {', '.join(image.processor.name for image in self._images)}: there is no image "
            f"of this version for {architecture.value}; another version of {self._framework.name} may have one",
        )
        problems.raise_if_any()
        return (plain or wanted)[-1]


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
        del scope
        provider = self._credentials_provider
        if provider is not None:
            model.execution_policy.add_statements(
                iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[provider.function_arn])
            )
        return ContainerImageConfig(
            image_name=self._uri,
            registry=PrivateRegistry(credentials_provider_arn=None if provider is None else provider.function_arn),
        )


def _pull_published(scope: Construct, model: ImageUser, account: str, repository: str, tag: str) -> str:
    """Let the model pull an image of the account in its region, and return the image's URI."""
    stack = cdk.Stack.of(scope)
    _grant_pull(
        model, stack.format_arn(service="ecr", account=account, resource="repository", resource_name=repository)
    )
    separator = "@" if tag.startswith("sha256:") else ":"
    return f"{account}.dkr.ecr.{stack.region}.{stack.url_suffix}/{repository}{separator}{tag}"


def _grant_pull(model: ImageUser, repository_arn: str) -> None:
    model.execution_policy.add_statements(
        iam.PolicyStatement(
            actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resources=[repository_arn],
        )
    )

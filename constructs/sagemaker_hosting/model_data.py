"""Where a container's model data comes from."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

import aws_cdk as cdk
from aws_cdk import aws_s3_assets as s3_assets

from sagemaker_hosting.archive import list_files
from sagemaker_hosting.data_permissions import reading_below, reading_object
from sagemaker_hosting.stacks import stack_of
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.uploaded_archive import UploadedArchive
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

    from sagemaker_hosting.permission import ImageUser, Permission

_LONGEST_ARN = 255
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceHubAccessConfig.html"""


@dataclass(frozen=True, kw_only=True)
class ModelDataConfig:
    """What ``ModelData.bind`` yields.

    Attributes:
        uri: ``s3://`` URI of an object, or of a prefix that ends in ``/``.
        data_type: Whether the URI names one object or a prefix.
        compression: ``Gzip`` for a ``tar.gz`` archive that SageMaker extracts, ``None`` for files it takes as they are.
        accept_eula: Whether the license of a model that asks for it is accepted.
        hub_content_arn: ARN of the reference to a model of SageMaker JumpStart in a private hub.
        permissions: What the role of the container needs to read the data.
    """

    uri: str
    data_type: Literal["S3Object", "S3Prefix"] = "S3Object"
    compression: Literal["Gzip", "None"] = "Gzip"
    accept_eula: bool | None = None
    hub_content_arn: str | None = None
    permissions: Sequence[Permission] = ()

    @property
    def is_an_archive(self) -> bool:
        """Whether the URI says all that SageMaker has to know."""
        return self.compression == "Gzip" and self.accept_eula is None and self.hub_content_arn is None


class ModelData(abc.ABC):
    """Model data that SageMaker puts into a container's ``/opt/ml/model``.

    The location is always rendered as ``ModelDataSource`` with its compression stated: CDK stores an asset
    ``model.tar.gz`` under a key that ends in ``.gz``, from which SageMaker could not tell that it is an archive.
    """

    @staticmethod
    def from_asset(
        path: str | Path,
        *,
        asset_hash: str | None = None,
        asset_hash_type: cdk.AssetHashType | None = None,
        deploy_time: bool | None = None,
        display_name: str | None = None,
        exclude: Sequence[str] | None = None,
        follow_symlinks: cdk.SymlinkFollowMode | None = None,
        ignore_mode: cdk.IgnoreMode | None = None,
        readers: Sequence[iam.IGrantable] | None = None,
        source_kms_key: kms.IKey | None = None,
    ) -> ModelData:
        """Upload an existing ``.tar.gz`` archive as it is.

        Args:
            path: File whose members lie where the container expects them below ``/opt/ml/model``.
            asset_hash: Text whose change alone is to upload the archive again. Without it, its content decides.
            asset_hash_type: What the hash is made of. Without it, of the content, or of ``asset_hash``.
            deploy_time: Whether the archive may be deleted from the bucket once the stack is deployed. An endpoint
                reads it whenever it adds an instance, so leave it out. Without it, the archive stays.
            display_name: What the deployment calls the asset. Without it, its path in the app.
            exclude: Patterns of files to leave out, as of any asset of the CDK; an archive is one file and stays.
            follow_symlinks: Which links are replaced by what they name. Without it, none.
            ignore_mode: How the patterns of ``exclude`` are read. Without it, as shell patterns.
            readers: Who else may read the archive. Without it, the model's role alone.
            source_kms_key: Passed on to the asset, which makes no use of it: the bucket of the bootstrap stack decides
                how it encrypts. ``from_bucket`` takes the key of an archive.

        Raises:
            ValidationError: If there is no such file, or its name does not end in ``.tar.gz``.
        """
        return _AssetModelData(
            Path(path),
            {
                "asset_hash": asset_hash,
                "asset_hash_type": asset_hash_type,
                "deploy_time": deploy_time,
                "display_name": display_name,
                "exclude": exclude,
                "follow_symlinks": follow_symlinks,
                "ignore_mode": ignore_mode,
                "readers": readers,
                "source_kms_key": source_kms_key,
            },
        )

    @staticmethod
    def from_directory(
        directory: str | Path, *, code: str | Path | None = None, exclude: Sequence[str] = ()
    ) -> ModelData:
        """Pack a directory into a ``model.tar.gz`` and upload it.

        The archive depends on names and content alone: touching a file changes nothing. Files are packed once and not
        read again until they change; what was packed is kept in ``sagemaker-hosting/archives`` in the user's cache
        folder (``$XDG_CACHE_HOME`` or ``~/.cache``), up to 10 GiB, and may be deleted there at any time.

        Args:
            directory: Its files become the root of the archive.
            code: Directory of the inference code, packed as ``code/``: the place where the framework containers and
                this project's own look for ``inference.py``. Without it, only what ``directory`` itself holds.
            exclude: Shell patterns of files to leave out, compared with every part of a path and the whole path.
                Byte code, ``.git`` and the like are always left out.

        Raises:
            ValidationError: If a directory does not exist, holds no file, or links to something outside it; or if both
                hold the same file.
        """
        return _DirectoryModelData(Path(directory), None if code is None else Path(code), tuple(exclude))

    @staticmethod
    def from_saved_model(
        directory: str | Path, *, code: str | Path | None = None, exclude: Sequence[str] = (), version: int = 1
    ) -> ModelData:
        """Pack a SavedModel as the TensorFlow containers expect it: in a folder named by its version.

        https://github.com/aws/sagemaker-tensorflow-serving-container#deploying-a-tensorflow-serving-model

        Args:
            directory: What TensorFlow's ``save`` wrote; it holds ``saved_model.pb``.
            code: Directory of the inference code, packed as ``code/``. Without it, the container passes requests on as
                they are.
            exclude: As for ``from_directory``.
            version: At least 1.

        Raises:
            ValidationError: If the directory holds no ``saved_model.pb``, the version is not at least 1, or for the
                reasons of ``from_directory``.
        """
        owner = "ModelData.from_saved_model"
        problems = Problems(owner)
        problems.between("version", version, 1, None, "as a number")
        found = (Path(directory) / "saved_model.pb").is_file() or not Path(directory).is_dir()
        problems.check(found, f"directory must hold 'saved_model.pb', got '{directory}'")
        problems.raise_if_any()
        return _DirectoryModelData(
            Path(directory), None if code is None else Path(code), tuple(exclude), owner=owner, folder=str(version)
        )

    @staticmethod
    def from_bucket(
        bucket: s3.IBucket,
        object_key: str,
        *,
        accept_eula: bool | None = None,
        encryption_key: kms.IKey | None = None,
        hub_content_arn: str | None = None,
    ) -> ModelData:
        """Use a ``tar.gz`` archive that is in S3 already.

        Args:
            bucket: A bucket in the region of the model.
            object_key: Key of the archive. A new archive under the same key does not reach a running endpoint: give
                every version its own key.
            accept_eula: ``True`` accepts the license of a model that asks for it. Without it, such a model is refused.
            encryption_key: Key that encrypts the archive; the role may decrypt with it. Without it, the bucket's, if
                the app knows of one.
            hub_content_arn: As for ``from_prefix``.

        Raises:
            ValidationError: If the key does not end in ``.tar.gz``, or the ARN has not 1 to 255 characters.
        """
        return _BucketModelData(bucket, object_key, accept_eula, encryption_key, hub_content_arn)

    @staticmethod
    def from_prefix(
        bucket: s3.IBucket,
        prefix: str,
        *,
        accept_eula: bool | None = None,
        encryption_key: kms.IKey | None = None,
        hub_content_arn: str | None = None,
    ) -> ModelData:
        """Use files that are in S3 already: those of one model, uncompressed, or the archives of many models.

        Large models start faster uncompressed. With ``ContainerMode.MULTI_MODEL``, every ``tar.gz`` archive below the
        prefix is a model that a request can name.

        Args:
            bucket: A bucket in the region of the model.
            prefix: What the keys of the files begin with, ending in ``/``.
            accept_eula: ``True`` accepts the license of a model that asks for it. Without it, such a model is refused.
            encryption_key: Key that encrypts the files; the role may decrypt with it. Without it, the bucket's, if the
                app knows of one.
            hub_content_arn: ARN of the ``ModelReference`` in a private hub that leads to a public model of SageMaker
                JumpStart; the role must be given what the hub asks for. Without it, the files are the bucket's own.
                https://docs.aws.amazon.com/sagemaker/latest/dg/jumpstart-curated-hubs.html

        Raises:
            ValidationError: If the prefix does not end in ``/``, or the ARN has not 1 to 255 characters.
        """
        return _PrefixModelData(bucket, prefix, accept_eula, encryption_key, hub_content_arn)

    @abc.abstractmethod
    def bind(self, scope: Construct, model: ImageUser) -> ModelDataConfig:
        """Make the data available, and say what reading exactly it takes.

        Args:
            scope: Where constructs are created.
            model: The model or component whose container takes the data.
        """


class _AssetModelData(ModelData):
    def __init__(self, path: Path, options: Mapping[str, Any]) -> None:
        problems = Problems("ModelData.from_asset")
        problems.check(path.name.endswith(".tar.gz"), f"path must be a '.tar.gz' archive, got '{path}'")
        problems.check(path.is_file(), f"path must be an existing file, got '{path}'")
        problems.raise_if_any()
        self._path = path
        self._options = options

    def bind(self, scope: Construct, model: ImageUser) -> ModelDataConfig:
        del model
        asset = s3_assets.Asset(scope, "ModelData", path=str(self._path), **self._options)
        archive = UploadedArchive(asset, stack_of(scope))
        return ModelDataConfig(uri=archive.uri, permissions=archive.permissions)


class _DirectoryModelData(ModelData):
    def __init__(
        self,
        directory: Path,
        code: Path | None,
        exclude: tuple[str, ...],
        *,
        owner: str = "ModelData.from_directory",
        folder: str = "",
    ) -> None:
        listed = list_files(owner, "directory", directory, exclude)
        files = {PurePosixPath(folder) / name: path for name, path in listed.items()}
        problems = Problems(owner)
        if code is not None:
            for name, path in list_files(owner, "code", code, exclude).items():
                member = PurePosixPath("code") / name
                problems.check(member not in files, f"directory must not hold '{member}' when code is given, too")
                files[member] = path
        problems.raise_if_any()
        self._directory = directory
        self._files = files

    def bind(self, scope: Construct, model: ImageUser) -> ModelDataConfig:
        del model
        archive = UploadedArchive.of(self._files, scope, "ModelData", what=f"'{self._directory}'")
        return ModelDataConfig(uri=archive.uri, permissions=archive.permissions)


class _BucketModelData(ModelData):
    def __init__(
        self,
        bucket: s3.IBucket,
        object_key: str,
        accept_eula: bool | None,
        encryption_key: kms.IKey | None,
        hub_content_arn: str | None,
    ) -> None:
        problems = Problems("ModelData.from_bucket")
        problems.check(
            is_token(object_key) or object_key.endswith(".tar.gz"),
            f"object_key must end in '.tar.gz', got {object_key!r}; for uncompressed files use ModelData.from_prefix",
        )
        problems.length("hub_content_arn", hub_content_arn, 1, _LONGEST_ARN)
        problems.raise_if_any()
        self._bucket = bucket
        self._object_key = object_key
        self._accept_eula = accept_eula
        self._hub_content_arn = hub_content_arn
        self._encryption_key = encryption_key

    def bind(self, scope: Construct, model: ImageUser) -> ModelDataConfig:
        del scope, model
        return ModelDataConfig(
            uri=self._bucket.s3_url_for_object(self._object_key),
            accept_eula=self._accept_eula,
            hub_content_arn=self._hub_content_arn,
            permissions=reading_object(self._bucket, self._object_key, self._encryption_key),
        )


class _PrefixModelData(ModelData):
    def __init__(
        self,
        bucket: s3.IBucket,
        prefix: str,
        accept_eula: bool | None,
        encryption_key: kms.IKey | None,
        hub_content_arn: str | None,
    ) -> None:
        problems = Problems("ModelData.from_prefix")
        problems.check(
            is_token(prefix) or (prefix.endswith("/") and not prefix.startswith("/")),
            f"prefix must end in '/' and not begin with one, got {prefix!r}",
        )
        problems.length("hub_content_arn", hub_content_arn, 1, _LONGEST_ARN)
        problems.raise_if_any()
        self._bucket = bucket
        self._prefix = prefix
        self._accept_eula = accept_eula
        self._hub_content_arn = hub_content_arn
        self._encryption_key = encryption_key

    def bind(self, scope: Construct, model: ImageUser) -> ModelDataConfig:
        del scope, model
        return ModelDataConfig(
            uri=self._bucket.s3_url_for_object(self._prefix),
            data_type="S3Prefix",
            compression="None",
            accept_eula=self._accept_eula,
            hub_content_arn=self._hub_content_arn,
            permissions=reading_below(self._bucket, self._prefix, self._encryption_key),
        )

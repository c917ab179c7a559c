"""A file that SageMaker reads from S3: measured statistics, constraints, a report, a configuration, a script."""

from __future__ import annotations

import abc
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import aws_s3_assets as s3_assets

from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

_LONGEST_TYPE = 256


@dataclass(frozen=True, kw_only=True)
class S3FileConfig:
    """What ``S3File.bind`` yields.

    Attributes:
        uri: ``s3://`` URI of the file.
        content_type: MIME type.
        bucket: Where it is.
        object_key: Its key there.
        content_digest: ``sha256:`` and 64 hexadecimal digits, where it is known.
    """

    uri: str
    content_type: str
    bucket: s3.IBucket
    object_key: str
    content_digest: str | None = None


class S3File(abc.ABC):
    """A file that the model registry or a monitor points to.

    The jobs of a monitor may read it. Who looks at it in the registry needs a permission of their own.
    """

    @staticmethod
    def from_asset(path: str | Path, *, content_type: str = "application/json") -> S3File:
        """Upload a file; the registry gets its digest, too.

        Args:
            path: The file.
            content_type: Its MIME type, at most 256 characters.

        Raises:
            ValidationError: If there is no such file.
        """
        return _AssetFile(Path(path), content_type)

    @staticmethod
    def from_bucket(
        bucket: s3.IBucket,
        object_key: str,
        *,
        content_type: str = "application/json",
        content_digest: str | None = None,
    ) -> S3File:
        """Use a file that is in S3 already.

        Args:
            bucket: Its bucket.
            object_key: Its key.
            content_type: Its MIME type, at most 256 characters.
            content_digest: ``sha256:`` and 64 hexadecimal digits. Without it, the registry has none.

        Raises:
            ValidationError: If the type or digest is outside these limits.
        """
        return _BucketFile(bucket, object_key, content_type, content_digest)

    @abc.abstractmethod
    def bind(self, scope: Construct, id: str) -> S3FileConfig:  # noqa: A002  the name that constructs give it
        """Make the file available.

        Args:
            scope: Where constructs are created.
            id: Id below it.
        """


class _AssetFile(S3File):
    def __init__(self, path: Path, content_type: str) -> None:
        problems = Problems("S3File.from_asset")
        problems.check(path.is_file(), f"path must be an existing file, got '{path}'")
        problems.length("content_type", content_type, 1, _LONGEST_TYPE)
        problems.raise_if_any()
        self._path = path
        self._content_type = content_type

    def bind(self, scope: Construct, id: str) -> S3FileConfig:  # noqa: A002
        digest = hashlib.sha256(self._path.read_bytes()).hexdigest()
        asset = s3_assets.Asset(scope, id, path=str(self._path))
        return S3FileConfig(
            uri=asset.s3_object_url,
            content_type=self._content_type,
            bucket=asset.bucket,
            object_key=asset.s3_object_key,
            content_digest=f"sha256:{digest}",
        )


class _BucketFile(S3File):
    def __init__(self, bucket: s3.IBucket, object_key: str, content_type: str, content_digest: str | None) -> None:
        problems = Problems("S3File.from_bucket")
        problems.length("content_type", content_type, 1, _LONGEST_TYPE)
        problems.matches(
            "content_digest",
            content_digest,
            r"[Ss][Hh][Aa]256:[0-9a-fA-F]{64}",
            "sha256: and 64 hexadecimal digits",
        )
        problems.raise_if_any()
        self._config = S3FileConfig(
            uri=bucket.s3_url_for_object(object_key),
            content_type=content_type,
            bucket=bucket,
            object_key=object_key,
            content_digest=content_digest,
        )

    def bind(self, scope: Construct, id: str) -> S3FileConfig:  # noqa: A002
        del scope, id
        return self._config

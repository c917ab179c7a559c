"""An archive that is uploaded when the app is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from aws_cdk import aws_s3_assets as s3_assets

from sagemaker_hosting.permission import Permission
from sagemaker_hosting.stacks import asset_folder, stack_of
from sagemaker_hosting.staged_archive import StagedArchive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path, PurePosixPath

    import aws_cdk as cdk
    from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class UploadedArchive:
    """A ``tar.gz`` archive in the bucket of the assets.

    Attributes:
        arn: ARN of the object.
        bucket_name: Name of the bucket.
        key_arn: ARN of the key that the bucket encrypts with, where the stack knows of one.
        object_key: Key of the object.
    """

    arn: str
    bucket_name: str
    key_arn: str | None
    object_key: str

    @property
    def permissions(self) -> Sequence[Permission]:
        """What reading it takes."""
        reading = Permission(actions=("s3:GetObject",), resource=self.arn)
        if self.key_arn is None:
            return (reading,)
        return (Permission(actions=("kms:Decrypt",), resource=self.key_arn), reading)

    @property
    def uri(self) -> str:
        """``s3://`` URI of the object."""
        return f"s3://{self.bucket_name}/{self.object_key}"

    @classmethod
    def of(cls, files: Mapping[PurePosixPath, Path], scope: Construct, id: str, *, what: str) -> UploadedArchive:  # noqa: A002
        """Pack files, or take what was packed from them before, and have the archive uploaded.

        Args:
            files: Path in the archive and on disk.
            scope: Where the asset is created.
            id: Its id below that.
            what: What is packed, named on standard error when it takes more than a few seconds.

        Raises:
            ValidationError: If a file changes while it is packed.
        """
        archive = StagedArchive.of(files, asset_folder(scope), what=what)
        of_stack = _UPLOADED.setdefault(stack_of(scope), {})
        found = of_stack.get(archive.digest)
        if found is None:
            asset = s3_assets.Asset(scope, id, path=str(archive.path), asset_hash=archive.digest)
            bucket, object_key = asset.bucket, asset.s3_object_key
            key = bucket.encryption_key
            found = of_stack[archive.digest] = cls(
                arn=bucket.arn_for_objects(object_key),
                bucket_name=asset.s3_bucket_name,
                key_arn=None if key is None else key.key_arn,
                object_key=object_key,
            )
        return found


# Models of one stack may have the same data.
_UPLOADED: WeakKeyDictionary[cdk.Stack, dict[str, UploadedArchive]] = WeakKeyDictionary()

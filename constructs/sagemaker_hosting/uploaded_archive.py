"""An archive that is uploaded when the app is deployed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_s3_assets as s3_assets

from sagemaker_hosting.data_permissions import decrypting
from sagemaker_hosting.permission import Permission
from sagemaker_hosting.stacks import asset_folder, stack_of
from sagemaker_hosting.staged_archive import StagedArchive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path, PurePosixPath

    from constructs import Construct


class UploadedArchive:
    """A ``tar.gz`` archive in the bucket of the assets."""

    def __init__(self, asset: s3_assets.Asset, stack: cdk.Stack) -> None:
        """Describe what the CDK uploads.

        Args:
            asset: The archive.
            stack: The stack that it is uploaded with.
        """
        self._asset = asset
        self._stack = stack

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
        stack = stack_of(scope)
        of_stack = _UPLOADED.setdefault(stack, {})
        found = of_stack.get(archive.digest)
        if found is None:
            asset = s3_assets.Asset(scope, id, path=str(archive.path), asset_hash=archive.digest)
            found = of_stack[archive.digest] = cls(asset, stack)
        return found

    @cached_property
    def bucket_name(self) -> str:
        """Name of the bucket."""
        return self._asset.s3_bucket_name

    @cached_property
    def object_key(self) -> str:
        """Key of the object."""
        return self._asset.s3_object_key

    @property
    def uri(self) -> str:
        """``s3://`` URI of the object."""
        return f"s3://{self.bucket_name}/{self.object_key}"

    @cached_property
    def permissions(self) -> Sequence[Permission]:
        """What reading it takes."""
        place = f"{self.bucket_name}/{self.object_key}"
        arn = self._stack.format_arn(service="s3", region="", account="", resource=place)
        reading = Permission(actions=("s3:GetObject",), resources=(arn,))
        if type(self._stack.synthesizer) is cdk.DefaultStackSynthesizer:
            # It knows of no key, and the CDK's library for S3, which knows the bucket, need not be loaded.
            return (reading,)
        return (*decrypting(self._asset.bucket.encryption_key), reading)


# Models of one stack may have the same data.
_UPLOADED: WeakKeyDictionary[cdk.Stack, dict[str, UploadedArchive]] = WeakKeyDictionary()

"""Puts model data where SageMaker puts it, from where it was really uploaded to."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
import zlib
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sagemaker_local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GIB = 1024**3
MOST_BYTES = 64 * GIB
"""What an archive may unpack to."""

MOST_MEMBERS = 1_000_000
"""How many files, folders and links an archive may have."""


def uri_of(container: Mapping[str, Any]) -> str | None:
    """Return the URI of a container's model data, or ``None`` if it has none.

    Args:
        container: A container definition, as ``DescribeModel`` returns it.
    """
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    return source.get("S3Uri") or container.get("ModelDataUrl")


def fetch_model_data(s3: Any, container: Mapping[str, Any], directory: Path) -> None:
    """Download a container's model data, and extract it if it is an archive.

    Args:
        s3: Client of Amazon S3.
        container: A container definition, as ``DescribeModel`` returns it.
        directory: Where the files go.

    Raises:
        LocalError: If there is nothing at the URI, or it is no archive that can be extracted safely.
    """
    uri = uri_of(container)
    if uri is None:
        return
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    bucket, key = _split(uri)
    if source.get("CompressionType", "Gzip") == "Gzip":
        with tempfile.TemporaryFile() as archive:
            s3.download_fileobj(bucket, key, archive)
            archive.seek(0)
            try:
                _extract(archive, directory, uri)
            except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
                raise LocalError(
                    f"the model data {uri} must be a gzip-compressed tar archive whose members stay inside it: {error}"
                ) from error
        return
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
    for found in (entry["Key"] for page in pages for entry in page.get("Contents", [])):
        name = found.removeprefix(key) if source.get("S3DataType") == "S3Prefix" else found.rpartition("/")[2]
        target = (directory / name.lstrip("/")).resolve()
        if not target.is_relative_to(directory.resolve()):
            raise LocalError(f"the model data {uri} holds a key that leaves its prefix: {found}")
        target.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, found, str(target))


def _extract(archive: IO[bytes], directory: Path, uri: str) -> None:
    """Extract member by member, so that what is too large is refused before it is written."""
    directory.mkdir(parents=True, exist_ok=True)
    left = min(MOST_BYTES, shutil.disk_usage(directory).free)
    with tarfile.open(fileobj=archive, mode="r:gz") as tar:
        for number, member in enumerate(tar, start=1):
            if number > MOST_MEMBERS:
                raise LocalError(f"the model data {uri} has more than {MOST_MEMBERS} members")
            left -= member.size
            if left < 0:
                raise LocalError(
                    f"the model data {uri} unpacks to more than {MOST_BYTES // GIB} GiB, or than is free here"
                )
            tar.extract(member, directory, filter="data")


def _split(uri: str) -> tuple[str, str]:
    parts = urlsplit(uri)
    if parts.scheme != "s3":
        raise LocalError(f"the model data must be an s3:// URI, got {uri}")
    return parts.netloc, parts.path.lstrip("/")

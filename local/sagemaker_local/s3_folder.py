"""Folders of the embedded S3 on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sagemaker_local.errors import LocalError

if TYPE_CHECKING:
    from pathlib import Path


def split_uri(uri: str) -> tuple[str, str]:
    """Return bucket and key of an ``s3://`` URI.

    Raises:
        LocalError: If it is none.
    """
    parts = urlsplit(uri)
    if parts.scheme != "s3":
        raise LocalError(f"data must be at an s3:// URI, got {uri}")
    return parts.netloc, parts.path.lstrip("/")


def list_keys(s3: Any, uri: str) -> dict[str, str]:
    """Return the keys below a URI by the path that a job sees, which begins behind the last slash of the URI.

    Args:
        s3: Client of Amazon S3.
        uri: What the keys begin with, or one whole key.

    Raises:
        LocalError: If there is no such bucket or object.
    """
    bucket, prefix = split_uri(uri)
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", []) if not entry["Key"].endswith("/")]
    except s3.exceptions.NoSuchBucket as error:
        raise LocalError(f"there is no bucket for {uri}") from error
    if not keys:
        raise LocalError(f"there is no object at {uri}: upload the data first")
    folder = prefix.rpartition("/")[0]
    cut = len(folder) + 1 if folder else 0
    if prefix not in keys and all(key.startswith(f"{prefix}/") for key in keys):
        cut = len(prefix.rstrip("/")) + 1
    return {key[cut:]: key for key in keys}


def download(s3: Any, uri: str, directory: Path) -> None:
    """Download all objects below a URI.

    Args:
        s3: Client of Amazon S3.
        uri: What the keys begin with, or one whole key.
        directory: Where the files go; made if it is not there.

    Raises:
        LocalError: If there is no such object, or a key leaves the directory.
    """
    bucket, _ = split_uri(uri)
    directory.mkdir(parents=True, exist_ok=True)
    for name, key in list_keys(s3, uri).items():
        target = (directory / name).resolve()
        if not target.is_relative_to(directory.resolve()):
            raise LocalError(f"the object s3://{bucket}/{key} has a key that leaves its folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, key, str(target))


def upload(s3: Any, path: Path, uri: str) -> None:
    """Upload a file, or all files of a directory.

    Args:
        s3: Client of Amazon S3.
        path: File or directory.
        uri: The key of a file; the folder of a directory, or of a file if it ends in a slash.

    Raises:
        LocalError: If there is no such path.
    """
    bucket, prefix = split_uri(uri)
    if path.is_file():
        s3.upload_file(str(path), bucket, f"{prefix}{path.name}" if prefix.endswith("/") else prefix)
    elif path.is_dir():
        for file in sorted(entry for entry in path.rglob("*") if entry.is_file() and "__pycache__" not in entry.parts):
            s3.upload_file(str(file), bucket, f"{prefix.rstrip('/')}/{file.relative_to(path).as_posix()}")
    else:
        raise LocalError(f"{path} does not exist, so it cannot be uploaded to {uri}")

"""Reads the payloads from their archive in S3."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

MANIFEST = "payloads.json"


class PayloadsError(Exception):
    """The archive is not there, or is not what it should be."""


@dataclass(frozen=True, kw_only=True)
class Payload:
    """A request, and the answer that is expected.

    Attributes:
        name: What reports call it.
        body: The request's body.
        content_type: MIME type of the body.
        accept: MIME type of the answer.
        expected: The right answer; ``None`` if any is.
        tolerance: How far a number of the answer may be from the expected one; ``None`` if it must be equal.
    """

    name: str
    body: bytes
    content_type: str
    accept: str
    expected: bytes | None
    tolerance: float | None


def read_payloads(s3: Any, bucket: str, key: str) -> list[Payload]:
    """Download the archive and read its manifest, without extracting anything to disk.

    Args:
        s3: Client of Amazon S3.
        bucket: Bucket of the archive.
        key: Key of the archive, a ``tar.gz`` that holds ``payloads.json`` and the files it names.

    Raises:
        PayloadsError: If the archive or a file in it is missing or cannot be read.
    """
    try:
        archive = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        raise PayloadsError(f"the payloads s3://{bucket}/{key} cannot be read: {error}") from error
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            files = {member.name: _content(tar, member) for member in tar if member.isfile()}
        entries = json.loads(files[MANIFEST])["payloads"]
        return [_payload(entry, files) for entry in entries]
    except (tarfile.TarError, OSError, ValueError, KeyError, TypeError) as error:
        raise PayloadsError(
            f"the payloads s3://{bucket}/{key} must be a tar.gz archive with a {MANIFEST} and the files it names: "
            f"{type(error).__name__}: {error}"
        ) from error


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    data = tar.extractfile(member)
    return b"" if data is None else data.read()


def _payload(entry: dict[str, Any], files: dict[str, bytes]) -> Payload:
    expected = entry.get("expected")
    return Payload(
        name=entry["name"],
        body=files[entry["body"]],
        content_type=entry["content_type"],
        accept=entry["accept"],
        expected=None if expected is None else files[expected],
        tolerance=entry.get("tolerance"),
    )

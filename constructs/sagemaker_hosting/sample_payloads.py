"""Requests for a model, and what it is expected to answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sagemaker_hosting.uploaded_archive import UploadedArchive
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

MANIFEST = "payloads.json"
# Each field of an entry, its type, and whether it must be there.
_FIELDS = {
    "name": (str, True),
    "body": (str, True),
    "content_type": (str, True),
    "accept": (str, True),
    "expected": (str, False),
    "tolerance": (int | float, False),
}
_FILES = ("body", "expected")


@dataclass(frozen=True, kw_only=True)
class SamplePayload:
    """A request.

    Attributes:
        name: What reports call it; unique.
        body: File of the request's body, relative to the manifest.
        content_type: MIME type of the body.
        accept: MIME type of the answer.
        expected: File of the answer, relative to the manifest. Without it, any answer is right.
        tolerance: How far a number of the answer may be from the expected one. Without it, answers are equal to the
            byte, except for white space at the end.
    """

    name: str
    body: str
    content_type: str
    accept: str
    expected: str | None = None
    tolerance: float | None = None


class SamplePayloads:
    """A directory of requests, described by its ``payloads.json``.

    The manifest is ``{"payloads": [{"name": ..., "body": ..., "content_type": ..., "accept": ..., "expected": ...,
    "tolerance": ...}]}``; the last two may be left out. See ``SamplePayload`` for their meaning.
    """

    def __init__(self, directory: Path, payloads: Sequence[SamplePayload]) -> None:
        self._directory = directory
        self._payloads = tuple(payloads)

    @staticmethod
    def from_directory(directory: str | Path) -> SamplePayloads:
        """Read the manifest of a directory and check that the files it names exist.

        Args:
            directory: Holds ``payloads.json`` and the files it names.

        Raises:
            ValidationError: If the manifest or a file is missing, or a field is missing, unknown or of a wrong type.
        """
        return _read(Path(directory))

    @property
    def payloads(self) -> tuple[SamplePayload, ...]:
        """The requests, in the order of the manifest."""
        return self._payloads

    @property
    def content_types(self) -> tuple[str, ...]:
        """MIME types of the requests, each once, in the order of the manifest."""
        return tuple(dict.fromkeys(payload.content_type for payload in self._payloads))

    @property
    def response_types(self) -> tuple[str, ...]:
        """MIME types of the answers, each once, in the order of the manifest."""
        return tuple(dict.fromkeys(payload.accept for payload in self._payloads))

    def bind_bodies(self, scope: Construct) -> UploadedArchive:
        """Upload the bodies alone as a ``tar.gz`` archive, the form that Inference Recommender takes.

        Args:
            scope: A construct of the stack that it is uploaded with.
        """
        return self._upload(scope, "SamplePayload", {payload.body for payload in self._payloads})

    def bind_all(self, scope: Construct) -> UploadedArchive:
        """Upload manifest, bodies and expected answers as a ``tar.gz`` archive, the form that the smoke test takes.

        Args:
            scope: A construct of the stack that it is uploaded with.
        """
        names = {MANIFEST}
        for payload in self._payloads:
            names.add(payload.body)
            if payload.expected is not None:
                names.add(payload.expected)
        return self._upload(scope, "Payloads", names)

    def _upload(self, scope: Construct, name: str, files: set[str]) -> UploadedArchive:
        members = {PurePosixPath(file): self._directory / file for file in files}
        return UploadedArchive.of(members, scope, name, what=f"'{self._directory}'")


def _read(directory: Path) -> SamplePayloads:
    problems = Problems("SamplePayloads.from_directory")
    manifest = directory / MANIFEST
    entries: object = None
    try:
        entries = json.loads(manifest.read_text(encoding="utf-8"))["payloads"]
    except OSError as error:
        problems.add(f"directory must hold {MANIFEST}, got '{directory}' ({error.strerror})")
    except (ValueError, KeyError, TypeError) as error:
        problems.add(f"'{manifest}' must be a JSON object with a list 'payloads': {type(error).__name__}: {error}")
    problems.raise_if_any()
    if not isinstance(entries, list) or not entries:
        problems.add(f"'payloads' in '{manifest}' must be a list of at least one object, got {entries!r}")
        problems.raise_if_any()
        return SamplePayloads(directory, [])
    for index, entry in enumerate(entries):
        _check(problems, directory, f"payloads[{index}]", entry)
    problems.raise_if_any()
    names = [entry["name"] for entry in entries]
    problems.check(len(set(names)) == len(names), f"every name in '{manifest}' must be there once, got {names}")
    problems.raise_if_any()
    return SamplePayloads(directory, [SamplePayload(**entry) for entry in entries])


def _check(problems: Problems, directory: Path, place: str, entry: object) -> None:
    if not isinstance(entry, dict):
        problems.add(f"{place} must be an object, got {entry!r}")
        return
    unknown = sorted(set(entry) - set(_FIELDS))
    problems.check(not unknown, f"{place} must hold only {', '.join(_FIELDS)}, got {', '.join(unknown)}")
    for field, (kind, required) in _FIELDS.items():
        value = entry.get(field)
        if value is None:
            problems.check(not required, f"{place}.{field} must be given")
        elif not isinstance(value, kind) or isinstance(value, bool):
            problems.add(f"{place}.{field} must be {'text' if kind is str else 'a number'}, got {value!r}")
        elif isinstance(value, str) and field in _FILES:
            path = directory / value
            inside = path.resolve().is_relative_to(directory.resolve())
            problems.check(inside, f"{place}.{field} must lie in '{directory}', got {value!r}")
            problems.check(path.is_file(), f"{place}.{field} must name an existing file, got '{path}'")
        elif isinstance(value, int | float):
            problems.between(f"{place}.{field}", value, 0, None, "in the unit of the answer")

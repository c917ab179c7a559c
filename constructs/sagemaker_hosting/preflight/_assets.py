import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path

from sagemaker_hosting.preflight._archive import Archive, read_archive
from sagemaker_hosting.preflight._dockerfile import Dockerfile, read_dockerfile

AssetSource = str | PathLike[str] | Mapping[str, str | PathLike[str]]

_WORD = re.compile(r"[0-9A-Za-z]{4,}")
_MAX_MANIFESTS = 200


@dataclass(frozen=True, slots=True)
class Asset:
    """A file, or a directory with a Dockerfile, that a template refers to by hash."""

    path: Path
    dockerfile: str | None = None
    platform: str | None = None
    target: str | None = None


class Assets:
    """The assets of a template, found by the hash in an S3 URI or image URI."""

    def __init__(self, by_hash: Mapping[str, Asset]) -> None:
        """Takes the assets as they are; nothing is read before it is asked for."""
        self._by_hash = by_hash

    @classmethod
    def of(cls, source: AssetSource | None) -> "Assets":
        """Assets of a cloud assembly, or of a mapping of hash to file or directory."""
        if source is None:
            return cls({})
        if isinstance(source, Mapping):
            return cls({name: _asset(Path(path)) for name, path in source.items()})
        return cls(_of_assembly(Path(source)))

    def __bool__(self) -> bool:
        return bool(self._by_hash)

    def find(self, text: str | None) -> Asset | None:
        """The asset whose hash occurs in a URI."""
        if not text or not self._by_hash:
            return None
        return next((self._by_hash[word] for word in _WORD.findall(text) if word in self._by_hash), None)

    def archive(self, text: str | None) -> Archive | None:
        """The gzip-compressed tar archive behind an S3 URI."""
        asset = self.find(text)
        if asset is None or asset.dockerfile is not None or not asset.path.is_file():
            return None
        return read_archive(asset.path)

    def image(self, text: str | None) -> "ImageAsset | None":
        """The build context behind an image URI."""
        asset = self.find(text)
        if asset is None or asset.dockerfile is None:
            return None
        image = ImageAsset(asset)
        return image if image.dockerfile is not None else None


class ImageAsset:
    """A container image that is built from a Dockerfile of this repository."""

    def __init__(self, asset: Asset) -> None:
        """Takes the build context; the Dockerfile is read when it is asked for."""
        self.context = asset.path
        self.platform = asset.platform
        self._asset = asset

    @cached_property
    def dockerfile(self) -> Dockerfile | None:
        """The Dockerfile's final stage, or ``None`` where it cannot be read."""
        return read_dockerfile(self.context / (self._asset.dockerfile or "Dockerfile"), target=self._asset.target)


def _asset(path: Path) -> Asset:
    return Asset(path, dockerfile="Dockerfile" if (path / "Dockerfile").is_file() else None)


def _of_assembly(directory: Path) -> dict[str, Asset]:
    found: dict[str, Asset] = {}
    try:
        manifests = sorted(directory.glob("*.assets.json"))[:_MAX_MANIFESTS]
    except OSError:
        return found
    for manifest in manifests:
        found |= _of_manifest(manifest)
    return found


def _of_manifest(file: Path) -> dict[str, Asset]:
    try:
        manifest = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    found: dict[str, Asset] = {}
    for name, source in _sources(manifest, "files"):
        if isinstance(source.get("path"), str):
            found[name] = Asset(file.parent / source["path"])
    for name, source in _sources(manifest, "dockerImages"):
        if isinstance(source.get("directory"), str):
            found[name] = Asset(
                file.parent / source["directory"],
                dockerfile=_text(source.get("dockerFile")) or "Dockerfile",
                platform=_text(source.get("platform")),
                target=_text(source.get("dockerBuildTarget")),
            )
    return found


def _sources(manifest: object, kind: str) -> list[tuple[str, dict[str, str]]]:
    section = manifest.get(kind) if isinstance(manifest, dict) else None
    entries = section.items() if isinstance(section, dict) else ()
    return [
        (name, entry["source"])
        for name, entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("source"), dict)
    ]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None

"""Reads a cloud assembly: what ``cdk synth`` wrote."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sagemaker_local.dockerfile import ImageBuild
from sagemaker_local.environment import ACCOUNT
from sagemaker_local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class ImageAsset:
    """An image that the app builds.

    Attributes:
        repository: Name of the repository it is pushed to.
        tag: Its tag there.
        build: How it is built.
    """

    repository: str
    tag: str
    build: ImageBuild


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """The stacks of an app, and the images they need.

    Attributes:
        directory: Where it lies.
        stacks: The stacks of its top level, by id.
    """

    directory: Path
    stacks: dict[str, dict[str, Any]]

    @staticmethod
    def read(directory: Path) -> Assembly:
        """Read the manifest.

        Args:
            directory: The ``--output`` of ``cdk synth``.
        """
        artifacts = _load(directory / "manifest.json")["artifacts"]
        stacks = {
            str(artifact.get("displayName", name)): artifact
            for name, artifact in artifacts.items()
            if artifact["type"] == "aws:cloudformation:stack"
        }
        return Assembly(directory=directory, stacks=stacks)

    def choose(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the stacks to deploy: those that are named, or the only one there is.

        Args:
            names: What the user asked for.

        Raises:
            LocalError: If a stack does not exist, or none is named of several.
        """
        there = ", ".join(self.stacks) or "none"
        unknown = [name for name in names if name not in self.stacks]
        if unknown:
            raise LocalError(f"the app has no stack {', '.join(unknown)}; its stacks are {there}")
        if not names and len(self.stacks) != 1:
            raise LocalError(f"say which stack to deploy; the app's stacks are {there}")
        return tuple(names) or tuple(self.stacks)

    def check_environment(self, names: Sequence[str], region: str) -> None:
        """Refuse stacks that belong to an account or region which the embedded AWS does not stand for.

        Args:
            names: The stacks to deploy.
            region: Region of the embedded AWS.

        Raises:
            LocalError: If a stack names another account or region.
        """
        for name in names:
            environment = str(self.stacks[name]["environment"])
            account, _, there = environment.removeprefix("aws://").partition("/")
            if account not in {"unknown-account", ACCOUNT} or there not in {"unknown-region", region}:
                raise LocalError(
                    f"the stack {name} belongs to {environment}, but the embedded AWS is aws://{ACCOUNT}/{region}: "
                    "deploy a stack without account and region, or choose its region with --region"
                )

    def resource_types(self, names: Sequence[str]) -> set[str]:
        """Return the types of all resources in the templates of these stacks.

        Args:
            names: The stacks.
        """
        templates = [_load(self.directory / self.stacks[name]["properties"]["templateFile"]) for name in names]
        return {resource["Type"] for template in templates for resource in template.get("Resources", {}).values()}

    def images(self, region: str) -> tuple[ImageAsset, ...]:
        """Return the images of all stacks, each once.

        Args:
            region: Region of the embedded AWS.

        Raises:
            LocalError: If an image is not built from a Dockerfile.
        """
        found: dict[tuple[str, str], ImageAsset] = {}
        for path in sorted(self.directory.glob("*.assets.json")):
            for asset in _load(path).get("dockerImages", {}).values():
                image = self._image(asset, region)
                found[image.repository, image.tag] = image
        return tuple(found.values())

    def _image(self, asset: dict[str, Any], region: str) -> ImageAsset:
        source = asset["source"]
        if "directory" not in source:
            raise LocalError(
                f"the image {asset.get('displayName', 'asset')} is made by a command of its own instead of a "
                "Dockerfile: there is no program to run without a container engine"
            )
        destination = next(iter(asset["destinations"].values()))
        repository = destination["repositoryName"].replace("${AWS::AccountId}", ACCOUNT)
        return ImageAsset(
            repository=repository.replace("${AWS::Region}", region),
            tag=destination["imageTag"],
            build=ImageBuild(
                directory=self.directory / source["directory"],
                dockerfile=source.get("dockerFile", "Dockerfile"),
                build_args=source.get("dockerBuildArgs", {}),
                target=source.get("dockerBuildTarget"),
            ),
        )


def _load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content

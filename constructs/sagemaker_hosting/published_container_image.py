"""Images that AWS publishes: by their names, or the newest for a framework."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sagemaker_hosting.container_image_config import ContainerImageConfig
from sagemaker_hosting.framework import Processor
from sagemaker_hosting.image_pull import published_image
from sagemaker_hosting.instance_type import Architecture
from sagemaker_hosting.published_image import account_in, accounts_of
from sagemaker_hosting.stacks import stack_of
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from sagemaker_hosting.framework import Framework, FrameworkImage
    from sagemaker_hosting.permission import ImageUser


class DlcImage:
    """An image by its repository and tag."""

    def __init__(self, repository_name: str, tag: str, account_id: str | None) -> None:
        problems = Problems("ContainerImage.from_dlc")
        problems.matches("account_id", account_id, r"\d{12}", "12 digits")
        problems.raise_if_any()
        self._repository_name = repository_name
        self._tag = tag
        self._account_id = account_id

    def bind(self, scope: Construct, model: ImageUser) -> ContainerImageConfig:
        """As ``ContainerImage.bind``."""
        del model
        name = self._repository_name
        account = self._account_id
        if account is None:
            account = account_in(
                stack_of(scope), accounts_of(name), owner="ContainerImage.from_dlc", what=f"the model of {name!r}"
            )
        architecture = Architecture.ARM_64 if re.search(r"-(arm64|graviton)$", name) else None
        image, permissions = published_image(scope, account, name, self._tag)
        return ContainerImageConfig(image_name=image, architecture=architecture, permissions=permissions)


class NewestFrameworkImage:
    """Of the images of a framework, the newest for the architecture of the model."""

    def __init__(self, framework: Framework, images: Sequence[FrameworkImage], entry_point: str | None) -> None:
        self._framework = framework
        self._images = images
        self._entry_point = entry_point

    def bind(self, scope: Construct, model: ImageUser) -> ContainerImageConfig:
        """As ``ContainerImage.bind``."""
        owner = "ContainerImage.from_framework"
        image = self._for_architecture(model.image_architecture)
        what = f"the model of '{image.repository}:{image.tag}'"
        account = account_in(stack_of(scope), image.accounts, owner=owner, what=what)
        name, permissions = published_image(scope, account, image.repository, image.tag)
        return ContainerImageConfig(
            image_name=name,
            architecture=image.processor.architecture,
            environment=self._framework.environment(self._entry_point),
            permissions=permissions,
        )

    def _for_architecture(self, architecture: Architecture) -> FrameworkImage:
        """The newest image for the machine; if the processor was left open, one without accelerator first."""
        if len({image.processor for image in self._images}) == 1:
            return self._images[-1]
        wanted = [image for image in self._images if image.processor.architecture is architecture]
        plain = [image for image in wanted if image.processor in (Processor.CPU, Processor.GRAVITON)]
        problems = Problems("ContainerImage.from_framework")
        problems.check(
            bool(wanted),
            f"processor must be one of {', '.join(image.processor.name for image in self._images)}: there is no image "
            f"of this version for {architecture.value}; another version of {self._framework.name} may have one",
        )
        problems.raise_if_any()
        return (plain or wanted)[-1]

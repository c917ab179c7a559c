"""What runs an image and takes model data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam

    from sagemaker_hosting.instance_type import Architecture


class ImageUser(Protocol):
    """A model or a job: it says what images are built for, and has a policy that lets it pull them and read data."""

    @property
    def execution_policy(self) -> iam.Policy:
        """Gets the statements."""

    @property
    def image_architecture(self) -> Architecture:
        """What images that are built with the app are built for."""

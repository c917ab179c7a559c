from collections.abc import Iterator

from sagemaker_hosting.preflight._assets import ImageAsset
from sagemaker_hosting.preflight._dockerfile import Dockerfile
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._value import Value


def built_images(resource: Resource) -> Iterator[tuple[Value, ImageAsset, Dockerfile]]:
    """The containers whose image is built from a Dockerfile at hand."""
    for container in containers(resource) if resource.template.assets else ():
        image = resource.template.assets.image(container["Image"].sub)
        if image is not None and image.dockerfile is not None:
            yield container["Image"], image, image.dockerfile

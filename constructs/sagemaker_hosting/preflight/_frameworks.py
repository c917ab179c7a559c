"""Where the containers that AWS publishes look for a model and for the script of its author.

https://github.com/aws/sagemaker-inference-toolkit, https://github.com/aws/sagemaker-pytorch-inference-toolkit,
https://github.com/aws/sagemaker-mxnet-inference-toolkit, https://github.com/aws/sagemaker-scikit-learn-container and
https://github.com/aws/sagemaker-tensorflow-serving-container, read in November 2026.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from sagemaker_hosting.preflight._archive import Archive
from sagemaker_hosting.preflight._artifacts import archives_of
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._images import parse_image
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._value import Value

CODE = "/opt/ml/model/code"

# Repository -> framework, for the containers whose source is public.
_REPOSITORIES = {
    "mxnet-inference": "mxnet",
    "pytorch-inference": "pytorch",
    "pytorch-inference-arm64": "pytorch",
    "pytorch-inference-graviton": "pytorch",
    "sagemaker-inference-mxnet": "neo-mxnet",
    "sagemaker-inference-pytorch": "neo-pytorch",
    "sagemaker-scikit-learn": "scikit-learn",
    "tensorflow-inference": "tensorflow",
    "tensorflow-inference-arm64": "tensorflow",
    "tensorflow-inference-graviton": "tensorflow",
}


def framework_containers(resource: Resource, *frameworks: str) -> Iterator[tuple[str, Value]]:
    """The single-model containers that run an image of a framework, with its name."""
    for container in containers(resource):
        image = parse_image(container["Image"].sub)
        framework = _REPOSITORIES.get(image.repository or "") if image is not None and image.prebuilt_accounts else None
        if framework in frameworks and container["Mode"].text != "MultiModel":
            yield framework, container


def framework_archives(resource: Resource, *frameworks: str) -> Iterator[tuple[str, Value, Value, set[str]]]:
    """Framework, container and URI of each archive that was read to its end, with the names of its files."""
    for framework, container in framework_containers(resource, *frameworks):
        for uri, archive in archives_of(container) if resource.template.assets else ():
            if archive.complete and archive.error is None:
                yield framework, container, uri, _names(archive)


def _names(archive: Archive) -> set[str]:
    return {str(PurePosixPath(member.name)) for member in archive.files}

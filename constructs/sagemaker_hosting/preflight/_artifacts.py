from collections.abc import Iterator

from sagemaker_hosting.preflight._archive import Archive
from sagemaker_hosting.preflight._handler import HandlerModule, read_handler
from sagemaker_hosting.preflight._hosting import containers, is_archive, model_data
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._value import Value

HANDLER = "code/inference.py"
REQUIREMENTS = "code/requirements.txt"


def archives(resource: Resource) -> Iterator[tuple[Value, Archive]]:
    """The model archives at hand, with the URI that names each."""
    for container in containers(resource) if resource.template.assets else ():
        yield from archives_of(container)


def archives_of(container: Value) -> Iterator[tuple[Value, Archive]]:
    """The model archives at hand of one container, with the URI that names each."""
    if container["Mode"].text == "MultiModel":
        return
    for uri in model_data(container):
        archive = container.resource.template.assets.archive(uri.sub) if is_archive(uri) else None
        if archive is not None:
            yield uri, archive


def handlers(resource: Resource) -> Iterator[tuple[Value, HandlerModule]]:
    """The handler modules of the model archives at hand."""
    for uri, archive in archives(resource):
        source = archive.source(HANDLER)
        if source is not None:
            yield uri, read_handler(source)

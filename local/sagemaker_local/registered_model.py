"""Models that name a model package instead of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Mapping


def resolve_package(definition: Mapping[str, Any], sagemaker: Any) -> Mapping[str, Any]:
    """Return the container that the registry describes, or the definition itself if it names an image.

    Args:
        definition: A container of a model.
        sagemaker: Client of Amazon SageMaker.

    Raises:
        LocalError: If SageMaker would refuse the package, or it has several containers.
    """
    if "ModelPackageName" not in definition:
        return definition
    name = definition["ModelPackageName"]
    package = sagemaker.describe_model_package(ModelPackageName=name)
    if "ModelPackageGroupName" in package and package.get("ModelApprovalStatus") != "Approved":
        raise LocalError(
            f"the model package {name} is {package.get('ModelApprovalStatus')}: SageMaker hosts approved versions only"
        )
    containers = package["InferenceSpecification"]["Containers"]
    if len(containers) != 1:
        raise LocalError(f"the model package {name} has {len(containers)} containers: pipelines do not run locally yet")
    (container,) = containers
    # What the model says comes on top of what the package says.
    return {**container, "Environment": {**container.get("Environment", {}), **definition.get("Environment", {})}}

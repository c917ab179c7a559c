"""What containers and their model data exclude."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sagemaker_hosting.container_definition import BoundContainer
    from sagemaker_hosting.validation import Problems


def check_multi_model(problems: Problems, containers: Sequence[BoundContainer]) -> None:
    """Record what containers of many models cannot have.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html
    https://docs.aws.amazon.com/sagemaker/latest/dg/create-multi-model-endpoint.html

    Args:
        problems: Where to record.
        containers: All containers of the model.
    """
    many = [container for container in containers if container.is_multi_model]
    problems.check(
        len(many) <= 1, f"mode must be ContainerMode.MULTI_MODEL in at most one container of a model, got {len(many)}"
    )
    for data in (container.model_data for container in many if container.model_data is not None):
        problems.check(
            data.data_type == "S3Prefix",
            "model_data must be a prefix for ContainerMode.MULTI_MODEL, got an archive; use ModelData.from_prefix",
        )
        for argument, value in (("accept_eula", data.accept_eula), ("hub_content_arn", data.hub_content_arn)):
            problems.check(
                value is None,
                f"{argument} must not be given for ContainerMode.MULTI_MODEL, whose data is named by its URL alone",
            )


def check_named_by_url(problems: Problems, container: BoundContainer) -> None:
    """Record model data that has no URL of its own, as batch transform jobs and serverless variants need it.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html

    Args:
        problems: Where to record.
        container: The container.
    """
    data = container.model_data
    if data is None:
        return
    problems.check(
        container.is_multi_model or data.data_type == "S3Object",
        "model_data must be an archive for a serverless variant or a batch transform job, got a prefix; use "
        "ModelData.from_bucket",
    )
    for argument, value in (("accept_eula", data.accept_eula), ("hub_content_arn", data.hub_content_arn)):
        problems.check(
            value is None,
            f"{argument} must not be given for a serverless variant or a batch transform job, for which model data is "
            "named by its URL alone",
        )


def check_serverless(problems: Problems, container: BoundContainer) -> None:
    """Record what a container of a serverless variant cannot have.

    https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html#serverless-endpoints-how-it-works-exclusions

    Args:
        problems: Where to record.
        container: The container.
    """
    problems.check(
        not container.is_multi_model,
        "mode must not be ContainerMode.MULTI_MODEL for a serverless variant, which serves one model",
    )
    problems.check(
        container.registry is None,
        "image must be in Amazon ECR for a serverless variant, which has no VPC to reach another registry through",
    )

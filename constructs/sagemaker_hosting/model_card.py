"""The model card of a version: who made it, what for, and how it was evaluated."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_CONTENT = 100_000


class ModelCardStatus(enum.Enum):
    """How far the card is.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackageModelCard.html
    """

    DRAFT = "Draft"
    PENDING_REVIEW = "PendingReview"
    APPROVED = "Approved"
    ARCHIVED = "Archived"


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """The card of a version. It is encrypted with the version's own key, if that has one.

    Args:
        content: The card by sections (``intended_uses``, ``business_details``, ``training_details``,
            ``evaluation_details``, ``additional_information`` and ``model_overview``), at most 100,000 characters as
            JSON. What the version says of itself anyway, ``model_package_details``, is not among them:
            https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-details.html
        status: How far it is. An archived card cannot be changed any more.

    Raises:
        ValidationError: If it is too long, is not JSON, or repeats the version's own details.
    """

    content: Mapping[str, object]
    status: ModelCardStatus = ModelCardStatus.DRAFT

    def __post_init__(self) -> None:
        problems = Problems("ModelCard")
        problems.check(
            "model_package_details" not in self.content,
            "content must leave out 'model_package_details', which the version itself gives",
        )
        try:
            problems.length("content as JSON", self.text, 0, _LONGEST_CONTENT)
        except TypeError as error:
            problems.add(f"content must be JSON: {error}")
        problems.raise_if_any()

    @property
    def text(self) -> str:
        """The content as it is sent."""
        return json.dumps(self.content, sort_keys=True)

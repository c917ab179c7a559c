"""What a model version says of itself in one word."""

from __future__ import annotations

import enum


class ApprovalStatus(enum.Enum):
    """Whether a version may be deployed."""

    PENDING_MANUAL_APPROVAL = "PendingManualApproval"
    APPROVED = "Approved"
    REJECTED = "Rejected"


class ModelDomain(enum.Enum):
    """What kind of data a model works on.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
    """

    COMPUTER_VISION = "COMPUTER_VISION"
    NATURAL_LANGUAGE_PROCESSING = "NATURAL_LANGUAGE_PROCESSING"
    MACHINE_LEARNING = "MACHINE_LEARNING"


class ModelTask(enum.Enum):
    """What a model does.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
    """

    IMAGE_CLASSIFICATION = "IMAGE_CLASSIFICATION"
    OBJECT_DETECTION = "OBJECT_DETECTION"
    IMAGE_SEGMENTATION = "IMAGE_SEGMENTATION"
    TEXT_GENERATION = "TEXT_GENERATION"
    FILL_MASK = "FILL_MASK"
    CLASSIFICATION = "CLASSIFICATION"
    REGRESSION = "REGRESSION"
    OTHER = "OTHER"

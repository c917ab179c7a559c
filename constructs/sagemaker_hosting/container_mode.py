"""How many models a container serves."""

from __future__ import annotations

import enum


class ContainerMode(enum.Enum):
    """How many models a container serves; the value is the name that the API gives it."""

    SINGLE_MODEL = "SingleModel"
    """One, which is loaded when the container starts."""

    MULTI_MODEL = "MultiModel"
    """Every archive below a prefix, each loaded when a request names it first.

    The image must say that it can, by the label ``com.amazonaws.sagemaker.capabilities.multi-models=true``.
    https://docs.aws.amazon.com/sagemaker/latest/dg/multi-model-endpoints.html
    """

"""How the containers of a model work together."""

from __future__ import annotations

import enum


class InferenceExecutionMode(enum.Enum):
    """What a request does with the containers of a model.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceExecutionConfig.html
    """

    DIRECT = "Direct"
    """It names one of them by its host name and gets the answer of that one."""
    SERIAL = "Serial"
    """It passes through all of them, each of which gets the answer of the one before."""

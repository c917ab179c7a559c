"""Finds SageMaker mistakes in CloudFormation templates, before anything is deployed."""

from typing import TYPE_CHECKING

from sagemaker_hosting.preflight._check import check_file, check_template
from sagemaker_hosting.preflight._finding import Finding, Severity
from sagemaker_hosting.preflight._load import UnusableTemplateError
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight.rules import RULES

if TYPE_CHECKING:
    from sagemaker_hosting.preflight._plugin import SageMakerPreflight

__all__ = [
    "RULES",
    "Finding",
    "Rule",
    "SageMakerPreflight",
    "Severity",
    "UnusableTemplateError",
    "check_file",
    "check_template",
]


def __getattr__(name: str) -> object:
    # The plugin needs aws_cdk, which takes a second to import; checking a template does not.
    if name == "SageMakerPreflight":
        from sagemaker_hosting.preflight._plugin import SageMakerPreflight  # noqa: PLC0415

        return SageMakerPreflight
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

import re
from collections.abc import Iterator
from typing import Any

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._schema import checked_types, shaped
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for place in shaped(resource):
        if place.kind == "string" and not _matches(place.shape, place.value.text):
            yield place.value.must(f"match {place.shape['pattern']}", fix="Change the characters that do not match")
        if place.kind == "map":
            for name, entry in place.value.entries:
                if not _matches(place.shape["key"], name):
                    yield entry.flaw(f"has a name that does not match {place.shape['key']['pattern']}", fix="Rename it")


def _matches(shape: dict[str, Any], text: str | None) -> bool:
    pattern = shape.get("pattern")
    if pattern is None or text is None or len(text) > shape.get("max", 1024):
        return True
    return re.fullmatch(pattern, text) is not None


RULE = Rule(
    id="property-pattern",
    severity=Severity.ERROR,
    types=checked_types(),
    title="A name, ARN or URI has the form of its property",
    reason=(
        "The service checks names, ARNs and URIs against a pattern and refuses what does not match, such as a "
        "variant name with an underscore or an environment variable name with a dash."
    ),
    fix="Use only the characters and the form that the pattern in the message allows.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: all_traffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: all-traffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
""",
    check=_check,
)

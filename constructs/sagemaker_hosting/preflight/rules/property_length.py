from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._schema import checked_types, shaped
from sagemaker_hosting.preflight._value import Flaw, Value


def _check(resource: Resource) -> Iterator[Flaw]:
    for place in shaped(resource):
        size = _size(place.kind, place.value)
        low, high = place.shape.get("min", 0), place.shape.get("max")
        if size is not None and (size < low or (high is not None and size > high)):
            unit = "characters" if place.kind == "string" else "entries"
            allowed = f"{low} to {high}" if high is not None else f"at least {low}"
            fix = "Shorten it" if high is not None and size > high else f"Give it at least {low}"
            yield place.value.flaw(f"has {size} {unit}; allowed are {allowed}", fix=fix)
        longest = place.shape.get("key", {}).get("max")
        for name, _ in place.value.entries if longest is not None else ():
            if len(name) > longest:
                yield place.value.flaw(f"has a key of {len(name)} characters; allowed are {longest}", fix="Shorten it")


def _size(kind: str, value: Value) -> int | None:
    if kind == "string":
        return len(value.text) if value.text is not None else None
    if kind == "list":
        return len(value.items) if value.complete else None
    return len(value.entries) if kind == "map" and isinstance(value.raw, dict) else None


RULE = Rule(
    id="property-length",
    severity=Severity.ERROR,
    types=checked_types(),
    title="A string, list or map has an allowed size",
    reason=(
        "The service refuses strings with too few or too many characters and lists or maps with too few or too "
        "many entries."
    ),
    fix="Shorten or extend the value.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants: []
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
""",
    check=_check,
)

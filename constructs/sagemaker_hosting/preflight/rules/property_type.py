from collections.abc import Callable, Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._schema import checked_types, shaped
from sagemaker_hosting.preflight._value import Flaw, Value

_EXPECTED = {
    "object": "a map of properties",
    "list": "a list",
    "map": "a map",
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


_FITS: dict[str, Callable[[Value], bool]] = {
    "object": lambda value: isinstance(value.raw, dict),
    "list": lambda value: isinstance(value.raw, list),
    # CloudFormation takes a map of strings as JSON text, too.
    "map": lambda value: isinstance(value.raw, dict | str),
    "string": lambda value: value.text is not None,
    "integer": lambda value: value.integer is not None,
    "number": lambda value: value.number is not None,
    "boolean": lambda value: value.flag is not None,
}


def _check(resource: Resource) -> Iterator[Flaw]:
    for place in shaped(resource):
        if place.kind in _FITS and not _FITS[place.kind](place.value):
            expected = _EXPECTED[place.kind]
            yield place.value.must(f"be {expected}", fix=f"Write {expected}")


RULE = Rule(
    id="property-type",
    severity=Severity.ERROR,
    types=checked_types(),
    title="Every property has the type of its schema",
    reason=(
        "A list where one value belongs, or text where a number belongs, fails the validation that "
        "CloudFormation does before it calls the service."
    ),
    fix="Write the value in the type that the property has.",
    sources=("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: one
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

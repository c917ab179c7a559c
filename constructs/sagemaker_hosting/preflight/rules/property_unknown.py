import difflib
from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._schema import checked_types, shaped
from sagemaker_hosting.preflight._value import Flaw

# No property's name is that long, and no resource has so many that are misspelled.
_LONGEST = 100


def _check(resource: Resource) -> Iterator[Flaw]:
    for place in shaped(resource):
        if place.kind != "object" or not place.shape["members"]:
            continue
        members = place.shape["members"]
        lowered = {name.lower(): name for name in members}
        unknown = [
            (name, value) for name, value in place.value.entries if name not in members and len(name) <= _LONGEST
        ]
        for name, value in unknown[:_LONGEST]:
            near = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.85)
            if near and place.value[lowered[near[0]]].missing:
                yield value.flaw("is not a property of this resource", fix=f"Write {lowered[near[0]]}")


RULE = Rule(
    id="property-unknown",
    severity=Severity.ERROR,
    types=checked_types(),
    title="A property is not misspelled",
    reason=(
        "CloudFormation stops at a property that the resource type does not have. Only names that are close to "
        "a real one are flagged, because AWS adds properties."
    ),
    fix="Write the property's name as the schema has it.",
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
          InitialInstanceCounts: 1
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

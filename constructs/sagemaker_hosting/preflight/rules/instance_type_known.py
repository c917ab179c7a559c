from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._instances import is_new
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._schema import checked_types, shaped
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for place in shaped(resource):
        text = place.value.text
        if place.shape.get("instance") is not None and text is not None and is_new(text):
            yield place.value.flaw(f"is {place.value.shown}, of a family that is not known", fix="Check the name")


RULE = Rule(
    id="instance-type-known",
    severity=Severity.WARNING,
    types=checked_types(),
    title="An instance type is of a family that is known",
    reason=(
        "AWS adds instance families, so one that the service model of this version does not know may exist. It "
        "may also be a slip of the pen."
    ),
    fix="Check the name, or update the library.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html",
        "https://aws.amazon.com/sagemaker/ai/pricing/",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.mm5.large
          InitialInstanceCount: 1
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

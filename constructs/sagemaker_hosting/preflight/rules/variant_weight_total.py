from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    variants = config["ProductionVariants"]
    weights = [variant["InitialVariantWeight"] for variant in variants.items]
    if variants.complete and weights and all(weight.number == 0 for weight in weights):
        yield weights[0].flaw("is 0, as is that of every other variant", fix="Give one variant a weight above 0")


RULE = Rule(
    id="variant-weight-total",
    severity=Severity.WARNING,
    types=(ENDPOINT_CONFIG,),
    title="Some variant gets traffic",
    reason=(
        "A variant's share of the requests is its weight divided by the sum of all weights. With a sum of zero "
        "only requests that name a variant themselves can be routed."
    ),
    fix="Give at least one variant a weight above 0.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
          InitialVariantWeight: 0
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
          InitialVariantWeight: 1
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants, duplicates
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for name in duplicates(variant["VariantName"] for variant in all_variants(config)):
        yield name.flaw(f"is {name.shown} for the second time", fix="Rename one of the variants")


RULE = Rule(
    id="variant-name-duplicate",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="The variants of an endpoint have different names",
    reason=(
        "A request, a metric and a scalable target name a variant. SageMaker refuses a configuration in which a"
        " name is not unique."
    ),
    fix="Rename one of the variants.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris-1
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
        - VariantName: AllTraffic
          ModelName: iris-2
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: Champion
          ModelName: iris-1
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
        - VariantName: Challenger
          ModelName: iris-2
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    shadows = config["ShadowProductionVariants"]
    if not shadows.items:
        return
    for variants in (config["ProductionVariants"], shadows):
        if variants.complete and len(variants.items) > 1:
            yield variants.flaw(f"has {len(variants.items)} variants in a shadow test; allowed is one", fix="Keep one")


RULE = Rule(
    id="shadow-variant-count",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A shadow test compares one variant with one other",
    reason=(
        "With ShadowProductionVariants, the API accepts one variant in ProductionVariants and one in "
        "ShadowProductionVariants."
    ),
    fix="Keep one production and one shadow variant.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: Champion
          ModelName: iris-1
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
      ShadowProductionVariants:
        - VariantName: Shadow1
          ModelName: iris-2
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
        - VariantName: Shadow2
          ModelName: iris-3
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
      ShadowProductionVariants:
        - VariantName: Shadow
          ModelName: iris-2
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
""",
    check=_check,
)

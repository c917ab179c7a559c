from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import production_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    variants = production_variants(config)
    if not any(variant["ModelName"].given for variant in variants):
        return
    for variant in variants:
        if variant["ModelName"].missing and variant["InstancePools"].missing:
            yield variant["ModelName"].flaw("is missing, although other variants have one", fix="Add it")


RULE = Rule(
    id="variant-model-some",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="Either all variants of an endpoint name a model or none",
    reason=(
        "Without models in its variants, an endpoint hosts inference components. An endpoint is of one kind or "
        "the other."
    ),
    fix="Give every variant a ModelName, or none and deploy inference components.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-deploy-models.html",
    ),
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
        - VariantName: Challenger
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

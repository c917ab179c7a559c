from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        if variant["AcceleratorType"].given:
            yield variant["AcceleratorType"].flaw("names a service that has ended", fix="Remove it")


RULE = Rule(
    id="variant-elastic-inference",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A variant does not ask for Elastic Inference",
    reason="Amazon Elastic Inference is no longer available, and the API no longer supports AcceleratorType.",
    fix="Remove AcceleratorType and choose an instance type with a GPU or an Inferentia chip.",
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
          AcceleratorType: ml.eia2.medium
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.g5.xlarge
          InitialInstanceCount: 1
""",
    check=_check,
)

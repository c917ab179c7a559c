from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        count = variant["InitialInstanceCount"]
        on_instances = variant["InstanceType"].given and variant["ModelName"].given
        if on_instances and count.missing and variant["ManagedInstanceScaling"].missing:
            yield count.flaw("is missing", fix="Add the number of instances to start with")


RULE = Rule(
    id="variant-instance-count",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A variant on instances says how many",
    reason="A variant that hosts a model on instances needs InitialInstanceCount. There is no default.",
    fix="Add InitialInstanceCount.",
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

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import config_of, production_variants, serverless_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT
from sagemaker_hosting.preflight._value import Flaw


def _check(endpoint: Resource) -> Iterator[Flaw]:
    rolling, config = endpoint["DeploymentConfig"]["RollingUpdatePolicy"], config_of(endpoint)
    if config is None or not rolling.given:
        return
    several = config["ProductionVariants"].complete and len(production_variants(config)) > 1
    if several or any(serverless_variants(config)):
        kind = "several variants" if several else "a serverless variant"
        yield rolling.flaw(f"is given for an endpoint with {kind}", fix="Use BlueGreenUpdatePolicy")


RULE = Rule(
    id="deployment-rolling-exclusions",
    severity=Severity.ERROR,
    types=(ENDPOINT,),
    title="A rolling deployment is for one variant on instances",
    reason="Rolling deployments are excluded for serverless endpoints and for endpoints of several variants.",
    fix="Use a blue/green deployment.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - { VariantName: Champion, ModelName: iris-1, InstanceType: ml.m5.large, InitialInstanceCount: 4 }
        - { VariantName: Challenger, ModelName: iris-2, InstanceType: ml.m5.large, InitialInstanceCount: 4 }
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
      DeploymentConfig:
        RollingUpdatePolicy:
          MaximumBatchSize: { Type: CAPACITY_PERCENT, Value: 25 }
          WaitIntervalInSeconds: 60
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - { VariantName: Champion, ModelName: iris-1, InstanceType: ml.m5.large, InitialInstanceCount: 4 }
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
      DeploymentConfig:
        RollingUpdatePolicy:
          MaximumBatchSize: { Type: CAPACITY_PERCENT, Value: 25 }
          WaitIntervalInSeconds: 60
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants, config_of, instance_types
from sagemaker_hosting.preflight._instances import family
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT
from sagemaker_hosting.preflight._value import Flaw


def _check(endpoint: Resource) -> Iterator[Flaw]:
    policy, config = endpoint["DeploymentConfig"]["BlueGreenUpdatePolicy"], config_of(endpoint)
    kind = policy["TrafficRoutingConfiguration"]["Type"].text
    if config is None or kind not in ("CANARY", "LINEAR"):
        return
    for variant in all_variants(config):
        inf1 = any(family(value.text or "") == "inf1" for value in instance_types(variant))
        if inf1 or variant["ServerlessConfig"].given:
            yield policy.flaw(f"asks for {kind}, which this endpoint does not support", fix="Use ALL_AT_ONCE")
            return


RULE = Rule(
    id="deployment-guardrail-exclusions",
    severity=Severity.WARNING,
    types=(ENDPOINT,),
    title="A guarded deployment is for an endpoint that supports it",
    reason=(
        "Deployment guardrails apply to real-time and asynchronous endpoints, not to serverless ones or Inf1 "
        "instances. There, SageMaker shifts all traffic at once and without a baking period."
    ),
    fix="Remove the policy, or use other instances.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 }
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          TrafficRoutingConfiguration:
            Type: CANARY
            CanarySize: { Type: CAPACITY_PERCENT, Value: 25 }
            WaitIntervalInSeconds: 300
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - { VariantName: AllTraffic, ModelName: iris, InstanceType: ml.m5.large, InitialInstanceCount: 2 }
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          TrafficRoutingConfiguration:
            Type: CANARY
            CanarySize: { Type: CAPACITY_PERCENT, Value: 25 }
            WaitIntervalInSeconds: 300
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import config_of, production_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT
from sagemaker_hosting.preflight._value import Flaw


def _check(endpoint: Resource) -> Iterator[Flaw]:
    config = config_of(endpoint)
    deployment = endpoint["DeploymentConfig"]
    routing = deployment["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    counts = [one["InitialInstanceCount"].integer for one in production_variants(config)] if config is not None else []
    least = min((count for count in counts if count is not None), default=None)
    for size in (
        routing["CanarySize"],
        routing["LinearStepSize"],
        deployment["RollingUpdatePolicy"]["MaximumBatchSize"],
    ):
        value = size["Value"].integer
        if size["Type"].text == "INSTANCE_COUNT" and value is not None and least is not None and 2 * value > least:
            yield size["Value"].flaw(
                f"is {value} of {least} instances; allowed is half of them", fix="Lower it or use CAPACITY_PERCENT"
            )


RULE = Rule(
    id="deployment-step-instances",
    severity=Severity.WARNING,
    types=(ENDPOINT,),
    title="A step counted in instances is at most half of the instances",
    reason=(
        "A step may shift at most 50 % of a variant's instances. The rule compares with InitialInstanceCount, "
        "as the number that scaling sets later is not in the template."
    ),
    fix="Lower the number, use CAPACITY_PERCENT, or start with more instances.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_RollingUpdatePolicy.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 2
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          TrafficRoutingConfiguration:
            Type: CANARY
            CanarySize: { Type: INSTANCE_COUNT, Value: 2 }
            WaitIntervalInSeconds: 300
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
          InitialInstanceCount: 2
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          TrafficRoutingConfiguration:
            Type: CANARY
            CanarySize: { Type: INSTANCE_COUNT, Value: 1 }
            WaitIntervalInSeconds: 300
""",
    check=_check,
)

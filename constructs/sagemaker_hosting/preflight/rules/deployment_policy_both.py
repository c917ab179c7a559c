from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT
from sagemaker_hosting.preflight._value import Flaw


def _check(endpoint: Resource) -> Iterator[Flaw]:
    deployment = endpoint["DeploymentConfig"]
    if deployment["BlueGreenUpdatePolicy"].given and deployment["RollingUpdatePolicy"].given:
        yield deployment["RollingUpdatePolicy"].flaw("is given together with BlueGreenUpdatePolicy", fix="Remove one")


RULE = Rule(
    id="deployment-policy-both",
    severity=Severity.ERROR,
    types=(ENDPOINT,),
    title="A deployment is blue/green or rolling",
    reason="The API accepts one update policy per deployment configuration.",
    fix="Remove BlueGreenUpdatePolicy or RollingUpdatePolicy.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeploymentConfig.html",),
    bad="""
Resources:
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: iris
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          TrafficRoutingConfiguration: { Type: ALL_AT_ONCE, WaitIntervalInSeconds: 0 }
        RollingUpdatePolicy:
          MaximumBatchSize: { Type: CAPACITY_PERCENT, Value: 25 }
          WaitIntervalInSeconds: 60
""",
    good="""
Resources:
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: iris
      DeploymentConfig:
        RollingUpdatePolicy:
          MaximumBatchSize: { Type: CAPACITY_PERCENT, Value: 25 }
          WaitIntervalInSeconds: 60
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT
from sagemaker_hosting.preflight._value import Flaw

_TYPES = {"CanarySize": "CANARY", "LinearStepSize": "LINEAR"}


def _check(endpoint: Resource) -> Iterator[Flaw]:
    routing = endpoint["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    kind = routing["Type"].text
    for size, needed in _TYPES.items():
        if routing[size].given and kind not in (None, needed):
            yield routing[size].flaw(f"has no effect when Type is {kind}", fix=f"Remove it or set Type to {needed}")


RULE = Rule(
    id="deployment-step-unused",
    severity=Severity.WARNING,
    types=(ENDPOINT,),
    title="A step size belongs to the type of the deployment",
    reason="CanarySize has an effect only in a CANARY deployment, LinearStepSize only in a LINEAR one.",
    fix="Remove the size, or change Type.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html",),
    bad="""
Resources:
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: iris
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          TrafficRoutingConfiguration:
            Type: ALL_AT_ONCE
            CanarySize: { Type: CAPACITY_PERCENT, Value: 25 }
            WaitIntervalInSeconds: 300
""",
    good="""
Resources:
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: iris
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          TrafficRoutingConfiguration:
            Type: ALL_AT_ONCE
            WaitIntervalInSeconds: 300
""",
    check=_check,
)

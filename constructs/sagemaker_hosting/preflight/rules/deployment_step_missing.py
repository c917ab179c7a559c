from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT
from sagemaker_hosting.preflight._value import Flaw

_SIZES = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}


def _check(endpoint: Resource) -> Iterator[Flaw]:
    routing = endpoint["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    size = _SIZES.get(routing["Type"].text or "")
    if size is not None and routing[size].missing:
        yield routing[size].flaw(f"is required when Type is {routing['Type'].text}", fix="Add it")


RULE = Rule(
    id="deployment-step-missing",
    severity=Severity.ERROR,
    types=(ENDPOINT,),
    title="A canary or linear deployment has a step size",
    reason=(
        "A canary deployment shifts CanarySize first, a linear one LinearStepSize at a time. Neither has a default."
    ),
    fix="Add the size that belongs to the type.",
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
            Type: CANARY
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
            Type: CANARY
            CanarySize: { Type: CAPACITY_PERCENT, Value: 25 }
            WaitIntervalInSeconds: 300
""",
    check=_check,
)

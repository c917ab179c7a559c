from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT
from sagemaker_hosting.preflight._value import Flaw


def _check(endpoint: Resource) -> Iterator[Flaw]:
    deployment = endpoint["DeploymentConfig"]
    routing = deployment["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    for size, low in (
        (routing["CanarySize"], 1),
        (routing["LinearStepSize"], 10),
        (deployment["RollingUpdatePolicy"]["MaximumBatchSize"], 5),
    ):
        share = size["Value"].number
        if size["Type"].text == "CAPACITY_PERCENT" and share is not None and not low <= share <= 50:  # noqa: PLR2004
            yield size["Value"].must(f"be from {low} to 50 when Type is CAPACITY_PERCENT", fix="Change the percentage")


RULE = Rule(
    id="deployment-step-size",
    severity=Severity.ERROR,
    types=(ENDPOINT,),
    title="A step of a deployment shifts an allowed share of the capacity",
    reason="A canary shifts at most 50 % of the capacity, a linear step 10 to 50 %, and a rolling batch 5 to 50 %.",
    fix="Choose a percentage in the range.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_RollingUpdatePolicy.html",
    ),
    bad="""
Resources:
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: iris
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          TrafficRoutingConfiguration:
            Type: LINEAR
            LinearStepSize: { Type: CAPACITY_PERCENT, Value: 5 }
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
            Type: LINEAR
            LinearStepSize: { Type: CAPACITY_PERCENT, Value: 10 }
            WaitIntervalInSeconds: 300
""",
    check=_check,
)

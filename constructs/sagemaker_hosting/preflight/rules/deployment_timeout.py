from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT
from sagemaker_hosting.preflight._value import Flaw


def _check(endpoint: Resource) -> Iterator[Flaw]:
    policy = endpoint["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    timeout = policy["MaximumExecutionTimeoutInSeconds"]
    waits = (
        policy["TerminationWaitInSeconds"].integer or 0,
        policy["TrafficRoutingConfiguration"]["WaitIntervalInSeconds"].integer or 0,
    )
    if timeout.integer is not None and timeout.integer <= sum(waits):
        yield timeout.must(f"be larger than the waits together ({sum(waits)})", fix="Raise it or shorten the waits")


RULE = Rule(
    id="deployment-timeout",
    severity=Severity.ERROR,
    types=(ENDPOINT,),
    title="A deployment has time for its waits",
    reason=(
        "MaximumExecutionTimeoutInSeconds must be larger than the waiting times together, or the deployment "
        "times out and rolls back every time."
    ),
    fix="Raise the timeout or shorten the waits.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_BlueGreenUpdatePolicy.html",),
    bad="""
Resources:
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: iris
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          MaximumExecutionTimeoutInSeconds: 600
          TerminationWaitInSeconds: 600
          TrafficRoutingConfiguration: { Type: ALL_AT_ONCE, WaitIntervalInSeconds: 300 }
""",
    good="""
Resources:
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: iris
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          MaximumExecutionTimeoutInSeconds: 3600
          TerminationWaitInSeconds: 600
          TrafficRoutingConfiguration: { Type: ALL_AT_ONCE, WaitIntervalInSeconds: 300 }
""",
    check=_check,
)

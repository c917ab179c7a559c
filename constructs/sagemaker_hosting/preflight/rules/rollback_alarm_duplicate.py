from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import duplicates
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT
from sagemaker_hosting.preflight._value import Flaw


def _check(endpoint: Resource) -> Iterator[Flaw]:
    alarms = endpoint["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"].items
    for name in duplicates(alarm["AlarmName"] for alarm in alarms):
        yield name.flaw(f"is {name.shown} for the second time", fix="Remove the entry or name another alarm")


RULE = Rule(
    id="rollback-alarm-duplicate",
    severity=Severity.WARNING,
    types=(ENDPOINT,),
    title="A rollback alarm is listed once",
    reason="An alarm that is listed twice watches nothing more, and usually stands where another alarm was meant.",
    fix="Remove the entry, or name the other alarm.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoRollbackConfig.html",),
    bad="""
Resources:
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: iris
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          TrafficRoutingConfiguration: { Type: ALL_AT_ONCE, WaitIntervalInSeconds: 300 }
        AutoRollbackConfiguration:
          Alarms: [{ AlarmName: errors }, { AlarmName: errors }]
""",
    good="""
Resources:
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: iris
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          TrafficRoutingConfiguration: { Type: ALL_AT_ONCE, WaitIntervalInSeconds: 300 }
        AutoRollbackConfiguration:
          Alarms: [{ AlarmName: errors }, { AlarmName: latency }]
""",
    check=_check,
)

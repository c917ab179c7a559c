from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._metrics import endpoint_metrics
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALARM, ENDPOINT
from sagemaker_hosting.preflight._value import Flaw


def _check(endpoint: Resource) -> Iterator[Flaw]:
    own = endpoint["EndpointName"].sub
    for entry in endpoint["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"].items:
        alarm = entry["AlarmName"].target(ALARM)
        for metric in endpoint_metrics(alarm) if alarm is not None else ():
            watched = metric.dimension("EndpointName")
            if watched is None or metric.endpoint is endpoint or watched.sub in (None, own):
                continue
            other = metric.endpoint is not None or (own is not None and "${" not in own + (watched.sub or ""))
            if alarm is not None and other:
                yield entry["AlarmName"].flaw(
                    f"names {alarm.logical_id}, which watches endpoint {watched.sub}", fix="Watch this endpoint"
                )


RULE = Rule(
    id="rollback-alarm-endpoint",
    severity=Severity.WARNING,
    types=(ENDPOINT,),
    title="A rollback alarm watches the endpoint that is deployed",
    reason="An alarm on another endpoint says nothing about the new fleet, so a bad model is not rolled back.",
    fix="Give the alarm this endpoint's name in its EndpointName dimension.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoRollbackConfig.html",
    ),
    bad="""
Resources:
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointName: iris
      EndpointConfigName: iris
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          TrafficRoutingConfiguration: { Type: ALL_AT_ONCE, WaitIntervalInSeconds: 300 }
        AutoRollbackConfiguration:
          Alarms: [{ AlarmName: !Ref Errors }]
  Errors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SageMaker
      MetricName: Invocation5XXErrors
      Dimensions:
        - { Name: EndpointName, Value: wine }
        - { Name: VariantName, Value: AllTraffic }
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
""",
    good="""
Resources:
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointName: iris
      EndpointConfigName: iris
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          TrafficRoutingConfiguration: { Type: ALL_AT_ONCE, WaitIntervalInSeconds: 300 }
        AutoRollbackConfiguration:
          Alarms: [{ AlarmName: !Ref Errors }]
  Errors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SageMaker
      MetricName: Invocation5XXErrors
      Dimensions:
        - { Name: EndpointName, Value: iris }
        - { Name: VariantName, Value: AllTraffic }
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
""",
    check=_check,
)

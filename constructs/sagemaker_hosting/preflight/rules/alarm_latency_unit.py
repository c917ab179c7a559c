from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._metrics import endpoint_metrics
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALARM, ENDPOINT
from sagemaker_hosting.preflight._value import Flaw


def _check(alarm: Resource) -> Iterator[Flaw]:
    threshold = alarm["Threshold"].number
    if not _acts(alarm):
        return
    for metric in endpoint_metrics(alarm):
        latency = metric.name.text in ("ModelLatency", "OverheadLatency") and alarm["Metrics"].missing
        counted = alarm["Statistic"].text == "SampleCount"
        if latency and not counted and threshold is not None and 0 < threshold < 1000:  # noqa: PLR2004  a millisecond
            yield alarm["Threshold"].flaw(
                f"is {threshold:g} microseconds", fix=f"Write {threshold * 1000:g} for {threshold:g} milliseconds"
            )


def _acts(alarm: Resource) -> bool:
    """Whether somebody is called, or a deployment rolled back, when the alarm goes off."""
    rollbacks = (
        entry["AlarmName"].target(ALARM)
        for endpoint in alarm.template.of_type(ENDPOINT)
        for entry in endpoint["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"].items
    )
    return alarm["AlarmActions"].given or alarm in rollbacks


RULE = Rule(
    id="alarm-latency-unit",
    severity=Severity.WARNING,
    types=(ALARM,),
    title="A latency threshold is in microseconds",
    reason=(
        "ModelLatency and OverheadLatency are published in microseconds. A threshold below 1000 is less than a "
        "millisecond, which usually means that milliseconds or seconds were meant: whoever the alarm calls is called "
        "all the time."
    ),
    fix="Multiply milliseconds by 1000.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html",),
    bad="""
Resources:
  Slow:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SageMaker
      MetricName: ModelLatency
      Dimensions:
        - { Name: EndpointName, Value: iris }
        - { Name: VariantName, Value: AllTraffic }
      ExtendedStatistic: p99
      Period: 60
      EvaluationPeriods: 3
      Threshold: 250
      ComparisonOperator: GreaterThanThreshold
      AlarmActions: [arn:aws:sns:eu-west-1:111122223333:on-call]
""",
    good="""
Resources:
  Slow:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SageMaker
      MetricName: ModelLatency
      Dimensions:
        - { Name: EndpointName, Value: iris }
        - { Name: VariantName, Value: AllTraffic }
      ExtendedStatistic: p99
      Period: 60
      EvaluationPeriods: 3
      Threshold: 250000
      ComparisonOperator: GreaterThanThreshold
      AlarmActions: [arn:aws:sns:eu-west-1:111122223333:on-call]
""",
    check=_check,
)

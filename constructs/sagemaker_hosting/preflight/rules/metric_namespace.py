from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._metrics import INVOCATIONS, metrics
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALARM, SCALING_POLICY
from sagemaker_hosting.preflight._value import Flaw

_INSTANCES = "/aws/sagemaker/Endpoints"


def _check(resource: Resource) -> Iterator[Flaw]:
    for metric in metrics(resource):
        if metric.dimension("EndpointName") is None or metric.namespace.text is None:
            continue
        right = _INSTANCES if metric.is_in("instance") else INVOCATIONS if metric.is_in("invocation") else None
        near = metric.namespace.text.strip("/").lower() in ("aws/sagemaker", "aws/sagemaker/endpoints")
        if right is not None and near and metric.namespace.text != right:
            yield metric.namespace.must(f"be {right} for {metric.name.text}", fix=f"Use {right}")


RULE = Rule(
    id="metric-namespace",
    severity=Severity.ERROR,
    types=(ALARM, SCALING_POLICY),
    title="An endpoint metric is looked up in its namespace",
    reason=(
        "Invocation metrics are in AWS/SageMaker, those of the instances in /aws/sagemaker/Endpoints. Elsewhere"
        " there is never a data point, so the alarm never fires."
    ),
    fix="Use the namespace that the metric is published in.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html",),
    bad="""
Resources:
  Busy:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SageMaker
      MetricName: CPUUtilization
      Dimensions:
        - { Name: EndpointName, Value: iris }
        - { Name: VariantName, Value: AllTraffic }
      Statistic: Average
      Period: 60
      EvaluationPeriods: 3
      Threshold: 90
      ComparisonOperator: GreaterThanThreshold
""",
    good="""
Resources:
  Busy:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: /aws/sagemaker/Endpoints
      MetricName: CPUUtilization
      Dimensions:
        - { Name: EndpointName, Value: iris }
        - { Name: VariantName, Value: AllTraffic }
      Statistic: Average
      Period: 60
      EvaluationPeriods: 3
      Threshold: 90
      ComparisonOperator: GreaterThanThreshold
""",
    check=_check,
)

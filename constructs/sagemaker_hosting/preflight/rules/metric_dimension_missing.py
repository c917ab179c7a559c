from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._metrics import endpoint_metrics
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALARM, SCALING_POLICY
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for metric in endpoint_metrics(resource):
        names = metric.dimension_names
        if names is None or not (metric.is_in("invocation") or metric.is_in("instance")):
            continue
        missing = [name for name in ("EndpointName", "VariantName") if name not in names]
        if missing and "InferenceComponentName" not in names:
            yield metric.dimensions.flaw(f"lacks {' and '.join(missing)}", fix="Add the dimension")


RULE = Rule(
    id="metric-dimension-missing",
    severity=Severity.WARNING,
    types=(ALARM, SCALING_POLICY),
    title="An endpoint metric names endpoint and variant",
    reason=(
        "SageMaker publishes these metrics per endpoint and variant. CloudWatch does not add up over a "
        "dimension that is left out, so there is no data point."
    ),
    fix="Add the dimension.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html",),
    bad="""
Resources:
  Errors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SageMaker
      MetricName: Invocation5XXErrors
      Dimensions:
        - { Name: EndpointName, Value: iris }
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
""",
    good="""
Resources:
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

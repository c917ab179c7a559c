import difflib
from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._metrics import endpoint_metrics
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALARM, SCALING_POLICY
from sagemaker_hosting.preflight._value import Flaw

_NAMES = (
    "EndpointName",
    "VariantName",
    "InferenceComponentName",
    "ContainerName",
    "InstanceType",
    "InstanceId",
    "GpuId",
)


def _check(resource: Resource) -> Iterator[Flaw]:
    lowered = {name.lower(): name for name in (*_NAMES, "endpoint", "variant")}
    for metric in endpoint_metrics(resource):
        if not (metric.is_in("invocation") or metric.is_in("instance") or metric.is_in("asynchronous")):
            continue
        for dimension in metric.dimensions.items:
            name = dimension["Name"].text
            if name is None or name in _NAMES or len(name) > 100:  # noqa: PLR2004  no dimension is called that
                continue
            if difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.8):
                yield dimension["Name"].must("be EndpointName or VariantName", fix="Use the published dimension")


RULE = Rule(
    id="metric-dimension-name",
    severity=Severity.ERROR,
    types=(ALARM, SCALING_POLICY),
    title="An endpoint metric has the dimensions it is published with",
    reason=(
        "CloudWatch looks a metric up by its exact set of dimensions. With a name that SageMaker does not use "
        "there is never a data point, so the alarm never fires."
    ),
    fix="Use the dimensions EndpointName and VariantName.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html",),
    bad="""
Resources:
  Errors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SageMaker
      MetricName: Invocation5XXErrors
      Dimensions:
        - { Name: Endpoint, Value: iris }
        - { Name: VariantName, Value: AllTraffic }
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

import difflib
from collections.abc import Iterator

from sagemaker_hosting.facts import facts
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._metrics import endpoint_metrics
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALARM, SCALING_POLICY
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    published = [name for names in _groups() for name in names]
    lowered = {name.lower(): name for name in published}
    for metric in endpoint_metrics(resource):
        name = metric.name.text
        if name is None or name in published or len(name) > 100:  # noqa: PLR2004  no metric is called that
            continue
        near = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.9)
        if near:
            yield metric.name.flaw(f"is {metric.name.shown}, which is never published", fix=f"Write {lowered[near[0]]}")


def _groups() -> list[list[str]]:
    groups = facts("catalog")["endpoint_metrics"]
    return [groups["invocation"], groups["instance"], groups["asynchronous"]]


RULE = Rule(
    id="metric-name",
    severity=Severity.ERROR,
    types=(ALARM, SCALING_POLICY),
    title="An endpoint metric is not misspelled",
    reason=(
        "CloudWatch accepts any metric name. One that SageMaker does not publish never has a data point, so the"
        " alarm never fires."
    ),
    fix="Write the metric's name as SageMaker publishes it.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html",),
    bad="""
Resources:
  Errors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SageMaker
      MetricName: Invocations5XXErrors
      Dimensions:
        - { Name: EndpointName, Value: iris }
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

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import config_of, variant_names
from sagemaker_hosting.preflight._metrics import endpoint_metrics
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALARM, SCALING_POLICY
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for metric in endpoint_metrics(resource):
        variant, config = metric.dimension("VariantName"), config_of(metric.endpoint)
        names = variant_names(config) if config is not None else None
        if variant is not None and names and variant.text is not None and variant.text not in names:
            yield variant.must(f"be one of the endpoint's variants ({', '.join(names)})", fix="Use one of these names")


RULE = Rule(
    id="metric-variant-unknown",
    severity=Severity.ERROR,
    types=(ALARM, SCALING_POLICY),
    title="An endpoint metric names a variant that exists",
    reason="A variant name that the endpoint does not have never gets a data point, so the alarm never fires.",
    fix="Use one of the endpoint's variant names.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - { VariantName: AllTraffic, ModelName: iris, InstanceType: ml.m5.large, InitialInstanceCount: 1 }
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
  Errors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SageMaker
      MetricName: Invocation5XXErrors
      Dimensions:
        - { Name: EndpointName, Value: !GetAtt Endpoint.EndpointName }
        - { Name: VariantName, Value: Main }
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - { VariantName: AllTraffic, ModelName: iris, InstanceType: ml.m5.large, InitialInstanceCount: 1 }
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
  Errors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SageMaker
      MetricName: Invocation5XXErrors
      Dimensions:
        - { Name: EndpointName, Value: !GetAtt Endpoint.EndpointName }
        - { Name: VariantName, Value: AllTraffic }
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
""",
    check=_check,
)

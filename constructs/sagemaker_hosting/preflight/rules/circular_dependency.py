from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT, ENDPOINT_CONFIG, INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    if resource.logical_id in resource.depends_on:
        via = sorted(
            name
            for name in resource.direct_dependencies()
            if name in resource.template.resources and resource.logical_id in resource.template.dependencies(name)
        )
        yield resource.properties.flaw(f"waits for itself through {', '.join(via)}", fix="Break the circle")


RULE = Rule(
    id="circular-dependency",
    severity=Severity.ERROR,
    types=(MODEL, ENDPOINT_CONFIG, ENDPOINT, INFERENCE_COMPONENT, MODEL_PACKAGE),
    title="Resources do not wait for each other in a circle",
    reason=(
        "CloudFormation refuses a template with a circular dependency. A rollback alarm that takes the "
        "endpoint's name from the endpoint, which in turn names the alarm, is the usual one."
    ),
    fix="Break the circle, for example by giving the alarm or the endpoint a literal name.",
    sources=("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html",),
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
          Alarms: [{ AlarmName: !Ref Errors }]
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
          Alarms: [{ AlarmName: iris-errors }]
  Errors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: iris-errors
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

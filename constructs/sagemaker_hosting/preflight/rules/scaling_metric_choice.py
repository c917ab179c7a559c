from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._scaling import scaled
from sagemaker_hosting.preflight._template import SCALING_POLICY
from sagemaker_hosting.preflight._value import Flaw


def _check(policy: Resource) -> Iterator[Flaw]:
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    ready, own = tracking["PredefinedMetricSpecification"], tracking["CustomizedMetricSpecification"]
    if scaled(policy) is None or not tracking.literal:
        return
    if ready.given and own.given:
        yield own.flaw("is given together with PredefinedMetricSpecification", fix="Remove one of the two")
    if ready.missing and own.missing:
        yield ready.flaw("is missing, and so is CustomizedMetricSpecification", fix="Add one of the two")


RULE = Rule(
    id="scaling-metric-choice",
    severity=Severity.ERROR,
    types=(SCALING_POLICY,),
    title="Target tracking follows one metric",
    reason="A target tracking policy follows either a predefined or a customized metric. It needs one of them.",
    fix="Keep PredefinedMetricSpecification or CustomizedMetricSpecification.",
    sources=(
        "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html",
    ),
    bad="""
Resources:
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: load
      PolicyType: TargetTrackingScaling
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: endpoint/iris/variant/AllTraffic
      TargetTrackingScalingPolicyConfiguration:
        TargetValue: 70
""",
    good="""
Resources:
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: load
      PolicyType: TargetTrackingScaling
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: endpoint/iris/variant/AllTraffic
      TargetTrackingScalingPolicyConfiguration:
        TargetValue: 70
        PredefinedMetricSpecification: { PredefinedMetricType: SageMakerVariantInvocationsPerInstance }
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._scaling import scaled
from sagemaker_hosting.preflight._template import SCALING_POLICY
from sagemaker_hosting.preflight._value import Flaw

_CONFIGURATIONS = {
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "StepScaling": "StepScalingPolicyConfiguration",
}


def _check(policy: Resource) -> Iterator[Flaw]:
    needed = _CONFIGURATIONS.get(policy["PolicyType"].text or "")
    if needed is not None and policy[needed].missing and scaled(policy) is not None:
        yield policy[needed].flaw(f"is required when PolicyType is {policy['PolicyType'].text}", fix="Add it")


RULE = Rule(
    id="scaling-policy-type",
    severity=Severity.ERROR,
    types=(SCALING_POLICY,),
    title="A scaling policy has the configuration of its type",
    reason=(
        "TargetTrackingScaling needs TargetTrackingScalingPolicyConfiguration, StepScaling needs "
        "StepScalingPolicyConfiguration. Neither has a default."
    ),
    fix="Add the configuration that belongs to PolicyType.",
    sources=("https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html",),
    bad="""
Resources:
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: load
      PolicyType: StepScaling
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: endpoint/iris/variant/AllTraffic
      TargetTrackingScalingPolicyConfiguration:
        TargetValue: 70
        PredefinedMetricSpecification: { PredefinedMetricType: SageMakerVariantInvocationsPerInstance }
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

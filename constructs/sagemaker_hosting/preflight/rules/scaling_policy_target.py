from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import SCALING_POLICY
from sagemaker_hosting.preflight._value import Flaw

_PARTS = ("ResourceId", "ScalableDimension", "ServiceNamespace")


def _check(policy: Resource) -> Iterator[Flaw]:
    whole = policy["ScalingTargetId"]
    if whole.given and policy["ResourceId"].given:
        yield policy["ResourceId"].flaw("is given together with ScalingTargetId", fix="Remove one of the two")
    for name in _PARTS if whole.missing else ():
        if policy[name].missing:
            yield policy[name].flaw("is missing, and so is ScalingTargetId", fix="Add ScalingTargetId")
            return


RULE = Rule(
    id="scaling-policy-target",
    severity=Severity.ERROR,
    types=(SCALING_POLICY,),
    title="A scaling policy names its target once",
    reason=(
        "CloudFormation wants either ScalingTargetId, or ResourceId with ScalableDimension and "
        "ServiceNamespace, but not both."
    ),
    fix="Use ScalingTargetId with a Ref to the scalable target.",
    sources=(
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-applicationautoscaling-scalingpolicy.html",
    ),
    bad="""
Resources:
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: load
      PolicyType: TargetTrackingScaling
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

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import SCALING_POLICY
from sagemaker_hosting.preflight._value import Flaw


def _check(policy: Resource) -> Iterator[Flaw]:
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    metric = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"].text or ""
    target = tracking["TargetValue"].number
    if metric == "SageMakerVariantProvisionedConcurrencyUtilization" and target is not None and not 0 < target <= 1:
        yield tracking["TargetValue"].must(
            "be above 0 and at most 1 for a utilization", fix="Write a share, such as 0.7"
        )
    elif metric.startswith("SageMaker") and target is not None and target <= 0:
        yield tracking["TargetValue"].must("be above 0", fix="Write the load that one unit should carry")


RULE = Rule(
    id="scaling-target-value",
    severity=Severity.WARNING,
    types=(SCALING_POLICY,),
    title="A utilization target is a share",
    reason=(
        "SageMakerVariantProvisionedConcurrencyUtilization is a number from 0 to 1. A target of 70 is never "
        "reached, so the variant never scales out."
    ),
    fix="Write the target as a share, such as 0.7.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-autoscale.html",),
    bad="""
Resources:
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: load
      PolicyType: TargetTrackingScaling
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredProvisionedConcurrency
      ResourceId: endpoint/iris/variant/AllTraffic
      TargetTrackingScalingPolicyConfiguration:
        TargetValue: 70
        PredefinedMetricSpecification: { PredefinedMetricType: SageMakerVariantProvisionedConcurrencyUtilization }
""",
    good="""
Resources:
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: load
      PolicyType: TargetTrackingScaling
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredProvisionedConcurrency
      ResourceId: endpoint/iris/variant/AllTraffic
      TargetTrackingScalingPolicyConfiguration:
        TargetValue: 0.7
        PredefinedMetricSpecification: { PredefinedMetricType: SageMakerVariantProvisionedConcurrencyUtilization }
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._scaling import COPIES, INSTANCES, PROVISIONED_CONCURRENCY, scaled
from sagemaker_hosting.preflight._template import SCALING_POLICY
from sagemaker_hosting.preflight._value import Flaw

_METRICS = {
    INSTANCES: ("SageMakerVariantInvocationsPerInstance", "SageMakerVariantConcurrentRequestsPerModelHighResolution"),
    PROVISIONED_CONCURRENCY: ("SageMakerVariantProvisionedConcurrencyUtilization",),
    COPIES: (
        "SageMakerInferenceComponentInvocationsPerCopy",
        "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution",
    ),
}


def _check(policy: Resource) -> Iterator[Flaw]:
    found = scaled(policy)
    metric = policy["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"]["PredefinedMetricType"]
    allowed = _METRICS.get(found.dimension or "") if found is not None else None
    if allowed is not None and metric.text is not None and metric.text not in allowed:
        yield metric.must(f"be {' or '.join(allowed)} for this dimension", fix=f"Use {allowed[0]}")


RULE = Rule(
    id="scaling-metric",
    severity=Severity.ERROR,
    types=(SCALING_POLICY,),
    title="A predefined metric belongs to what is scaled",
    reason=(
        "Each predefined metric exists for one scalable dimension. Application Auto Scaling refuses any other "
        "combination."
    ),
    fix="Use a metric of the dimension.",
    sources=(
        "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html",
    ),
    bad="""
Resources:
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: load
      PolicyType: TargetTrackingScaling
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:inference-component:DesiredCopyCount
      ResourceId: inference-component/iris
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
      ScalableDimension: sagemaker:inference-component:DesiredCopyCount
      ResourceId: inference-component/iris
      TargetTrackingScalingPolicyConfiguration:
        TargetValue: 70
        PredefinedMetricSpecification: { PredefinedMetricType: SageMakerInferenceComponentInvocationsPerCopy }
""",
    check=_check,
)

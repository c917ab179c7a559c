import math
from collections.abc import Iterator
from itertools import pairwise

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._scaling import scaled
from sagemaker_hosting.preflight._template import SCALING_POLICY
from sagemaker_hosting.preflight._value import Flaw


def _check(policy: Resource) -> Iterator[Flaw]:
    steps = policy["StepScalingPolicyConfiguration"]["StepAdjustments"]
    if not steps.complete or scaled(policy) is None:
        return
    intervals = []
    for step in steps.items:
        bounds = (step["MetricIntervalLowerBound"], step["MetricIntervalUpperBound"])
        if any(bound.number is None and not bound.missing for bound in bounds):
            return
        low, high = (bound.number for bound in bounds)
        intervals.append((-math.inf if low is None else low, math.inf if high is None else high, step))
    intervals.sort(key=lambda interval: interval[:2])
    for low, high, step in intervals:
        if low >= high:
            yield step.flaw("has an interval that ends before it starts", fix="Swap the bounds")
    for (_, end, _), (start, _, step) in pairwise(intervals):
        if end != start:
            problem = "overlaps the step before it" if start < end else "leaves a gap to the step before it"
            yield step.flaw(problem, fix="Let it start where the other ends")


RULE = Rule(
    id="scaling-step-adjustments",
    severity=Severity.ERROR,
    types=(SCALING_POLICY,),
    title="The steps of a policy neither overlap nor leave gaps",
    reason=(
        "The intervals of step adjustments must join. At most one has no lower bound, at most one has no upper "
        "bound, and a lower bound is below its upper bound."
    ),
    fix="Let each interval start where another ends.",
    sources=(
        "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_StepAdjustment.html",
        "https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-step-scaling-policies.html",
    ),
    bad="""
Resources:
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: backlog
      PolicyType: StepScaling
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: endpoint/iris/variant/AllTraffic
      StepScalingPolicyConfiguration:
        AdjustmentType: ChangeInCapacity
        StepAdjustments:
          - { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 1 }
          - { MetricIntervalLowerBound: 20, ScalingAdjustment: 2 }
""",
    good="""
Resources:
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: backlog
      PolicyType: StepScaling
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: endpoint/iris/variant/AllTraffic
      StepScalingPolicyConfiguration:
        AdjustmentType: ChangeInCapacity
        StepAdjustments:
          - { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 1 }
          - { MetricIntervalLowerBound: 10, ScalingAdjustment: 2 }
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._scaling import is_named, is_sagemaker
from sagemaker_hosting.preflight._template import SCALABLE_TARGET
from sagemaker_hosting.preflight._value import Flaw


def _check(target: Resource) -> Iterator[Flaw]:
    name = target["ResourceId"]
    known_text = name.literal or "endpoint" in (name.sub or "")
    if is_sagemaker(target) and name.sub and known_text and "${?}" not in name.sub and not is_named(name.sub):
        yield name.must("be endpoint/NAME/variant/NAME or inference-component/NAME", fix="Write one of these forms")


RULE = Rule(
    id="scaling-resource-id",
    severity=Severity.ERROR,
    types=(SCALABLE_TARGET,),
    title="A scalable target of SageMaker names a variant or component",
    reason=(
        "Application Auto Scaling finds what to scale by endpoint/NAME/variant/NAME or "
        "inference-component/NAME, and refuses any other form."
    ),
    fix="Write the id in one of the two forms.",
    sources=(
        "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-code-register.html",
    ),
    bad="""
Resources:
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: iris/AllTraffic
      MinCapacity: 1
      MaxCapacity: 4
""",
    good="""
Resources:
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: endpoint/iris/variant/AllTraffic
      MinCapacity: 1
      MaxCapacity: 4
""",
    check=_check,
)

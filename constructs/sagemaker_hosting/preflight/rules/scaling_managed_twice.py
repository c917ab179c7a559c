from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._scaling import COPIES, INSTANCES, scaled
from sagemaker_hosting.preflight._template import SCALABLE_TARGET
from sagemaker_hosting.preflight._value import Flaw


def _check(target: Resource) -> Iterator[Flaw]:
    found = scaled(target)
    if found is None or found.variant is None or found.dimension != INSTANCES:
        return
    if found.variant["ManagedInstanceScaling"]["Status"].text == "ENABLED":
        yield target["ScalableDimension"].flaw(
            "counts instances that ManagedInstanceScaling counts as well", fix=f"Scale {COPIES} instead"
        )


RULE = Rule(
    id="scaling-managed-twice",
    severity=Severity.WARNING,
    types=(SCALABLE_TARGET,),
    title="One mechanism scales the instances of a variant",
    reason=(
        "With ManagedInstanceScaling, SageMaker itself sets the instance count of the variant by what the "
        "inference components need. A scaling policy that sets it as well works against that."
    ),
    fix="Scale the copies of the inference components, or disable ManagedInstanceScaling.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantManagedInstanceScaling.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      ProductionVariants:
        - VariantName: AllTraffic
          InstanceType: ml.g5.xlarge
          InitialInstanceCount: 1
          ManagedInstanceScaling: { Status: ENABLED, MinInstanceCount: 0, MaxInstanceCount: 2 }
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: !Sub endpoint/${Endpoint.EndpointName}/variant/AllTraffic
      MinCapacity: 1
      MaxCapacity: 2
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      ProductionVariants:
        - VariantName: AllTraffic
          InstanceType: ml.g5.xlarge
          InitialInstanceCount: 1
          ManagedInstanceScaling: { Status: ENABLED, MinInstanceCount: 0, MaxInstanceCount: 2 }
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:inference-component:DesiredCopyCount
      ResourceId: inference-component/iris
      MinCapacity: 1
      MaxCapacity: 2
""",
    check=_check,
)

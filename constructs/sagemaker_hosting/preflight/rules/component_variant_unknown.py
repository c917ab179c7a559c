from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import config_of, variant_names
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT, INFERENCE_COMPONENT
from sagemaker_hosting.preflight._value import Flaw


def _check(component: Resource) -> Iterator[Flaw]:
    config = config_of(component["EndpointName"].target(ENDPOINT))
    names = variant_names(config) if config is not None else None
    name = component["VariantName"]
    if names and name.text is not None and name.text not in names:
        yield name.must(f"be one of the endpoint's variants ({', '.join(names)})", fix="Use one of these names")


RULE = Rule(
    id="component-variant-unknown",
    severity=Severity.ERROR,
    types=(INFERENCE_COMPONENT,),
    title="A component is placed on a variant that exists",
    reason="CreateInferenceComponent refuses a variant name that the endpoint does not have.",
    fix="Use one of the endpoint's variant names.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateInferenceComponent.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      ProductionVariants:
        - { VariantName: AllTraffic, InstanceType: ml.g5.xlarge, InitialInstanceCount: 1 }
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
  Component:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      EndpointName: !GetAtt Endpoint.EndpointName
      VariantName: Main
      Specification:
        ModelName: iris
        ComputeResourceRequirements: { MinMemoryRequiredInMb: 1024 }
      RuntimeConfig: { CopyCount: 1 }
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      ProductionVariants:
        - { VariantName: AllTraffic, InstanceType: ml.g5.xlarge, InitialInstanceCount: 1 }
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
  Component:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      EndpointName: !GetAtt Endpoint.EndpointName
      VariantName: AllTraffic
      Specification:
        ModelName: iris
        ComputeResourceRequirements: { MinMemoryRequiredInMb: 1024 }
      RuntimeConfig: { CopyCount: 1 }
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import config_of, variant_named
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT, INFERENCE_COMPONENT
from sagemaker_hosting.preflight._value import Flaw


def _check(component: Resource) -> Iterator[Flaw]:
    config = config_of(component["EndpointName"].target(ENDPOINT))
    variant = variant_named(config, component["VariantName"].text or "") if config is not None else None
    if variant is None:
        return
    if variant["ModelName"].given or variant["ServerlessConfig"].given:
        kind = "names a model" if variant["ModelName"].given else "is serverless"
        yield component["VariantName"].flaw(
            f"is {variant['VariantName'].shown}, which {kind}", fix="Use another variant"
        )


RULE = Rule(
    id="component-endpoint-kind",
    severity=Severity.ERROR,
    types=(INFERENCE_COMPONENT,),
    title="A component is placed on an endpoint for components",
    reason="A variant that names a model, or that is serverless, cannot host inference components.",
    fix="Remove ModelName from the variant and run it on instances.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-deploy-models.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - { VariantName: AllTraffic, ModelName: iris, InstanceType: ml.g5.xlarge, InitialInstanceCount: 1 }
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

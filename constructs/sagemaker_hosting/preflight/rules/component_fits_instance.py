from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import config_of, variant_named
from sagemaker_hosting.preflight._instances import hardware
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT, INFERENCE_COMPONENT
from sagemaker_hosting.preflight._value import Flaw


def _check(component: Resource) -> Iterator[Flaw]:
    config = config_of(component["EndpointName"].target(ENDPOINT))
    variant = variant_named(config, component["VariantName"].text or "") if config is not None else None
    machine = hardware(variant["InstanceType"].text or "") if variant is not None else None
    if machine is None or variant is None:
        return
    needs = component["Specification"]["ComputeResourceRequirements"]
    for name, there in (
        ("NumberOfCpuCoresRequired", machine.vcpus),
        ("MinMemoryRequiredInMb", machine.memory_mib),
        ("NumberOfAcceleratorDevicesRequired", machine.accelerators),
    ):
        asked = needs[name].number
        if asked is not None and asked > there:
            yield needs[name].flaw(
                f"is {asked:g}, but {variant['InstanceType'].text} has {there}", fix="Ask for less or use a larger type"
            )


RULE = Rule(
    id="component-fits-instance",
    severity=Severity.ERROR,
    types=(INFERENCE_COMPONENT,),
    title="One copy of a component fits on one instance",
    reason=(
        "A copy is placed on a single instance. One that asks for more processors, memory or accelerators than "
        "the instance type has can never be placed, and the component fails."
    ),
    fix="Ask for less, or use a larger instance type.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentComputeResourceRequirements.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      ProductionVariants:
        - { VariantName: AllTraffic, InstanceType: ml.m5.large, InitialInstanceCount: 1 }
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
        ComputeResourceRequirements: { MinMemoryRequiredInMb: 1024, NumberOfAcceleratorDevicesRequired: 1 }
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
        ComputeResourceRequirements: { MinMemoryRequiredInMb: 1024, NumberOfAcceleratorDevicesRequired: 1 }
      RuntimeConfig: { CopyCount: 1 }
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants, instance_types
from sagemaker_hosting.preflight._instances import accelerator
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        ami = variant["InferenceAmiVersion"]
        needs = next((kind for kind in ("gpu", "neuron") if f"-{kind}-" in (ami.text or "")), None)
        for value in instance_types(variant):
            if needs is not None and accelerator(value.text or "") not in (None, needs):
                yield ami.flaw(f"is for {needs} instances, but the variant runs on {value.text}", fix="Remove it")


RULE = Rule(
    id="variant-ami-version",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A machine image fits the accelerator of the instance type",
    reason=(
        "Each inference AMI brings the drivers of one kind of accelerator, NVIDIA GPUs or Inferentia2 and "
        "Trainium. On another instance type it has nothing to drive."
    ),
    fix="Remove InferenceAmiVersion, or choose the one for the accelerator.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
          InferenceAmiVersion: al2-ami-sagemaker-inference-gpu-3-1
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.g5.xlarge
          InitialInstanceCount: 1
          InferenceAmiVersion: al2-ami-sagemaker-inference-gpu-3-1
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants, instance_types
from sagemaker_hosting.preflight._instances import has_local_storage
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        local = [value.text for value in instance_types(variant) if has_local_storage(value.text or "")]
        if config["KmsKeyId"].given and local:
            yield config["KmsKeyId"].flaw(f"does not encrypt the local storage of {local[0]}", fix="Remove it")
            return


RULE = Rule(
    id="variant-volume-key",
    severity=Severity.WARNING,
    types=(ENDPOINT_CONFIG,),
    title="A volume key is chosen only where it encrypts something",
    reason=(
        "KmsKeyId encrypts the attached volume. It does not encrypt the NVMe disks of an instance type with "
        "local storage, which a hardware module encrypts."
    ),
    fix="Remove KmsKeyId, or use instance types without local storage.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      KmsKeyId: alias/hosting
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.g5.xlarge
          InitialInstanceCount: 1
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      KmsKeyId: alias/hosting
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
""",
    check=_check,
)

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
        size = variant["VolumeSizeInGB"]
        local = [value.text for value in instance_types(variant) if has_local_storage(value.text or "")]
        if size.given and local:
            yield size.flaw(f"cannot be chosen for {local[0]}, which has local storage", fix="Remove it")


RULE = Rule(
    id="variant-volume-size",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A volume size is chosen only where there is no local disk",
    reason=(
        "Instance types with NVMe disks come with storage of a fixed size. The service refuses VolumeSizeInGB for them."
    ),
    fix="Remove VolumeSizeInGB, or use an instance type without local storage.",
    sources=(
        "https://github.com/aws/sagemaker-python-sdk/pull/4828",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/host-instance-storage.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.g5.xlarge
          InitialInstanceCount: 1
          VolumeSizeInGB: 100
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
          VolumeSizeInGB: 100
""",
    check=_check,
)

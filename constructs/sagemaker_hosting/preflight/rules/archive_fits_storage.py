from collections.abc import Iterator

from sagemaker_hosting.facts import facts
from sagemaker_hosting.preflight._artifacts import archives
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants, model_of
from sagemaker_hosting.preflight._instances import hardware
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw, Value


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        model = model_of(variant)
        place, limit = _storage(variant)
        unpacked = sum(archive.unpacked_bytes for _, archive in archives(model)) if model is not None else 0
        if limit is not None and unpacked > limit * 2**30:
            yield place.flaw(
                f"gives {limit} GB, but the model unpacks to {unpacked / 2**30:.1f} GB", fix="Choose more storage"
            )


def _storage(variant: Value) -> tuple[Value, float | None]:
    if variant["ServerlessConfig"].given:
        return variant["ServerlessConfig"], facts("catalog")["serverless"]["storage_in_gb"]
    if not variant["VolumeSizeInGB"].missing:
        return variant["VolumeSizeInGB"], variant["VolumeSizeInGB"].number
    machine = hardware(variant["InstanceType"].text or "")
    return variant["InstanceType"], machine.local_storage_gb or None if machine is not None else None


RULE = Rule(
    id="archive-fits-storage",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="An unpacked model fits the storage of its endpoint",
    reason=(
        "The archive is extracted on the disk of the instance, which for an instance type with local storage "
        "has a fixed size, for others is the volume, and for a serverless endpoint is 5 GB."
    ),
    fix="Use a larger volume or instance type, or a smaller model.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/host-instance-storage.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/llama:1
        ModelDataUrl: s3://assets/a1b2c3d4.gz
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: !GetAtt Model.ModelName
          ServerlessConfig: { MemorySizeInMB: 6144, MaxConcurrency: 5 }
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/llama:1
        ModelDataUrl: s3://assets/a1b2c3d4.gz
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: !GetAtt Model.ModelName
          InstanceType: ml.g5.xlarge
          InitialInstanceCount: 1
""",
    bad_assets={
        "a1b2c3d4": {
            "model.safetensors": "claims 8589934592",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "model.safetensors": "claims 8589934592",
        },
    },
    check=_check,
)

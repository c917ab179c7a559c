from collections.abc import Iterator

from sagemaker_hosting.preflight._artifacts import archives
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw

_RATIO = 100
_SMALL = 64 * 1024 * 1024


def _check(resource: Resource) -> Iterator[Flaw]:
    for uri, archive in archives(resource):
        size = archive.unpacked_bytes
        if size > _SMALL and size > _RATIO * max(archive.packed_bytes, 1):
            yield uri.flaw(
                f"unpacks to {size // 2**20} MB from {archive.packed_bytes // 2**10} KB",
                fix="Remove what is not the model",
            )


RULE = Rule(
    id="archive-bomb",
    severity=Severity.WARNING,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="A model archive does not grow beyond reason",
    reason=(
        "Weights compress little. An archive that unpacks to more than a hundred times its size is usually "
        "padding or an accident, and fills the disk of the instance while it is extracted."
    ),
    fix="Look at what the archive holds, and remove what is not the model.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/host-instance-storage.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataUrl: s3://assets/a1b2c3d4.gz
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataUrl: s3://assets/a1b2c3d4.gz
""",
    bad_assets={
        "a1b2c3d4": {
            "padding.bin": "0 * 68157440",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "model.json": "{}",
        },
    },
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._artifacts import archives
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for uri, archive in archives(resource):
        if archive.error is not None:
            yield uri.flaw(f"names a file that {archive.error}", fix="Pack it with tar -czf model.tar.gz")


RULE = Rule(
    id="archive-readable",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="A model archive is a gzip-compressed tar file",
    reason=(
        "SageMaker extracts the archive before it starts the container. A file that is not gzip, not tar, or "
        'cut off fails with "Failed to extract model data archive".'
    ),
    fix="Pack it with tar -czf model.tar.gz.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html",
    ),
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
            "": "weights that are not packed",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "model.json": "{}",
        },
    },
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._artifacts import archives
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for uri, archive in archives(resource):
        if archive.error is None and archive.complete and not archive.files:
            yield uri.flaw("names an archive without files", fix="Pack the model's files")


RULE = Rule(
    id="archive-empty",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="A model archive holds files",
    reason="An archive without a single file leaves /opt/ml/model empty, so the container has no model to load.",
    fix="Pack the model's files.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",),
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
        "a1b2c3d4": {},
    },
    good_assets={
        "a1b2c3d4": {
            "model.json": "{}",
        },
    },
    check=_check,
)

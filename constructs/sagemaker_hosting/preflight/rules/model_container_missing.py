from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    several = model["Containers"]
    none = several.missing or (several.complete and not several.items)
    if model["PrimaryContainer"].missing and none and not model.properties.token:
        yield model["PrimaryContainer"].flaw("is missing, and so are Containers", fix="Define one of the two")


RULE = Rule(
    id="model-container-missing",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="A model has a container",
    reason=(
        "CreateModel needs either PrimaryContainer or at least one entry in Containers; a model without any has"
        " nothing to run."
    ),
    fix="Define PrimaryContainer, or Containers for a pipeline.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataUrl: s3://models/iris/model.tar.gz
""",
    check=_check,
)

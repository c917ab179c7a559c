from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    for container in containers(model):
        if container["Image"].missing and container["ModelPackageName"].missing:
            yield container["Image"].flaw("is missing, and so is ModelPackageName", fix="Add one of the two")


RULE = Rule(
    id="container-image-missing",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="A container names an image or a model package",
    reason=(
        "A container definition says what to run, either with Image or, for a model from the registry or "
        "Marketplace, with ModelPackageName."
    ),
    fix="Add Image or ModelPackageName.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        ModelDataUrl: s3://models/iris/model.tar.gz
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

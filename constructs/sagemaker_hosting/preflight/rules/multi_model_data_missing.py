from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    for container in containers(model):
        url = container["ModelDataUrl"]
        if container["Mode"].text == "MultiModel" and url.missing and container["ModelDataSource"].missing:
            yield url.flaw("is required when Mode is MultiModel", fix="Set it to the prefix of the archives")


RULE = Rule(
    id="multi-model-data-missing",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="A multi-model container says where its models are",
    reason=(
        "A multi-model endpoint loads models from the prefix in ModelDataUrl when a request names one. Without "
        "it there is nothing to load."
    ),
    fix="Set ModelDataUrl to the prefix that holds the archives.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/create-multi-model-endpoint.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        Mode: MultiModel
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        Mode: MultiModel
        ModelDataUrl: s3://models/iris/
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    if model["ExecutionRoleArn"].missing and not model.properties.token:
        yield model["ExecutionRoleArn"].flaw("is missing", fix="Add the ARN of a role that SageMaker can assume")


RULE = Rule(
    id="role-missing",
    severity=Severity.WARNING,
    types=(MODEL,),
    title="A model has an execution role",
    reason=(
        "SageMaker assumes the role to pull the image and to download the artifacts. Without one, a model can "
        "only be used where another resource brings a role."
    ),
    fix="Add ExecutionRoleArn.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    if model["PrimaryContainer"].given and model["Containers"].complete and model["Containers"].items:
        yield model["Containers"].flaw("is given together with PrimaryContainer", fix="Keep one of the two")


RULE = Rule(
    id="model-container-both",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="A model has a primary container or a list of containers, not both",
    reason=(
        "PrimaryContainer defines a model of one container, Containers a pipeline or a multi-container model. "
        "CreateModel expects exactly one of them."
    ),
    fix="Remove PrimaryContainer, or remove Containers.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html",
        "https://github.com/aws/amazon-sagemaker-operator-for-k8s/pull/164",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
      Containers:
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/scaler:1
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      Containers:
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/scaler:1
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
""",
    check=_check,
)

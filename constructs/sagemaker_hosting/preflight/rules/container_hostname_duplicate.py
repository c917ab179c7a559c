from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers, duplicates
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    for name in duplicates(one["ContainerHostname"] for one in containers(model)):
        yield name.flaw(f"is {name.shown} for the second time", fix="Rename one of the containers")


RULE = Rule(
    id="container-hostname-duplicate",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="Host names of containers differ",
    reason="ContainerHostname uniquely identifies a container of the model in logs, metrics and direct invocations.",
    fix="Rename one of the containers.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      Containers:
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/scaler:1
          ContainerHostname: model
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
          ContainerHostname: model
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      Containers:
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/scaler:1
          ContainerHostname: scaler
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
          ContainerHostname: iris
""",
    check=_check,
)

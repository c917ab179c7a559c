from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    pipeline = model["Containers"].items
    if not any(one["ContainerHostname"].given for one in pipeline):
        return
    if model["InferenceExecutionConfig"]["Mode"].text == "Direct":
        return
    for container in pipeline:
        if container["ContainerHostname"].missing:
            yield container["ContainerHostname"].flaw("is missing, although other containers have one", fix="Add it")


RULE = Rule(
    id="container-hostname-some",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="Either all containers of a pipeline have a host name or none",
    reason="The API states that a host name for any container of a pipeline requires one for every container.",
    fix="Add ContainerHostname to the other containers, or remove it everywhere.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      Containers:
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/scaler:1
          ContainerHostname: scaler
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
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

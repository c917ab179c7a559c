from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    if model["InferenceExecutionConfig"]["Mode"].text != "Direct":
        return
    for container in containers(model):
        if container["ContainerHostname"].missing:
            yield container["ContainerHostname"].flaw("is required in Direct mode", fix="Add a name to each container")


RULE = Rule(
    id="direct-mode-hostname",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="A container that is invoked directly has a host name",
    reason=(
        "In Direct mode, a request names the container with the TargetContainerHostname header. A container "
        "without ContainerHostname can never be named."
    ),
    fix="Give each container a ContainerHostname of its own.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/multi-container-direct.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      InferenceExecutionConfig:
        Mode: Direct
      Containers:
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
          ContainerHostname: iris
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/wine:1
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      InferenceExecutionConfig:
        Mode: Direct
      Containers:
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
          ContainerHostname: iris
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/wine:1
          ContainerHostname: wine
""",
    check=_check,
)

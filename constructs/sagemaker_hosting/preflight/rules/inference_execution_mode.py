from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    config = model["InferenceExecutionConfig"]
    if config.given and model["PrimaryContainer"].given and model["Containers"].missing:
        yield config.flaw("is given for a model of one container", fix="Use Containers or remove it")


RULE = Rule(
    id="inference-execution-mode",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="An execution mode belongs to a model of several containers",
    reason=(
        "InferenceExecutionConfig says how the containers of a multi-container endpoint are run. A model with "
        "PrimaryContainer has only one."
    ),
    fix="Use Containers, or remove InferenceExecutionConfig.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceExecutionConfig.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/multi-container-create.html",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      InferenceExecutionConfig:
        Mode: Direct
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ContainerHostname: iris
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

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import duplicates
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALGORITHM
from sagemaker_hosting.preflight._value import Flaw


def _check(algorithm: Resource) -> Iterator[Flaw]:
    for name in duplicates(one["Name"] for one in algorithm["TrainingSpecification"]["TrainingChannels"].items):
        yield name.flaw(f"is {name.shown} for the second time", fix="Rename one of the channels")


RULE = Rule(
    id="channel-duplicate",
    severity=Severity.ERROR,
    types=(ALGORITHM,),
    title="Training channels have different names",
    reason=(
        "Each channel becomes the folder /opt/ml/input/data/NAME of the training container, so a name can occur once."
    ),
    fix="Rename one of the channels.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ChannelSpecification.html",),
    bad="""
Resources:
  Algorithm:
    Type: AWS::SageMaker::Algorithm
    Properties:
      AlgorithmName: iris
      TrainingSpecification:
        TrainingImage: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        SupportedTrainingInstanceTypes: [ml.m5.large]
        TrainingChannels:
          - { Name: train, SupportedContentTypes: [text/csv], SupportedInputModes: [File] }
          - { Name: train, SupportedContentTypes: [text/csv], SupportedInputModes: [File] }
""",
    good="""
Resources:
  Algorithm:
    Type: AWS::SageMaker::Algorithm
    Properties:
      AlgorithmName: iris
      TrainingSpecification:
        TrainingImage: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        SupportedTrainingInstanceTypes: [ml.m5.large]
        TrainingChannels:
          - { Name: train, SupportedContentTypes: [text/csv], SupportedInputModes: [File] }
          - { Name: validation, SupportedContentTypes: [text/csv], SupportedInputModes: [File] }
""",
    check=_check,
)

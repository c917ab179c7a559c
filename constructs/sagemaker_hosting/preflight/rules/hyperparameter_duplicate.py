from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import duplicates
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALGORITHM
from sagemaker_hosting.preflight._value import Flaw


def _check(algorithm: Resource) -> Iterator[Flaw]:
    parameters = algorithm["TrainingSpecification"]["SupportedHyperParameters"].items
    for name in duplicates(parameter["Name"] for parameter in parameters):
        yield name.flaw(f"is {name.shown} for the second time", fix="Rename or remove one of them")


RULE = Rule(
    id="hyperparameter-duplicate",
    severity=Severity.ERROR,
    types=(ALGORITHM,),
    title="Hyperparameters have different names",
    reason="The API requires the name of each hyperparameter of an algorithm to be unique.",
    fix="Rename or remove one of them.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterSpecification.html",),
    bad="""
Resources:
  Algorithm:
    Type: AWS::SageMaker::Algorithm
    Properties:
      AlgorithmName: iris
      TrainingSpecification:
        TrainingImage: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        SupportedTrainingInstanceTypes: [ml.m5.large]
        TrainingChannels: [{ Name: train, SupportedContentTypes: [text/csv], SupportedInputModes: [File] }]
        SupportedHyperParameters:
          - { Name: depth, Type: Integer }
          - { Name: depth, Type: Continuous }
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
        TrainingChannels: [{ Name: train, SupportedContentTypes: [text/csv], SupportedInputModes: [File] }]
        SupportedHyperParameters:
          - { Name: depth, Type: Integer }
          - { Name: rate, Type: Continuous }
""",
    check=_check,
)

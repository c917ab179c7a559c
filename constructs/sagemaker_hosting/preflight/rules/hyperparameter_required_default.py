from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALGORITHM
from sagemaker_hosting.preflight._value import Flaw


def _check(algorithm: Resource) -> Iterator[Flaw]:
    for parameter in algorithm["TrainingSpecification"]["SupportedHyperParameters"].items:
        if parameter["IsRequired"].flag is True and parameter["DefaultValue"].given:
            yield parameter["DefaultValue"].flaw("is given, but IsRequired is true", fix="Remove one of the two")


RULE = Rule(
    id="hyperparameter-required-default",
    severity=Severity.ERROR,
    types=(ALGORITHM,),
    title="A required hyperparameter has no default",
    reason="The API states that a hyperparameter with a default value cannot be required.",
    fix="Set IsRequired to false, or remove DefaultValue.",
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
        SupportedHyperParameters: [{ Name: depth, Type: Integer, IsRequired: true, DefaultValue: "6" }]
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
        SupportedHyperParameters: [{ Name: depth, Type: Integer, IsRequired: false, DefaultValue: "6" }]
""",
    check=_check,
)

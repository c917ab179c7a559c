from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALGORITHM
from sagemaker_hosting.preflight._value import Flaw

_RANGES = ("IntegerParameterRangeSpecification", "ContinuousParameterRangeSpecification")


def _check(algorithm: Resource) -> Iterator[Flaw]:
    for parameter in algorithm["TrainingSpecification"]["SupportedHyperParameters"].items:
        for name in _RANGES:
            low, high = parameter["Range"][name]["MinValue"], parameter["Range"][name]["MaxValue"]
            for bound in (low, high):
                if bound.text is not None and bound.number is None:
                    yield bound.must("be a number", fix="Write a number")
            if low.number is not None and high.number is not None and low.number > high.number:
                yield low.must(f"be at most MaxValue ({high.text})", fix="Swap or change them")


RULE = Rule(
    id="hyperparameter-range-order",
    severity=Severity.ERROR,
    types=(ALGORITHM,),
    title="A hyperparameter's range holds numbers in order",
    reason="The bounds of a range are numbers written as strings. The minimum must be a number up to the maximum.",
    fix="Write numbers, the smaller one as MinValue.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_IntegerParameterRangeSpecification.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContinuousParameterRangeSpecification.html",
    ),
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
          - Name: depth
            Type: Integer
            Range: { IntegerParameterRangeSpecification: { MinValue: "8", MaxValue: "1" } }
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
          - Name: depth
            Type: Integer
            Range: { IntegerParameterRangeSpecification: { MinValue: "1", MaxValue: "8" } }
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALGORITHM
from sagemaker_hosting.preflight._value import Flaw


def _check(algorithm: Resource) -> Iterator[Flaw]:
    for parameter in algorithm["TrainingSpecification"]["SupportedHyperParameters"].items:
        kind, span = parameter["Type"].text, parameter["Range"]
        for name, _ in span.entries:
            if (
                kind in ("Integer", "Continuous", "Categorical", "FreeText")
                and name != f"{kind}ParameterRangeSpecification"
            ):
                yield span[name].flaw(
                    f"does not belong to a hyperparameter of type {kind}", fix="Use the type's own range"
                )


RULE = Rule(
    id="hyperparameter-range-kind",
    severity=Severity.ERROR,
    types=(ALGORITHM,),
    title="A hyperparameter's range is of its type",
    reason=(
        "An Integer has an integer range, a Continuous one a continuous range, a Categorical one a list of "
        "values, and FreeText none."
    ),
    fix="Use the range of the type.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterSpecification.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ParameterRange.html",
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
            Range: { ContinuousParameterRangeSpecification: { MinValue: "1", MaxValue: "8" } }
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

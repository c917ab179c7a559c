from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALGORITHM
from sagemaker_hosting.preflight._value import Flaw


def _check(algorithm: Resource) -> Iterator[Flaw]:
    for parameter in algorithm["TrainingSpecification"]["SupportedHyperParameters"].items:
        default, span = parameter["DefaultValue"], parameter["Range"]
        for name in ("IntegerParameterRangeSpecification", "ContinuousParameterRangeSpecification"):
            low, high, value = span[name]["MinValue"].number, span[name]["MaxValue"].number, default.number
            if low is not None and high is not None and value is not None and not low <= value <= high:
                yield default.must(f"be from {low:g} to {high:g}", fix="Change the default or the range")
        allowed = [one.text for one in span["CategoricalParameterRangeSpecification"]["Values"].items]
        if allowed and None not in allowed and default.text is not None and default.text not in allowed:
            yield default.must("be one of the range's values", fix="Change the default or the range")


RULE = Rule(
    id="hyperparameter-default",
    severity=Severity.ERROR,
    types=(ALGORITHM,),
    title="A hyperparameter's default lies in its range",
    reason="A training job without the hyperparameter uses the default, which must be a value that the range allows.",
    fix="Change the default or the range.",
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
          - Name: depth
            Type: Integer
            DefaultValue: "10"
            Range: { IntegerParameterRangeSpecification: { MinValue: "1", MaxValue: "8" } }
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
            DefaultValue: "6"
            Range: { IntegerParameterRangeSpecification: { MinValue: "1", MaxValue: "8" } }
""",
    check=_check,
)

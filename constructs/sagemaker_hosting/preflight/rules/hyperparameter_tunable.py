from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALGORITHM
from sagemaker_hosting.preflight._value import Flaw


def _check(algorithm: Resource) -> Iterator[Flaw]:
    training = algorithm["TrainingSpecification"]
    tunable = [one for one in training["SupportedHyperParameters"].items if one["IsTunable"].flag is True]
    for parameter in tunable:
        if parameter["Type"].text == "FreeText":
            yield parameter["IsTunable"].flaw("is true for a FreeText hyperparameter", fix="Set it to false")
    if tunable and training["SupportedTuningJobObjectiveMetrics"].missing:
        yield training["SupportedTuningJobObjectiveMetrics"].flaw(
            "is missing, although a hyperparameter is tunable", fix="Add the metric to optimize"
        )


RULE = Rule(
    id="hyperparameter-tunable",
    severity=Severity.WARNING,
    types=(ALGORITHM,),
    title="A tunable hyperparameter has something to tune",
    reason=(
        "Tuning searches a range for the best value of an objective metric. A free text has no range, and "
        "without SupportedTuningJobObjectiveMetrics there is no objective."
    ),
    fix="Set IsTunable to false, or add what is missing.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrainingSpecification.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterSpecification.html",
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
        SupportedHyperParameters: [{ Name: comment, Type: FreeText, IsTunable: true }]
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
        SupportedHyperParameters: [{ Name: comment, Type: FreeText, IsTunable: false }]
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALGORITHM
from sagemaker_hosting.preflight._value import Flaw


def _check(algorithm: Resource) -> Iterator[Flaw]:
    training = algorithm["TrainingSpecification"]
    defined = [metric["Name"].text for metric in training["MetricDefinitions"].items]
    if None in defined or not (training["MetricDefinitions"].missing or training["MetricDefinitions"].complete):
        return
    for objective in training["SupportedTuningJobObjectiveMetrics"].items:
        name = objective["MetricName"]
        if name.text is not None and name.text not in defined:
            yield name.flaw(f"is {name.shown}, which MetricDefinitions does not define", fix="Define it there")


RULE = Rule(
    id="objective-metric-defined",
    severity=Severity.ERROR,
    types=(ALGORITHM,),
    title="An objective metric is one that the algorithm defines",
    reason=(
        "Tuning reads the objective from the metrics that MetricDefinitions find in the log. A name that is not"
        " defined there never gets a value."
    ),
    fix="Add the metric to MetricDefinitions, or use a name from there.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrainingSpecification.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterTuningJobObjective.html",
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
        MetricDefinitions: [{ Name: accuracy, Regex: "accuracy=([0-9.]+)" }]
        SupportedTuningJobObjectiveMetrics: [{ MetricName: loss, Type: Minimize }]
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
        MetricDefinitions: [{ Name: accuracy, Regex: "accuracy=([0-9.]+)" }]
        SupportedTuningJobObjectiveMetrics: [{ MetricName: accuracy, Type: Maximize }]
""",
    check=_check,
)

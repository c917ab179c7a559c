import re
from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALGORITHM
from sagemaker_hosting.preflight._value import Flaw


def _check(algorithm: Resource) -> Iterator[Flaw]:
    for metric in algorithm["TrainingSpecification"]["MetricDefinitions"].items:
        regex = metric["Regex"]
        if regex.text is not None and len(regex.text) <= 500 and not _captures(regex.text):  # noqa: PLR2004  the limit
            yield regex.must("be a regular expression with a group", fix="Put the number in parentheses")


def _captures(text: str) -> bool:
    try:
        return re.compile(text).groups > 0
    except (re.error, OverflowError, RecursionError):
        return False


RULE = Rule(
    id="metric-definition-regex",
    severity=Severity.WARNING,
    types=(ALGORITHM,),
    title="A metric definition captures the value",
    reason=(
        "SageMaker takes the value of a metric from the first group of the regular expression. An expression "
        "without a group, or one that does not compile, finds no value."
    ),
    fix="Put the number in parentheses.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetricDefinition.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/define-train-metrics.html",
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
        MetricDefinitions: [{ Name: accuracy, Regex: "accuracy=[0-9.]+" }]
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
""",
    check=_check,
)

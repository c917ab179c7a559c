from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw

_TASKS = (
    "IMAGE_CLASSIFICATION",
    "OBJECT_DETECTION",
    "TEXT_GENERATION",
    "IMAGE_SEGMENTATION",
    "FILL_MASK",
    "CLASSIFICATION",
    "REGRESSION",
    "OTHER",
)


def _check(package: Resource) -> Iterator[Flaw]:
    if not package["SamplePayloadUrl"].given:
        return
    for name in ("Domain", "Task"):
        if package[name].missing:
            yield package[name].flaw("is missing, although there is a sample payload", fix="Add it")
    task = package["Task"]
    if task.text is not None and task.text not in _TASKS:
        yield task.must(f"be one of {', '.join(_TASKS)}", fix="Use OTHER where no task fits")


RULE = Rule(
    id="package-sample-task",
    severity=Severity.WARNING,
    types=(MODEL_PACKAGE,),
    title="A package with a sample payload says its domain and task",
    reason=(
        "A sample payload is there for Inference Recommender, which also needs to know the domain and one of "
        "the tasks that it supports."
    ),
    fix="Add Domain and Task; use OTHER where no task fits.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/inference-recommender-prerequisites.html",
    ),
    bad="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageGroupName: iris
      SamplePayloadUrl: s3://samples/iris.tar.gz
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
""",
    good="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageGroupName: iris
      Domain: MACHINE_LEARNING
      Task: CLASSIFICATION
      SamplePayloadUrl: s3://samples/iris.tar.gz
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
""",
    check=_check,
)

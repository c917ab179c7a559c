from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(package: Resource) -> Iterator[Flaw]:
    own, algorithm = package["InferenceSpecification"], package["SourceAlgorithmSpecification"]
    if package["ModelPackageName"].given and own.missing and algorithm.missing and package["SourceUri"].missing:
        yield own.flaw("is missing, and so is SourceAlgorithmSpecification", fix="Add one of the two")


RULE = Rule(
    id="package-specification-missing",
    severity=Severity.ERROR,
    types=(MODEL_PACKAGE,),
    title="An unversioned package says how it serves",
    reason=(
        "A package is made from containers with InferenceSpecification, or from an algorithm with "
        "SourceAlgorithmSpecification."
    ),
    fix="Add one of the two specifications.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html",),
    bad="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageName: iris
""",
    good="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageName: iris
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
        SupportedTransformInstanceTypes: [ml.m5.large]
        SupportedRealtimeInferenceInstanceTypes: [ml.m5.large]
""",
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(package: Resource) -> Iterator[Flaw]:
    specification = package["InferenceSpecification"]
    if not specification.literal or not package["ModelPackageName"].given or package["ModelPackageGroupName"].given:
        return
    for name in ("SupportedTransformInstanceTypes", "SupportedRealtimeInferenceInstanceTypes"):
        if specification[name].missing:
            yield specification[name].flaw("is required for an unversioned package", fix="Add the instance types")


RULE = Rule(
    id="package-instance-types",
    severity=Severity.ERROR,
    types=(MODEL_PACKAGE,),
    title="An unversioned package lists its instance types",
    reason=(
        "The API requires the instance types for batch transform and for real-time endpoints of an unversioned package."
    ),
    fix="Add SupportedTransformInstanceTypes and SupportedRealtimeInferenceInstanceTypes.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceSpecification.html",),
    bad="""
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

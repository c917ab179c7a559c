from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(package: Resource) -> Iterator[Flaw]:
    group, name = package["ModelPackageGroupName"], package["ModelPackageName"]
    if group.given and name.given:
        yield name.flaw("is given together with ModelPackageGroupName", fix="Remove it, as versions have no name")
    if group.missing and name.missing and not package.properties.token:
        yield group.flaw("is missing, and so is ModelPackageName", fix="Add one of the two")


RULE = Rule(
    id="package-group-or-name",
    severity=Severity.ERROR,
    types=(MODEL_PACKAGE,),
    title="A model package is a version of a group or has a name",
    reason=(
        "A versioned package belongs to a group, an unversioned one has a name. The API wants exactly one of the two."
    ),
    fix="Give ModelPackageGroupName for a version, or ModelPackageName for an unversioned package.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html",),
    bad="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageName: iris
      ModelPackageGroupName: iris
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
        SupportedTransformInstanceTypes: [ml.m5.large]
        SupportedRealtimeInferenceInstanceTypes: [ml.m5.large]
""",
    good="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageGroupName: iris
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
""",
    check=_check,
)

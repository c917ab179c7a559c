from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(package: Resource) -> Iterator[Flaw]:
    specification = package["InferenceSpecification"]
    for profile in package["ValidationSpecification"]["ValidationProfiles"].items:
        job = profile["TransformJobDefinition"]
        for value, name in (
            (job["TransformResources"]["InstanceType"], "SupportedTransformInstanceTypes"),
            (job["TransformInput"]["ContentType"], "SupportedContentTypes"),
        ):
            listed = [one.text for one in specification[name].items]
            if listed and None not in listed and value.text is not None and value.text not in listed:
                yield value.flaw(f"is {value.shown}, which {name} does not list", fix="Use a listed value or list it")


RULE = Rule(
    id="package-validation-profile",
    severity=Severity.WARNING,
    types=(MODEL_PACKAGE,),
    title="A package is validated the way it says it is used",
    reason=(
        "The transform job of a validation profile should run on an instance type and with a content type that "
        "the package lists as supported; anything else validates another use."
    ),
    fix="Use a supported type in the profile, or list it.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackageValidationProfile.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceSpecification.html",
    ),
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
        SupportedRealtimeInferenceInstanceTypes: [ml.m5.large]
      ValidationSpecification:
        ValidationRole: arn:aws:iam::111122223333:role/validation
        ValidationProfiles:
          - ProfileName: csv
            TransformJobDefinition:
              TransformInput:
                ContentType: application/json
                DataSource: { S3DataSource: { S3DataType: S3Prefix, S3Uri: s3://samples/iris } }
              TransformOutput: { S3OutputPath: s3://samples/answers }
              TransformResources: { InstanceCount: 1, InstanceType: ml.m5.large }
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
      ValidationSpecification:
        ValidationRole: arn:aws:iam::111122223333:role/validation
        ValidationProfiles:
          - ProfileName: csv
            TransformJobDefinition:
              TransformInput:
                ContentType: text/csv
                DataSource: { S3DataSource: { S3DataType: S3Prefix, S3Uri: s3://samples/iris } }
              TransformOutput: { S3OutputPath: s3://samples/answers }
              TransformResources: { InstanceCount: 1, InstanceType: ml.m5.large }
""",
    check=_check,
)

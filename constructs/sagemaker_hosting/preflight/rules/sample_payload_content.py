from collections.abc import Iterator
from pathlib import PurePosixPath

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw

_TYPES = {
    ".csv": ("text/csv",),
    ".json": ("application/json", "application/jsonlines", "application/x-jsonlines"),
    ".jsonl": ("application/jsonlines", "application/x-jsonlines", "application/jsonl"),
    ".jpg": ("image/jpeg", "image/jpg", "application/x-image"),
    ".jpeg": ("image/jpeg", "image/jpg", "application/x-image"),
    ".png": ("image/png", "application/x-image"),
    ".npy": ("application/x-npy",),
    ".txt": ("text/plain", "text/csv", "text/libsvm", "text/x-libsvm"),
}


def _check(package: Resource) -> Iterator[Flaw]:
    url = package["SamplePayloadUrl"]
    archive = package.template.assets.archive(url.sub)
    supported = [one.text for one in package["InferenceSpecification"]["SupportedContentTypes"].items]
    if archive is None or not supported or None in supported or "*/*" in supported:
        return
    bases = [(one or "").partition(";")[0].strip().lower() for one in supported]
    for member in archive.files:
        fitting = _TYPES.get(PurePosixPath(member.name).suffix.lower())
        if fitting is not None and not set(fitting) & set(bases) and "application/octet-stream" not in bases:
            yield url.flaw(
                f"holds {member.name[:100]!r}, but the package supports {', '.join(bases)}",
                fix="Use a supported format or list its content type",
            )
            return


RULE = Rule(
    id="sample-payload-content",
    severity=Severity.WARNING,
    types=(MODEL_PACKAGE,),
    title="A sample payload has a content type that the package supports",
    reason=(
        "Inference Recommender sends the files of the sample payload with the content types that the package "
        "supports. A file of another format makes every request of the load test fail."
    ),
    fix="Put files of a supported content type into the archive, or list their type.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/inference-recommender-prerequisites.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceSpecification.html",
    ),
    bad="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageGroupName: iris
      Domain: MACHINE_LEARNING
      Task: CLASSIFICATION
      SamplePayloadUrl: s3://assets/a1b2c3d4.gz
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [application/json]
        SupportedResponseMIMETypes: [application/json]
""",
    good="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageGroupName: iris
      Domain: MACHINE_LEARNING
      Task: CLASSIFICATION
      SamplePayloadUrl: s3://assets/a1b2c3d4.gz
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
""",
    bad_assets={
        "a1b2c3d4": {
            "flower.csv": "5.1,3.5,1.4,0.2\n",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "flower.csv": "5.1,3.5,1.4,0.2\n",
        },
    },
    check=_check,
)

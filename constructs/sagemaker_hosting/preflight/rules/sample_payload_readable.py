from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(package: Resource) -> Iterator[Flaw]:
    url = package["SamplePayloadUrl"]
    archive = package.template.assets.archive(url.sub)
    if archive is None:
        return
    if archive.error is not None:
        yield url.flaw(f"names a file that {archive.error}", fix="Pack the payloads with tar -czf")
    elif archive.complete and not archive.files:
        yield url.flaw("names an archive without files", fix="Put at least one payload into it")


RULE = Rule(
    id="sample-payload-readable",
    severity=Severity.ERROR,
    types=(MODEL_PACKAGE,),
    title="A sample payload archive opens",
    reason=(
        "Inference Recommender extracts the sample payload as a gzip-compressed tar archive with at least one file."
    ),
    fix="Pack the payloads with tar -czf.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/inference-recommender-prerequisites.html",),
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
      SamplePayloadUrl: s3://assets/a1b2c3d4.gz
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
""",
    bad_assets={
        "a1b2c3d4": {
            "": "5.1,3.5,1.4,0.2",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "flower.csv": "5.1,3.5,1.4,0.2\n",
        },
    },
    check=_check,
)

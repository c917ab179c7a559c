from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for container in containers(resource):
        if not container["Mode"].missing and container["Mode"].text != "SingleModel":
            continue
        for url in (container["ModelDataUrl"], container["ArtifactUrl"]):
            if (url.sub or "").endswith("/"):
                yield url.must(
                    "name one gzip-compressed tar archive, not a prefix",
                    fix="Name the .tar.gz file, or use ModelDataSource with S3Prefix",
                )


RULE = Rule(
    id="model-data-url-archive",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="A model data URL names one archive",
    reason=(
        "ModelDataUrl of a container in single-model mode, and ArtifactUrl, must name one gzip-compressed tar "
        'archive. A prefix that ends in a slash names none, and SageMaker fails with "could not find model '
        'data".'
    ),
    fix="Name the archive, or use ModelDataSource with S3Prefix for uncompressed files.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackageContainerDefinition.html",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataUrl: s3://models/iris/
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataUrl: s3://models/iris/model.tar.gz
""",
    check=_check,
)

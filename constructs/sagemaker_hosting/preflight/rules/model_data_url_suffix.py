from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw

_ENDINGS = (
    ".zip",
    ".tar",
    ".pkl",
    ".pickle",
    ".pt",
    ".pth",
    ".onnx",
    ".h5",
    ".keras",
    ".joblib",
    ".safetensors",
    ".7z",
)


def _check(resource: Resource) -> Iterator[Flaw]:
    for container in containers(resource):
        for url in (container["ModelDataUrl"], container["ArtifactUrl"]):
            ending = next((one for one in _ENDINGS if (url.sub or "").endswith(one)), None)
            if ending is not None:
                yield url.flaw(f"ends in {ending}, but is extracted as .tar.gz", fix="Pack the model into model.tar.gz")


RULE = Rule(
    id="model-data-url-suffix",
    severity=Severity.WARNING,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="A model data URL ends as a compressed archive does",
    reason=(
        "SageMaker extracts what ModelDataUrl names as a gzip-compressed tar archive. A file with the ending of"
        " another format usually is one, and the container then starts without a model."
    ),
    fix="Pack the files into model.tar.gz, or use ModelDataSource for an uncompressed file.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataUrl: s3://models/iris/model.zip
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

from collections.abc import Iterator
from pathlib import PurePosixPath

from sagemaker_hosting.preflight._artifacts import HANDLER, archives
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for uri, archive in archives(resource):
        names = [str(PurePosixPath(member.name)) for member in archive.files]
        elsewhere = [name for name in names if PurePosixPath(name).name == "inference.py" and name != HANDLER]
        if elsewhere and HANDLER not in names and archive.complete:
            yield uri.flaw(f"holds {elsewhere[0][:100]}, which containers do not look for", fix=f"Move it to {HANDLER}")


RULE = Rule(
    id="handler-place",
    severity=Severity.WARNING,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="The handler lies in the code folder",
    reason=(
        "Containers look for code/inference.py. A module at the root of the archive, or one folder further "
        "down, is not found, and the container falls back to its default handler."
    ),
    fix="Move it to code/inference.py.",
    sources=(
        "https://sagemaker.readthedocs.io/en/stable/frameworks/pytorch/using_pytorch.html#model-directory-structure",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataUrl: s3://assets/a1b2c3d4.gz
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataUrl: s3://assets/a1b2c3d4.gz
""",
    bad_assets={
        "a1b2c3d4": {
            "inference.py": """
def predict_fn(data, model):
    return model(data)
""",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "code/inference.py": """
def predict_fn(data, model):
    return model(data)
""",
        },
    },
    check=_check,
)

import re
from collections.abc import Iterator

from sagemaker_hosting.preflight._artifacts import archives
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw

# Folders that frameworks expect at the root: handler code, a numbered TensorFlow version, an exported model.
_EXPECTED = re.compile(r"code|export|\d+|model_repository|assets|variables|saved_model|\..*")


def _check(resource: Resource) -> Iterator[Flaw]:
    for uri, archive in archives(resource):
        tops = {member.parts[0] for member in archive.files if member.parts}
        top = next(iter(tops), "")
        whole = archive.complete and archive.error is None
        nested = len(tops) == 1 and all(len(member.parts) > 1 for member in archive.files)
        if whole and nested and not _EXPECTED.fullmatch(top[:255]):
            yield uri.flaw(
                f"holds everything in the folder {top[:100]!r}", fix="Pack the folder's content, not the folder"
            )


RULE = Rule(
    id="archive-nested",
    severity=Severity.WARNING,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="Model files lie at the root of the archive",
    reason=(
        "SageMaker extracts the archive into /opt/ml/model as it is. When everything is in one folder, the "
        "container looks for its files one level too high. Packing the folder instead of its content is the "
        "usual cause."
    ),
    fix="Pack with tar -C folder -czf model.tar.gz followed by a dot.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html",),
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
            "iris/model.json": "{}",
            "iris/labels.json": "[]",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "model.json": "{}",
            "labels.json": "[]",
        },
    },
    check=_check,
)

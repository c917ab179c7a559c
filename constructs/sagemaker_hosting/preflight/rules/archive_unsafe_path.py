import posixpath
from collections.abc import Iterator

from sagemaker_hosting.preflight._archive import Member
from sagemaker_hosting.preflight._artifacts import archives
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for uri, archive in archives(resource):
        for member in archive.members:
            problem = _problem(member)
            if problem is not None:
                yield uri.flaw(
                    f"holds {member.name[:100]!r}, which {problem}", fix="Pack relative paths without such links"
                )
                break


def _problem(member: Member) -> str | None:
    if member.kind == "device":
        return "is a device"
    if member.name.startswith("/"):
        return "is an absolute path"
    if ".." in member.parts:
        return "leaves the archive through .."
    if member.kind == "symbolic link" and _escapes(posixpath.join(posixpath.dirname(member.name), member.link)):
        return f"links to {member.link[:100]!r} outside the archive"
    if member.kind == "hard link" and _escapes(member.link):
        return f"links to {member.link[:100]!r} outside the archive"
    return None


def _escapes(path: str) -> bool:
    return path.startswith("/") or posixpath.normpath(path).startswith("..")


RULE = Rule(
    id="archive-unsafe-path",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="An archive writes only into its own folder",
    reason=(
        "The archive is extracted below /opt/ml/model. An absolute path, a path through .., a link that points "
        "outside, or a device either stops the extraction or writes over files of the host."
    ),
    fix="Pack the folder's content with relative paths and without such links.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html",
        "https://docs.python.org/3/library/tarfile.html#extraction-filters",
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
            "model.json": "{}",
            "labels.json": "-> ../../etc/labels.json",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "model.json": "{}",
            "labels.json": "-> model.json",
        },
    },
    check=_check,
)

import re
from collections.abc import Iterator

from sagemaker_hosting.preflight._artifacts import REQUIREMENTS, archives
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw

_NAME = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"
_VERSION = r"(===|==|!=|<=|>=|~=|<|>)\s*[A-Za-z0-9.*+!_-]+"
_REQUIREMENT = re.compile(
    rf"{_NAME}\s*(\[[^\]]*\])?\s*(\(?\s*{_VERSION}(\s*,\s*{_VERSION})*\s*\)?|@\s*\S+)?\s*(;.+)?(\s+--\S+.*)?"
)
# Options, paths and addresses, which pip reads in ways of its own.
_OTHER = re.compile(r"-.*|\.?/.*|[A-Za-z+]+://.*|git\+.*|.*\.(whl|tar\.gz|zip)(\[.*\])?|.*\$\{\w+\}.*")


def _check(resource: Resource) -> Iterator[Flaw]:
    for uri, archive in archives(resource):
        lines = (archive.source(REQUIREMENTS) or b"").decode(errors="replace").replace("\\\n", " ").splitlines()
        for line in lines:
            text = " ".join(line.partition(" #")[0].split())[:300]
            comment = not text or text.startswith("#")
            if not comment and not _OTHER.fullmatch(text) and not _REQUIREMENT.fullmatch(text):
                yield uri.flaw(f"holds {REQUIREMENTS} with the line {text!r}", fix="Write one requirement per line")
                break


RULE = Rule(
    id="requirements-syntax",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="The requirements of the handler parse",
    reason=(
        "The container installs code/requirements.txt before it loads the model. A line that pip does not "
        "understand stops the container."
    ),
    fix="Write one requirement per line, such as numpy==2.3.1.",
    sources=(
        "https://pip.pypa.io/en/stable/reference/requirements-file-format/",
        "https://packaging.python.org/en/latest/specifications/dependency-specifiers/",
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
            "code/inference.py": """
def model_fn(model_dir):
    return model_dir
""",
            "code/requirements.txt": "numpy=2.3.1\n",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "code/inference.py": """
def model_fn(model_dir):
    return model_dir
""",
            "code/requirements.txt": "numpy==2.3.1\n",
        },
    },
    check=_check,
)

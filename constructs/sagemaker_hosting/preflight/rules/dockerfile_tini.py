from collections.abc import Iterator
from pathlib import PurePosixPath

from sagemaker_hosting.preflight._built import built_images
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    for uri, _, dockerfile in built_images(model):
        entry = dockerfile.last("ENTRYPOINT")
        words = entry.exec_form if entry is not None else None
        if words and PurePosixPath(words[0]).name in ("tini", "dumb-init"):
            program = [word for word in words[1:] if not word.startswith("-")]
            if not program:
                yield uri.flaw(f"has {words[0]} as its whole ENTRYPOINT", fix="Write the server after it")


RULE = Rule(
    id="dockerfile-tini",
    severity=Severity.WARNING,
    types=(MODEL,),
    title="An entry point does not hand serve to tini",
    reason=(
        "SageMaker's documentation warns of tini as the entry point. It takes the argument serve for the "
        "program to run unless the program is written before it."
    ),
    fix="Make the server the entry point, or write it after tini and two dashes.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/assets:a1b2c3d4
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/assets:a1b2c3d4
""",
    bad_assets={
        "a1b2c3d4": {
            "Dockerfile": """
FROM python:3.12-slim
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["python", "/server.py"]
""",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "Dockerfile": """
FROM python:3.12-slim
ENTRYPOINT ["python", "/server.py"]
""",
        },
    },
    check=_check,
)

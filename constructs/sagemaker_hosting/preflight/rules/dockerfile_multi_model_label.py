import re
from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw

_PUBLIC = re.compile(r"(python|ubuntu|debian|alpine|amazonlinux)(:.*)?")


def _check(model: Resource) -> Iterator[Flaw]:
    for container in containers(model):
        image = model.template.assets.image(container["Image"].sub)
        dockerfile = image.dockerfile if image is not None else None
        if container["Mode"].text != "MultiModel" or dockerfile is None:
            continue
        labels = " ".join(one.arguments for one in dockerfile.all("LABEL"))
        plain = _PUBLIC.fullmatch((dockerfile.base or "?")[:300]) is not None
        if plain and "com.amazonaws.sagemaker.capabilities.multi-models" not in labels:
            yield container["Image"].flaw(
                "lacks the label com.amazonaws.sagemaker.capabilities.multi-models=true", fix="Add it to the Dockerfile"
            )


RULE = Rule(
    id="dockerfile-multi-model-label",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="An image for multi-model mode says that it can",
    reason=(
        "CreateModel checks the image for the label com.amazonaws.sagemaker.capabilities.multi-models=true and "
        "refuses a MultiModel container without it."
    ),
    fix="Add the LABEL to the Dockerfile.",
    sources=(
        "https://github.com/aws/amazon-sagemaker-examples/issues/3925",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/build-multi-model-build-container.html",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/assets:a1b2c3d4
        Mode: MultiModel
        ModelDataUrl: s3://models/iris/
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/assets:a1b2c3d4
        Mode: MultiModel
        ModelDataUrl: s3://models/iris/
""",
    bad_assets={
        "a1b2c3d4": {
            "Dockerfile": """
FROM python:3.12-slim
ENTRYPOINT ["python", "-m", "serving"]
""",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "Dockerfile": """
FROM python:3.12-slim
LABEL com.amazonaws.sagemaker.capabilities.multi-models=true
ENTRYPOINT ["python", "-m", "serving"]
""",
        },
    },
    check=_check,
)

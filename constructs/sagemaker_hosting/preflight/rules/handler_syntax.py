from collections.abc import Iterator

from sagemaker_hosting.preflight._artifacts import HANDLER, handlers
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for uri, handler in handlers(resource):
        if handler.error is not None:
            yield uri.flaw(
                f"holds {HANDLER}, which does not parse: SyntaxError: {handler.error}", fix="Correct the line"
            )


RULE = Rule(
    id="handler-syntax",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="The handler can be imported",
    reason=(
        "The container imports code/inference.py when it starts. A module that does not parse stops every "
        "worker, and the endpoint fails its health check after minutes."
    ),
    fix="Correct the line.",
    sources=("https://github.com/aws/sagemaker-inference-toolkit",),
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
            "code/inference.py": """
def model_fn(model_dir)
    return model_dir
""",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "model.json": "{}",
            "code/inference.py": """
def model_fn(model_dir):
    return model_dir
""",
        },
    },
    check=_check,
)

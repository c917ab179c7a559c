import ast
from collections.abc import Iterator

from sagemaker_hosting.preflight._artifacts import HANDLER, handlers
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._handler import PARAMETERS
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for uri, handler in handlers(resource):
        for name in PARAMETERS:
            if isinstance(handler.functions.get(name), ast.AsyncFunctionDef):
                yield uri.flaw(f"holds {HANDLER}, whose {name} is a coroutine", fix="Define it with def")


RULE = Rule(
    id="handler-asynchronous",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="A handler function is not a coroutine",
    reason=(
        "The container calls the function and uses what it returns. A function defined with async def returns a"
        " coroutine, which is never run."
    ),
    fix="Define the function with def.",
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
            "code/inference.py": """
async def predict_fn(data, model):
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

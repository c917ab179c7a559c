from collections.abc import Iterator

from sagemaker_hosting.preflight._artifacts import HANDLER, handlers
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for uri, handler in handlers(resource):
        if len(handler.contracts) > 1:
            both = " as well as ".join(handler.contracts[:2])
            yield uri.flaw(f"holds {HANDLER}, which defines {both}", fix="Keep the functions of one contract")


RULE = Rule(
    id="handler-contract",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="The handler follows one contract",
    reason=(
        "A container recognizes a handler by the functions it defines. Functions of two contracts contradict "
        "each other; the SageMaker toolkit refuses transform_fn beside input_fn, predict_fn or output_fn."
    ),
    fix="Keep the functions of one contract.",
    sources=(
        "https://github.com/aws/sagemaker-inference-toolkit",
        "https://github.com/aws/sagemaker-tensorflow-serving-container#prepost-processing",
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
def predict_fn(data, model):
    return model(data)


def transform_fn(model, body, content_type, accept):
    return model(body), accept
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

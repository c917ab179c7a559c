from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._frameworks import framework_archives
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for framework, _, uri, names in framework_archives(resource, "neo-pytorch", "neo-mxnet"):
        expected = "compiled.pt" if framework == "neo-pytorch" else "compiled-symbol.json"
        if not any(name.startswith("compiled") for name in names):
            yield uri.flaw(
                f"holds nothing that Neo has compiled, such as {expected}", fix="Name the output of Neo's job"
            )


RULE = Rule(
    id="framework-neo-model",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="A Neo container finds a compiled model",
    reason=(
        "A compilation job names its output compiled.pt for PyTorch, and compiled-symbol.json and compiled-0000.params "
        "for MXNet. The containers of Neo run compiled models; an archive without such files is the input of the job."
    ),
    fix="Name the archive that the compilation job has written.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/neo-deployment-hosting-services-prerequisites.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 802834080501.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-inference-pytorch:1.13-cpu-py3
        Environment:
          SAGEMAKER_PROGRAM: inference.py
          SAGEMAKER_SUBMIT_DIRECTORY: /opt/ml/model/code
        ModelDataUrl: s3://assets/a1b2c3d4.gz
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 802834080501.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-inference-pytorch:1.13-cpu-py3
        Environment:
          SAGEMAKER_PROGRAM: inference.py
          SAGEMAKER_SUBMIT_DIRECTORY: /opt/ml/model/code
        ModelDataUrl: s3://assets/a1b2c3d4.gz
""",
    bad_assets={"a1b2c3d4": {"model.pth": "weights"}},
    good_assets={
        "a1b2c3d4": {
            "compiled.pt": "weights",
            "code/inference.py": """
def model_fn(model_dir):
    return model_dir
""",
        },
    },
    check=_check,
)

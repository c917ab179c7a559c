from collections.abc import Iterator
from pathlib import PurePosixPath

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._frameworks import CODE, framework_archives
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw, Value

_FRAMEWORKS = ("pytorch", "mxnet", "scikit-learn", "neo-pytorch", "neo-mxnet")
_MXNET_MODEL = {"model-symbol.json", "model-0000.params", "model-shapes.json"}


def _check(resource: Resource) -> Iterator[Flaw]:
    for framework, container, uri, names in framework_archives(resource, *_FRAMEWORKS):
        environment = container["Environment"]
        program = environment["SAGEMAKER_PROGRAM"]
        if not _is_archive_folder(environment) or not (program.missing or program.text):
            continue
        script = f"code/{(program.text or 'inference.py').removesuffix('.py')}.py"
        if script in names:
            continue
        if not program.missing:
            yield uri.flaw(f"holds no {script}, which SAGEMAKER_PROGRAM names", fix=f"Put the script into {script}")
        elif framework in ("pytorch", "mxnet") and not _has_default_model(framework, names):
            yield uri.flaw(
                f"holds neither {script} nor a model that the {framework} container loads by itself",
                fix=f"Put the script into {script}",
            )


def _is_archive_folder(environment: Value) -> bool:
    """Whether the script is in the archive; it can be in an archive of its own in S3, too."""
    if environment.missing:
        return True
    folder = environment["SAGEMAKER_SUBMIT_DIRECTORY"]
    return environment.given and (folder.missing or folder.text == CODE)


def _has_default_model(framework: str, names: set[str]) -> bool:
    if framework == "mxnet":
        return names >= _MXNET_MODEL
    root = {name for name in names if "/" not in name}
    return any(PurePosixPath(name).suffix in (".pt", ".pth") for name in root) or any(
        name.startswith("MAR-INF/") for name in names
    )


RULE = Rule(
    id="framework-script",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="A framework container finds its script or a model that it can load",
    reason=(
        "The containers of AWS for PyTorch, MXNet and scikit-learn import code/inference.py, or the file that "
        "SAGEMAKER_PROGRAM names. Without it, PyTorch loads a TorchScript file (.pt or .pth) at the root, and MXNet "
        "loads model-symbol.json, model-0000.params and model-shapes.json. With neither, the container fails to start."
    ),
    fix="Put the script into code/ of the archive.",
    sources=(
        "https://github.com/aws/sagemaker-inference-toolkit/blob/master/src/sagemaker_inference/environment.py",
        "https://github.com/aws/sagemaker-pytorch-inference-toolkit/blob/master/src/"
        "sagemaker_pytorch_serving_container/default_pytorch_inference_handler.py",
        "https://github.com/aws/sagemaker-mxnet-inference-toolkit/blob/master/src/"
        "sagemaker_mxnet_serving_container/default_inference_handler.py",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312
        ModelDataUrl: s3://assets/a1b2c3d4.gz
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312
        ModelDataUrl: s3://assets/a1b2c3d4.gz
""",
    bad_assets={"a1b2c3d4": {"weights.bin": "weights"}},
    good_assets={
        "a1b2c3d4": {
            "weights.bin": "weights",
            "code/inference.py": """
def model_fn(model_dir):
    return model_dir
""",
        },
    },
    check=_check,
)

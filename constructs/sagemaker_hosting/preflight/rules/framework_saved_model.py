from collections.abc import Iterator
from pathlib import PurePosixPath

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._frameworks import framework_archives
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for _, _, uri, names in framework_archives(resource, "tensorflow"):
        models = [PurePosixPath(name) for name in names if PurePosixPath(name).name == "saved_model.pb"]
        if not any(model.parent.name.isdecimal() for model in models):
            found = f"holds {min(models)}, not" if models else "does not hold"
            yield uri.flaw(f"{found} saved_model.pb in a folder that is a version", fix="Put the SavedModel into 1/")


RULE = Rule(
    id="framework-saved-model",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="A TensorFlow container finds a SavedModel under a version",
    reason=(
        "The TensorFlow container serves each saved_model.pb whose folder is a number, such as 1/saved_model.pb, and "
        "looks at nothing else. With none it has no model to serve."
    ),
    fix="Put the SavedModel into a folder named by its version; ModelData.from_saved_model does.",
    sources=(
        "https://github.com/aws/sagemaker-tensorflow-serving-container/blob/master/docker/build_artifacts/sagemaker/"
        "tfs_utils.py",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 763104351884.dkr.ecr.eu-west-1.amazonaws.com/tensorflow-inference:2.19.0-cpu
        ModelDataUrl: s3://assets/a1b2c3d4.gz
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 763104351884.dkr.ecr.eu-west-1.amazonaws.com/tensorflow-inference:2.19.0-cpu
        ModelDataUrl: s3://assets/a1b2c3d4.gz
""",
    bad_assets={"a1b2c3d4": {"saved_model.pb": "graph", "variables/variables.index": "index"}},
    good_assets={"a1b2c3d4": {"1/saved_model.pb": "graph", "1/variables/variables.index": "index"}},
    check=_check,
)

from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    for container in containers(model):
        for name in ("Image", "ModelDataUrl"):
            if container["ModelPackageName"].given and container[name].given:
                yield container[name].flaw("is given together with ModelPackageName", fix=f"Remove {name}")


RULE = Rule(
    id="container-image-and-package",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="A container names an image or a model package, not both",
    reason=(
        "A model package already says which image and artifacts to run. CreateModel refuses a container that "
        "names a package and an image or model data of its own."
    ),
    fix="Remove Image and the model data, or remove ModelPackageName.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        ModelPackageName: arn:aws:sagemaker:eu-west-1:111122223333:model-package/iris/1
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        ModelPackageName: arn:aws:sagemaker:eu-west-1:111122223333:model-package/iris/1
""",
    check=_check,
)

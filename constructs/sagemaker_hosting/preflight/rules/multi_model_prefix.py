from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    for container in containers(model):
        url = container["ModelDataUrl"]
        archive = (url.sub or "").endswith((".tar.gz", ".tgz"))
        if container["Mode"].text == "MultiModel" and archive:
            yield url.must("be a prefix when Mode is MultiModel", fix="Name the folder of the archives")


RULE = Rule(
    id="multi-model-prefix",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="A multi-model container names a prefix",
    reason=(
        "In multi-model mode, ModelDataUrl is the prefix below which each archive is a model that a request can"
        " name. A single archive leaves the endpoint without models."
    ),
    fix="Name the prefix that holds the archives, with a slash at its end.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/create-multi-model-endpoint.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        Mode: MultiModel
        ModelDataUrl: s3://models/iris/model.tar.gz
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        Mode: MultiModel
        ModelDataUrl: s3://models/iris/
""",
    check=_check,
)

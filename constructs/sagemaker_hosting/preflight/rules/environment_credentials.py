import re
from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw

_NAMES = re.compile(
    r"AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|HF_TOKEN|HUGGING_FACE_HUB_TOKEN"
    r"|.*(PASSWORD|SECRET_KEY|PRIVATE_KEY|API_KEY)"
)
# Where the secret is, or whether there is one, rather than the secret itself.
_HARMLESS = re.compile(r"(arn:|s3://|/).*|true|false|\d+", re.IGNORECASE)


def _check(resource: Resource) -> Iterator[Flaw]:
    for container in containers(resource):
        for name, value in container["Environment"].entries:
            text = value.text
            if text and _NAMES.fullmatch(name.upper()[:256]) and not _HARMLESS.fullmatch(text):
                # The value itself must not appear in a report.
                yield container["Environment"].flaw(
                    f"has credentials in {name}", fix="Use the execution role or AWS Secrets Manager"
                )


RULE = Rule(
    id="environment-credentials",
    severity=Severity.WARNING,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="The environment holds no credentials",
    reason=(
        "Everyone who may call DescribeModel reads environment variables, and the API asks not to put sensitive"
        " data there. The container gets temporary credentials of the execution role by itself."
    ),
    fix=(
        "Remove the variable and grant the execution role what the code needs, or read the secret from AWS "
        "Secrets Manager."
    ),
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        Environment:
          FEATURE_STORE_PASSWORD: swordfish
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        Environment:
          FEATURE_STORE_PASSWORD: arn:aws:secretsmanager:eu-west-1:111122223333:secret:features
""",
    check=_check,
)

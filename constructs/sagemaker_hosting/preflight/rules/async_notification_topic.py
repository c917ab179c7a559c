from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw

_TOPICS = {"SUCCESS_NOTIFICATION_TOPIC": "SuccessTopic", "ERROR_NOTIFICATION_TOPIC": "ErrorTopic"}


def _check(config: Resource) -> Iterator[Flaw]:
    notification = config["AsyncInferenceConfig"]["OutputConfig"]["NotificationConfig"]
    for entry in notification["IncludeInferenceResponseIn"].items:
        topic = _TOPICS.get(entry.text or "")
        if topic is not None and notification[topic].missing:
            yield entry.flaw(f"is {entry.shown}, but {topic} is missing", fix=f"Add {topic}")


RULE = Rule(
    id="async-notification-topic",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="An answer is included only in a notification that is sent",
    reason=(
        "IncludeInferenceResponseIn names notifications that carry the answer. A notification without a topic "
        "is never sent."
    ),
    fix="Add the topic, or remove the entry.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceNotificationConfig.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
      AsyncInferenceConfig:
        OutputConfig:
          S3OutputPath: s3://answers/iris
          NotificationConfig:
            ErrorTopic: arn:aws:sns:eu-west-1:111122223333:failures
            IncludeInferenceResponseIn: [SUCCESS_NOTIFICATION_TOPIC]
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
      AsyncInferenceConfig:
        OutputConfig:
          S3OutputPath: s3://answers/iris
          NotificationConfig:
            SuccessTopic: arn:aws:sns:eu-west-1:111122223333:answers
            ErrorTopic: arn:aws:sns:eu-west-1:111122223333:failures
            IncludeInferenceResponseIn: [SUCCESS_NOTIFICATION_TOPIC]
""",
    check=_check,
)

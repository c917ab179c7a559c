"""Answers requests from a queue: payloads come from Amazon S3 and answers go there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.data_permissions import encrypting, reading_in, writing_into
from sagemaker_hosting.own_policy import allow
from sagemaker_hosting.permission import Permission
from sagemaker_hosting.s3_prefix import S3Prefix
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_sns as sns

_MOST_INVOCATIONS = 1000


@dataclass(frozen=True, kw_only=True)
class AsyncInference:
    """Where requests come from and answers go. The roles of the models may do exactly that.

    The role of a model that was imported by name is not known and must be given these rights where it is made.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceConfig.html

    Args:
        input_bucket: Where callers put their payloads; ``Endpoint.grant_invoke_async`` lets them.
        input_prefix: Folder in the bucket, without a slash at either end.
        output_bucket: Where answers go.
        output_prefix: Folder in the bucket, without a slash at either end.
        encryption_key: Key that encrypts the answers. Without it, the bucket decides.
        error_topic: Gets a message for each request that fails. Without it, there are none.
        failure_prefix: Folder in the output bucket for the answers that are errors. Without it, they are not kept.
        include_response_in_error_messages: Whether a message of ``error_topic`` holds the answer, if that has at most
            128 KB. Without it, it does not.
        include_response_in_success_messages: Whether a message of ``success_topic`` holds the answer, if that has at
            most 128 KB. Without it, it does not.
        max_concurrent_invocations_per_instance: Requests that a container gets at the same time, 1 to 1000. Without
            it, SageMaker chooses.
        success_topic: Gets a message for each request that is answered. Without it, there are none.

    Raises:
        ValidationError: If a value is outside these limits, or messages are to hold answers, but have no topic.
    """

    input_bucket: s3.IBucket
    input_prefix: str
    output_bucket: s3.IBucket
    output_prefix: str
    encryption_key: kms.IKey | None = None
    error_topic: sns.ITopic | None = None
    failure_prefix: str | None = None
    include_response_in_error_messages: bool | None = None
    include_response_in_success_messages: bool | None = None
    max_concurrent_invocations_per_instance: int | None = None
    success_topic: sns.ITopic | None = None

    def __post_init__(self) -> None:
        problems = Problems("AsyncInference")
        S3Prefix(self.input_bucket, self.input_prefix).check(problems, "input_prefix")
        S3Prefix(self.output_bucket, self.output_prefix).check(problems, "output_prefix")
        if self.failure_prefix is not None:
            S3Prefix(self.output_bucket, self.failure_prefix).check(problems, "failure_prefix")
        problems.between(
            "max_concurrent_invocations_per_instance",
            self.max_concurrent_invocations_per_instance,
            1,
            _MOST_INVOCATIONS,
            "requests",
        )
        for kind, included, topic in self._kinds():
            problems.check(
                included is not True or topic is not None,
                f"include_response_in_{kind}_messages must not be True without {kind}_topic",
            )
        problems.raise_if_any()

    def bind(self, policy: iam.Policy) -> sagemaker.CfnEndpointConfig.AsyncInferenceConfigProperty:
        """Let the roles of ``policy`` read payloads, write answers and send messages.

        Args:
            policy: The policy of the endpoint configuration.
        """
        allow(policy, reading_in(self.input_bucket, self.input_prefix))
        output = S3Prefix(self.output_bucket, self.output_prefix)
        allow(policy, writing_into(self.output_bucket, self.output_prefix, self.encryption_key))
        failures = None if self.failure_prefix is None else S3Prefix(self.output_bucket, self.failure_prefix)
        if failures is not None:
            allow(policy, writing_into(self.output_bucket, failures.prefix, self.encryption_key))
        limit = self.max_concurrent_invocations_per_instance
        return sagemaker.CfnEndpointConfig.AsyncInferenceConfigProperty(
            client_config=None
            if limit is None
            else sagemaker.CfnEndpointConfig.AsyncInferenceClientConfigProperty(
                max_concurrent_invocations_per_instance=limit
            ),
            output_config=sagemaker.CfnEndpointConfig.AsyncInferenceOutputConfigProperty(
                kms_key_id=None if self.encryption_key is None else self.encryption_key.key_arn,
                notification_config=self._notifications(policy),
                s3_failure_path=None if failures is None else failures.uri,
                s3_output_path=output.uri,
            ),
        )

    def _kinds(self) -> list[tuple[str, bool | None, sns.ITopic | None]]:
        return [
            ("success", self.include_response_in_success_messages, self.success_topic),
            ("error", self.include_response_in_error_messages, self.error_topic),
        ]

    def _notifications(
        self, policy: iam.Policy
    ) -> sagemaker.CfnEndpointConfig.AsyncInferenceNotificationConfigProperty | None:
        for topic in (self.error_topic, self.success_topic):
            if topic is not None:
                publishing = Permission(actions=("sns:Publish",), resources=(topic.topic_arn,))
                allow(policy, [publishing, *encrypting(topic.master_key)])
        if self.error_topic is None and self.success_topic is None:
            return None
        return sagemaker.CfnEndpointConfig.AsyncInferenceNotificationConfigProperty(
            error_topic=None if self.error_topic is None else self.error_topic.topic_arn,
            include_inference_response_in=[
                f"{kind.upper()}_NOTIFICATION_TOPIC" for kind, included, _ in self._kinds() if included is True
            ]
            or None,
            success_topic=None if self.success_topic is None else self.success_topic.topic_arn,
        )

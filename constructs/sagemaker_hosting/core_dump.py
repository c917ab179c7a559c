"""Where the core dump of a crashed container goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.data_permissions import writing_into
from sagemaker_hosting.own_policy import allow
from sagemaker_hosting.s3_prefix import S3Prefix
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3


@dataclass(frozen=True, kw_only=True)
class CoreDump:
    """Uploads the memory of a container whose process crashes. It holds whatever the process worked on.

    Args:
        bucket: Where it goes. The model's role may write there, into this folder only.
        prefix: Folder in the bucket, without a slash at either end.
        encryption_key: Key that encrypts it. Without it, the bucket decides.

    Raises:
        ValidationError: If the prefix is not valid.
    """

    bucket: s3.IBucket
    prefix: str
    encryption_key: kms.IKey | None = None

    def __post_init__(self) -> None:
        problems = Problems("CoreDump")
        S3Prefix(self.bucket, self.prefix).check(problems, "prefix")
        problems.raise_if_any()

    def bind(self, policy: iam.Policy) -> sagemaker.CfnEndpointConfig.CoreDumpConfigProperty:
        """Let the roles of ``policy`` write the dump.

        Args:
            policy: The policy of the endpoint configuration.
        """
        place = S3Prefix(self.bucket, self.prefix)
        allow(policy, writing_into(place.bucket, place.prefix, self.encryption_key))
        return sagemaker.CfnEndpointConfig.CoreDumpConfigProperty(
            destination_s3_uri=place.uri,
            kms_key_id=None if self.encryption_key is None else self.encryption_key.key_arn,
        )

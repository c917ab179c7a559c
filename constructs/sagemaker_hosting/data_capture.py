"""Keeps a sample of an endpoint's requests and answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.data_permissions import writing_into
from sagemaker_hosting.own_policy import allow
from sagemaker_hosting.s3_prefix import S3Prefix
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3

_MOST_CONTENT_TYPES = 10
_CONTENT_TYPE = r"[a-zA-Z0-9](-*[a-zA-Z0-9])*/[a-zA-Z0-9](-*[a-zA-Z0-9.])*"


@dataclass(frozen=True, kw_only=True)
class DataCapture:
    """Writes requests, answers or both to Amazon S3, below a folder for endpoint, variant and hour.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html

    Args:
        bucket: Where they go. The roles of the models may write there, into this folder only; the role of a model that
            was imported by name is not known and must be given that right where it is made.
        prefix: Folder in the bucket, without a slash at either end.
        capture_requests: Whether requests are kept.
        capture_responses: Whether answers are kept.
        csv_content_types: MIME types that are kept as CSV text, at most 10. What is of no such type is kept in base64.
        encryption_key: Key that encrypts what is kept. Without it, the bucket decides.
        json_content_types: MIME types that are kept as JSON, at most 10.
        sampling_percentage: Share of the requests that is kept, a whole number of 0 to 100 percent.

    Raises:
        ValidationError: If a value is outside these limits, or neither requests nor answers are kept.
    """

    bucket: s3.IBucket
    prefix: str
    capture_requests: bool = True
    capture_responses: bool = True
    csv_content_types: Sequence[str] = ()
    encryption_key: kms.IKey | None = None
    json_content_types: Sequence[str] = ()
    sampling_percentage: int = 100

    def __post_init__(self) -> None:
        problems = Problems("DataCapture")
        S3Prefix(self.bucket, self.prefix).check(problems, "prefix")
        problems.between("sampling_percentage", self.sampling_percentage, 0, 100, "percent")
        problems.check(
            self.capture_requests or self.capture_responses,
            "capture_requests or capture_responses must be True, got False for both",
        )
        for name, types in (
            ("csv_content_types", self.csv_content_types),
            ("json_content_types", self.json_content_types),
        ):
            problems.between(name, len(types), 0, _MOST_CONTENT_TYPES, "MIME types")
            for content_type in types:
                problems.matches(name, content_type, _CONTENT_TYPE, "MIME types such as text/csv")
        problems.raise_if_any()

    def bind(self, policy: iam.Policy) -> sagemaker.CfnEndpointConfig.DataCaptureConfigProperty:
        """Let the roles of ``policy`` write what is kept.

        Args:
            policy: The policy of the endpoint configuration.
        """
        place = S3Prefix(self.bucket, self.prefix)
        allow(policy, writing_into(place.bucket, place.prefix, self.encryption_key))
        modes = [
            mode for mode, wanted in (("Input", self.capture_requests), ("Output", self.capture_responses)) if wanted
        ]
        return sagemaker.CfnEndpointConfig.DataCaptureConfigProperty(
            capture_content_type_header=self._content_types(),
            capture_options=[sagemaker.CfnEndpointConfig.CaptureOptionProperty(capture_mode=mode) for mode in modes],
            destination_s3_uri=place.uri,
            enable_capture=True,
            initial_sampling_percentage=self.sampling_percentage,
            kms_key_id=None if self.encryption_key is None else self.encryption_key.key_arn,
        )

    def _content_types(self) -> sagemaker.CfnEndpointConfig.CaptureContentTypeHeaderProperty | None:
        if not self.csv_content_types and not self.json_content_types:
            return None
        return sagemaker.CfnEndpointConfig.CaptureContentTypeHeaderProperty(
            csv_content_types=list(self.csv_content_types) or None,
            json_content_types=list(self.json_content_types) or None,
        )

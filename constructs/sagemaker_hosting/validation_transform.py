"""The batch transform job with which SageMaker validates a model package or algorithm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sagemaker_hosting.data_permissions import reading_below, writing_into
from sagemaker_hosting.environment_variables import check_environment
from sagemaker_hosting.given import given
from sagemaker_hosting.offered_instance_types import check_offered
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3

    from sagemaker_hosting.instance_type import InstanceType
    from sagemaker_hosting.permission import Permission

_LONGEST_TYPE = 256
_LONGEST_URI = 1024
_MOST_MB = 100
_MOST_VARIABLES = 16
_LONGEST_VALUE = 10240


@dataclass(frozen=True, kw_only=True)
class ValidationTransform:
    """A batch transform job over sample data; a package or algorithm is valid if it ends well.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformJobDefinition.html and
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html

    Args:
        input_bucket: Bucket of the sample data.
        input_prefix: What the keys of the sample data begin with; with another ``input_data_type`` the key of the
            manifest.
        output_bucket: Bucket of the answers.
        output_prefix: Folder of the answers, without a slash at either end.
        content_type: MIME type of the sample data, at most 256 characters.
        instance_type: What the job runs on.
        accept: MIME type of the answers, at most 256 characters. Without it, the container chooses.
        assemble_with: ``Line`` ends each answer with a new line. Without it, answers follow each other as they are.
        batch_strategy: Whether a request holds one record or as many as fit; needs a ``split_type``. Without it, as
            many as fit.
        compression_type: ``Gzip`` if the sample data is compressed. Without it, it is not.
        environment: Environment variables of the container, at most 16 with values of at most 10,240 characters.
        input_data_type: What ``input_prefix`` names.
        instance_count: Instances of the job, at least 1.
        max_concurrent_transforms: Requests in parallel to each instance, 0 or more. 0, or without it, as the
            container's ``/execution-parameters`` says, else 1.
        max_payload_in_mb: Largest request, 0 to 100 MB; 0 streams requests of any size to containers that can read
            them. Times ``max_concurrent_transforms`` at most 100. Without it, 6.
        output_key: Key that encrypts the answers. Without it, the bucket's own, if it has one.
        split_type: How the sample data is cut into records. Without it, each object is one.
        volume_key: Key that encrypts the storage of the instances. Without it, a key of AWS.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    input_bucket: s3.IBucket
    input_prefix: str
    output_bucket: s3.IBucket
    output_prefix: str
    content_type: str
    instance_type: InstanceType
    accept: str | None = None
    assemble_with: Literal["None", "Line"] | None = None
    batch_strategy: Literal["MultiRecord", "SingleRecord"] | None = None
    compression_type: Literal["None", "Gzip"] | None = None
    environment: Mapping[str, str] | None = None
    input_data_type: Literal["S3Prefix", "ManifestFile", "AugmentedManifestFile"] = "S3Prefix"
    instance_count: int = 1
    max_concurrent_transforms: int | None = None
    max_payload_in_mb: int | None = None
    output_key: kms.IKey | None = None
    split_type: Literal["None", "Line", "RecordIO", "TFRecord"] | None = None
    volume_key: kms.IKey | None = None

    def __post_init__(self) -> None:
        problems = Problems("ValidationTransform")
        problems.length("content_type", self.content_type, 1, _LONGEST_TYPE)
        problems.length("accept", self.accept, 0, _LONGEST_TYPE)
        problems.length("the URI of the sample data", self._input_uri, 0, _LONGEST_URI)
        problems.length("the URI of the answers", self._output_uri, 0, _LONGEST_URI)
        check_folder(problems, "output_prefix", self.output_prefix)
        problems.one_of("assemble_with", self.assemble_with, ("None", "Line"))
        problems.one_of("batch_strategy", self.batch_strategy, ("MultiRecord", "SingleRecord"))
        problems.one_of("compression_type", self.compression_type, ("None", "Gzip"))
        problems.one_of("input_data_type", self.input_data_type, ("S3Prefix", "ManifestFile", "AugmentedManifestFile"))
        problems.one_of("split_type", self.split_type, ("None", "Line", "RecordIO", "TFRecord"))
        problems.between("instance_count", self.instance_count, 1, None, "instances")
        problems.between("max_concurrent_transforms", self.max_concurrent_transforms, 0, None, "requests")
        problems.between("max_payload_in_mb", self.max_payload_in_mb, 0, _MOST_MB, "MB")
        if self.max_payload_in_mb is not None and self.max_concurrent_transforms is not None:
            together = self.max_payload_in_mb * self.max_concurrent_transforms
            problems.between("max_payload_in_mb times max_concurrent_transforms", together, 0, _MOST_MB, "MB")
        problems.check(
            self.batch_strategy is None or self.split_type not in (None, "None"),
            f"split_type must be given together with batch_strategy, got {self.split_type!r}",
        )
        check_environment(problems, self.environment, most=_MOST_VARIABLES, longest_value=_LONGEST_VALUE)
        check_offered(problems, "instance_type", [self.instance_type], "transform")
        problems.raise_if_any()

    @property
    def _input_uri(self) -> str:
        return self.input_bucket.s3_url_for_object(self.input_prefix)

    @property
    def _output_uri(self) -> str:
        return self.output_bucket.s3_url_for_object(self.output_prefix)

    def describe(self) -> dict[str, Any]:
        """Return the job as the API takes it."""
        return given(
            {
                "BatchStrategy": self.batch_strategy,
                "Environment": None if self.environment is None else dict(self.environment),
                "MaxConcurrentTransforms": self.max_concurrent_transforms,
                "MaxPayloadInMB": self.max_payload_in_mb,
                "TransformInput": given(
                    {
                        "CompressionType": self.compression_type,
                        "ContentType": self.content_type,
                        "DataSource": {
                            "S3DataSource": {"S3DataType": self.input_data_type, "S3Uri": self._input_uri},
                        },
                        "SplitType": self.split_type,
                    }
                ),
                "TransformOutput": given(
                    {
                        "Accept": self.accept,
                        "AssembleWith": self.assemble_with,
                        "KmsKeyId": None if self.output_key is None else self.output_key.key_arn,
                        "S3OutputPath": self._output_uri,
                    }
                ),
                "TransformResources": given(
                    {
                        "InstanceCount": self.instance_count,
                        "InstanceType": self.instance_type.to_string(),
                        "VolumeKmsKeyId": None if self.volume_key is None else self.volume_key.key_arn,
                    }
                ),
            }
        )

    @property
    def permissions(self) -> Sequence[Permission]:
        """What reading the sample data and writing the answers takes."""
        return (
            *reading_below(self.input_bucket, self.input_prefix),
            *writing_into(self.output_bucket, self.output_prefix, self.output_key),
        )


def check_folder(problems: Problems, argument: str, prefix: str) -> None:
    """Record a folder that is empty or has a slash at an end."""
    problems.check(
        is_token(prefix) or (prefix != "" and prefix == prefix.strip("/")),
        f"{argument} must be a folder without a slash at either end, got {prefix!r}",
    )

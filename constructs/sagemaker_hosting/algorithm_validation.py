"""How SageMaker validates an algorithm before it is listed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from sagemaker_hosting.channel_specification import check_channel_name
from sagemaker_hosting.data_permissions import reading_below, writing_into
from sagemaker_hosting.given import given
from sagemaker_hosting.hyperparameter import as_text
from sagemaker_hosting.offered_instance_types import check_offered
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems
from sagemaker_hosting.validation_transform import check_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3

    from sagemaker_hosting.instance_type import InstanceType
    from sagemaker_hosting.permission import Permission
    from sagemaker_hosting.validation_transform import ValidationTransform

_MODES = ("File", "FastFile", "Pipe")
_MOST_CHANNELS = 20
_MOST_HYPERPARAMETERS = 100
_HOUR = 3600


@dataclass(frozen=True, kw_only=True)
class ValidationChannel:
    """Sample data for a channel of the training job that validates an algorithm.

    Args:
        name: Name of the channel: 1 to 64 letters, digits, dots, hyphens and underscores.
        bucket: Bucket of the data.
        prefix: What the keys of the data begin with.
        content_type: MIME type, at most 256 characters. Without it, none is said.
        compression_type: ``Gzip`` if the data is compressed. Without it, it is not.
        input_mode: How the data reaches the container. Without it, as in the job's other channels.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    name: str
    bucket: s3.IBucket
    prefix: str
    content_type: str | None = None
    compression_type: Literal["None", "Gzip"] | None = None
    input_mode: Literal["File", "FastFile", "Pipe"] | None = None

    def __post_init__(self) -> None:
        problems = Problems(f"ValidationChannel {self.name!r}")
        check_channel_name(problems, self.name)
        problems.length("content_type", self.content_type, 0, 256)
        problems.one_of("compression_type", self.compression_type, ("None", "Gzip"))
        problems.one_of("input_mode", self.input_mode, _MODES)
        problems.raise_if_any()

    def describe(self) -> dict[str, Any]:
        """Return it as the API takes it."""
        return given(
            {
                "ChannelName": self.name,
                "CompressionType": self.compression_type,
                "ContentType": self.content_type,
                "DataSource": {
                    "S3DataSource": {
                        "S3DataDistributionType": "FullyReplicated",
                        "S3DataType": "S3Prefix",
                        "S3Uri": self.bucket.s3_url_for_object(self.prefix),
                    }
                },
                "InputMode": self.input_mode,
            }
        )


@dataclass(frozen=True, kw_only=True)
class AlgorithmValidation:
    """A training job, and a transform job with what it wrote; an algorithm is valid if both end well.

    AWS Marketplace shows buyers what stands here, the sample data included.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AlgorithmValidationProfile.html

    Args:
        channels: Sample data to train with, 1 to 20 channels.
        instance_type: What the training job runs on.
        output_bucket: Bucket of what the training job writes.
        output_prefix: Folder of what it writes, without a slash at either end.
        hyperparameters: Values by name, at most 100. Without them, the defaults.
        input_mode: How the data reaches the container.
        instance_count: Instances of the training job, at least 1.
        max_runtime: How long the training job may run, 1 second or more. Without it, 1 hour.
        output_key: Key that encrypts what it writes. Without it, the bucket's own, if it has one.
        profile_name: Name of the two jobs in the algorithm: 1 to 63 letters, digits and hyphens.
        role: Role that the jobs run with; its trust policy must name ``sagemaker.amazonaws.com``. Without it, one is
            made.
        transform: The transform job. Without it, only training is tried; AWS Marketplace wants both.
        volume_size: Storage of each instance, 1 GiB or more. Without it, 10 GiB.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    channels: Sequence[ValidationChannel]
    instance_type: InstanceType
    output_bucket: s3.IBucket
    output_prefix: str
    hyperparameters: Mapping[str, str | float] = field(default_factory=dict)
    input_mode: Literal["File", "FastFile", "Pipe"] = "File"
    instance_count: int = 1
    max_runtime: cdk.Duration | None = None
    output_key: kms.IKey | None = None
    profile_name: str = "validation"
    role: iam.IRole | None = None
    transform: ValidationTransform | None = None
    volume_size: cdk.Size | None = None

    def __post_init__(self) -> None:
        problems = Problems("AlgorithmValidation")
        names = [one.name for one in self.channels]
        problems.between("the number of channels", len(names), 1, _MOST_CHANNELS, "channels")
        problems.check(len(set(names)) == len(names), f"channels must have names of their own, got {names}")
        check_folder(problems, "output_prefix", self.output_prefix)
        problems.between(
            "the number of hyperparameters", len(self.hyperparameters), 0, _MOST_HYPERPARAMETERS, "hyperparameters"
        )
        problems.one_of("input_mode", self.input_mode, _MODES)
        problems.between("instance_count", self.instance_count, 1, None, "instances")
        if self.max_runtime is not None and not self.max_runtime.is_unresolved():
            problems.between("max_runtime", self.max_runtime.to_seconds(), 1, None, "seconds")
        if self.volume_size is not None and not self.volume_size.is_unresolved():
            problems.between(
                "volume_size", self.volume_size.to_gibibytes(rounding=cdk.SizeRoundingBehavior.NONE), 1, None, "GiB"
            )
        problems.matches("profile_name", self.profile_name, NAME_PATTERN, NAME_ALLOWED)
        check_offered(problems, "instance_type", [self.instance_type], "training")
        problems.raise_if_any()

    @property
    def permissions(self) -> Sequence[Permission]:
        """What reading the sample data and writing what the jobs make of it takes."""
        return (
            *(one for channel in self.channels for one in reading_below(channel.bucket, channel.prefix)),
            *writing_into(self.output_bucket, self.output_prefix, self.output_key),
            # The transform job's model is what the training job wrote.
            *reading_below(self.output_bucket, f"{self.output_prefix}/"),
            *(() if self.transform is None else self.transform.permissions),
        )

    def describe(self, role_arn: str) -> dict[str, Any]:
        """Return it as the API takes it.

        Args:
            role_arn: ARN of the role that the jobs run with.
        """
        training = {
            "HyperParameters": {name: as_text(value) for name, value in self.hyperparameters.items()} or None,
            "InputDataConfig": [channel.describe() for channel in self.channels],
            "OutputDataConfig": given(
                {
                    "KmsKeyId": None if self.output_key is None else self.output_key.key_arn,
                    "S3OutputPath": self.output_bucket.s3_url_for_object(self.output_prefix),
                }
            ),
            "ResourceConfig": {
                "InstanceCount": self.instance_count,
                "InstanceType": self.instance_type.to_string(),
                "VolumeSizeInGB": 10 if self.volume_size is None else self.volume_size.to_gibibytes(),
            },
            "StoppingCondition": {
                "MaxRuntimeInSeconds": _HOUR if self.max_runtime is None else self.max_runtime.to_seconds()
            },
            "TrainingInputMode": self.input_mode,
        }
        return {
            "ValidationProfiles": [
                given(
                    {
                        "ProfileName": self.profile_name,
                        "TrainingJobDefinition": given(training),
                        "TransformJobDefinition": None if self.transform is None else self.transform.describe(),
                    }
                )
            ],
            "ValidationRole": role_arn,
        }

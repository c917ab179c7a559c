"""Where the data of a training job come from."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sagemaker_hosting.given import given
from sagemaker_hosting.s3_prefix import S3Prefix
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3

_LONGEST_TYPE = 256


class InputMode(enum.Enum):
    """How data reach the container.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-access-training-data.html
    """

    FILE = "File"
    """Downloaded to ``/opt/ml/input/data/CHANNEL`` before training begins."""

    FAST_FILE = "FastFile"
    """There too, and read from Amazon S3 as the files are opened."""

    PIPE = "Pipe"
    """Streamed into a pipe for each epoch, ``/opt/ml/input/data/CHANNEL_EPOCH``: ``job.pipes`` of the container."""


@dataclass(frozen=True, kw_only=True)
class TrainingChannel:
    """An input channel: the objects whose keys begin with a prefix.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Channel.html

    Args:
        bucket: A bucket in the region of the job.
        prefix: What the keys begin with, such as ``training/``, or one whole key. The job may read these objects only.
        content_type: MIME type, at most 256 characters; some algorithms of AWS ask for it. Without it, none is said.
        gzipped: Whether the objects are compressed by gzip and decompressed on the way; for ``InputMode.PIPE`` only.
        input_mode: How the data reach the container.
        record_io: Whether each object is wrapped as a RecordIO record; for ``InputMode.PIPE`` only.
        sharded: Whether each instance gets a share of the objects. Without it, each gets all of them.
        shuffle_seed: Seed by which the order of objects is shuffled in every epoch. Without it, they are not.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    bucket: s3.IBucket
    prefix: str
    content_type: str | None = None
    gzipped: bool = False
    input_mode: InputMode = InputMode.FILE
    record_io: bool = False
    sharded: bool = False
    shuffle_seed: int | None = None

    def __post_init__(self) -> None:
        problems = Problems("TrainingChannel")
        self.place.check_keys(problems, "prefix")
        problems.between("the length of content_type", len(self.content_type or ""), 0, _LONGEST_TYPE, "characters")
        for name, chosen in (("gzipped", self.gzipped), ("record_io", self.record_io)):
            problems.check(
                not chosen or self.input_mode is InputMode.PIPE,
                f"{name} must be False unless input_mode is InputMode.PIPE, got {self.input_mode}",
            )
        problems.raise_if_any()

    @property
    def place(self) -> S3Prefix:
        """Where the objects are."""
        return S3Prefix(self.bucket, self.prefix)

    def render(self, name: str, uri_path: str) -> dict[str, Any]:
        """Describe it to ``CreateTrainingJob``.

        Args:
            name: Name of the channel.
            uri_path: Path in the state of an execution where the URI is found.
        """
        optional = {
            "CompressionType": "Gzip" if self.gzipped else None,
            "ContentType": self.content_type,
            "RecordWrapperType": "RecordIO" if self.record_io else None,
            "ShuffleConfig": None if self.shuffle_seed is None else {"Seed": self.shuffle_seed},
        }
        return {
            "ChannelName": name,
            "DataSource": {
                "S3DataSource": {
                    "S3DataDistributionType": "ShardedByS3Key" if self.sharded else "FullyReplicated",
                    "S3DataType": "S3Prefix",
                    "S3Uri.$": uri_path,
                }
            },
            "InputMode": self.input_mode.value,
            **given(optional),
        }

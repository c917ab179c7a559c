"""Where an endpoint reads or writes in Amazon S3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagemaker_hosting.tokens import is_token

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3

    from sagemaker_hosting.validation import Problems

_LONGEST_URI = 512
LONGEST_JOB_URI = 1024
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html"""


@dataclass(frozen=True)
class S3Prefix:
    """The objects of a bucket whose keys begin with a folder.

    Args:
        bucket: The bucket.
        prefix: The folder, without a slash at either end.
    """

    bucket: s3.IBucket
    prefix: str

    @property
    def uri(self) -> str:
        """URI of the folder."""
        return f"s3://{self.bucket.bucket_name}/{self.prefix}"

    @property
    def objects_arn(self) -> str:
        """ARN that covers every object in the folder and nothing else."""
        return self.bucket.arn_for_objects(f"{self.prefix}/*")

    def check(self, problems: Problems, argument: str, *, longest: int = _LONGEST_URI) -> None:
        """Record a folder that is empty, has a slash at an end, or makes the URI too long.

        Limit: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html

        Args:
            problems: Where to record.
            argument: Name of the argument that gave the prefix.
            longest: Most characters of the URI.
        """
        if is_token(self.prefix):
            return
        problems.check(
            self.prefix != "" and self.prefix == self.prefix.strip("/"),
            f"{argument} must be a folder without a slash at either end, got {self.prefix!r}",
        )
        self._check_length(problems, argument, longest)

    def check_keys(self, problems: Problems, argument: str) -> None:
        """Record what keys cannot begin with, or what makes the URI longer than 1,024 characters.

        Args:
            problems: Where to record.
            argument: Name of the argument that gave the prefix.
        """
        if is_token(self.prefix):
            return
        problems.check(
            self.prefix != "" and not self.prefix.startswith("/"),
            f"{argument} must be what the keys begin with, such as 'training/', got {self.prefix!r}",
        )
        self._check_length(problems, argument, LONGEST_JOB_URI)

    def _check_length(self, problems: Problems, argument: str, longest: int) -> None:
        if not is_token(self.uri):
            problems.between(f"the length of {argument} with its bucket", len(self.uri), 1, longest, "characters")

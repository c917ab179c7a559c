"""The algorithm and the training result that a model package is made of, instead of containers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3

    from sagemaker_hosting.algorithm import IAlgorithm


@dataclass(frozen=True, kw_only=True)
class SourceAlgorithm:
    """An algorithm of this account, or one that it subscribes to, and what training it gave.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_SourceAlgorithm.html

    Args:
        algorithm: Its containers become those of the package.
        bucket: Bucket of the training result.
        object_key: Key of the training result, which ends in ``.tar.gz``.

    Raises:
        ValidationError: If the key does not end so.
    """

    algorithm: IAlgorithm
    bucket: s3.IBucket
    object_key: str

    def __post_init__(self) -> None:
        problems = Problems("SourceAlgorithm")
        problems.check(
            is_token(self.object_key) or self.object_key.endswith(".tar.gz"),
            f"object_key must end in '.tar.gz', got {self.object_key!r}",
        )
        problems.raise_if_any()

    @property
    def model_data_url(self) -> str:
        """URI of the training result."""
        return self.bucket.s3_url_for_object(self.object_key)

"""What a monitor looks at."""

from __future__ import annotations

import abc
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sagemaker_hosting.data_permissions import decrypting, reading_below
from sagemaker_hosting.endpoint_config import EndpointConfig
from sagemaker_hosting.given import given
from sagemaker_hosting.monitor_schedule import before
from sagemaker_hosting.own_policy import allow
from sagemaker_hosting.s3_prefix import S3Prefix
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    import aws_cdk as cdk
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3

    from sagemaker_hosting.data_capture import DataCapture
    from sagemaker_hosting.endpoint import IEndpoint

_FOLDER = "/opt/ml/processing/input"
_LONGEST_OFFSET = 15
_MOST_EXCLUDED = 100


@dataclass(frozen=True, kw_only=True)
class InputAttributes:
    """Where a record holds what a monitor looks for. Each kind of monitor takes some of these.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_EndpointInput.html

    Args:
        exclude_features: Names of features that are not looked at, for data quality.
        features: JMESPath of the features in a JSON record, for bias and explainability.
        inference: Index or JMESPath of the prediction, for all but data quality.
        probability: Index or JMESPath of the probability, for all but data quality.
        probability_threshold: From which probability on a prediction is positive, for model quality and bias.
        start_offset: How long before the run the data begins, for model quality and bias: as long as the truth takes to
            be known, and the period on top.
        end_offset: How long before the run the data ends, for model quality and bias.

    Raises:
        ValidationError: If a value is outside its limits.
    """

    exclude_features: Sequence[str] = ()
    features: str | None = None
    inference: str | None = None
    probability: str | None = None
    probability_threshold: float | None = None
    start_offset: cdk.Duration | None = None
    end_offset: cdk.Duration | None = None

    def __post_init__(self) -> None:
        problems = Problems("InputAttributes")
        excluded = ",".join(self.exclude_features)
        problems.between("the length of exclude_features", len(excluded), 0, _MOST_EXCLUDED, "characters")
        problems.between("probability_threshold", self.probability_threshold, 0, 1, "as a probability")
        for name, offset in (("start_offset", self.start_offset), ("end_offset", self.end_offset)):
            problems.length(f"{name} in ISO 8601", before(offset), 0, _LONGEST_OFFSET)
        start, end = self.start_offset, self.end_offset
        problems.check(
            start is None
            or end is None
            or any(offset.is_unresolved() for offset in (start, end))
            or start.to_seconds() > end.to_seconds(),
            "start_offset must be longer than end_offset",
        )
        problems.raise_if_any()

    def check(self, problems: Problems, taken: AbstractSet[str]) -> None:
        """Record what the kind of monitor does not take.

        Args:
            problems: Where to record.
            taken: Names of the attributes that it takes.
        """
        for field in fields(self):
            problems.check(
                field.name in taken or getattr(self, field.name) in (None, ()),
                f"attributes.{field.name} must not be given: this monitor takes {', '.join(sorted(taken))}",
            )

    def render(self) -> dict[str, Any]:
        """Describe it to CloudFormation."""
        described = {
            "end_time_offset": before(self.end_offset),
            "exclude_features_attribute": ",".join(self.exclude_features) or None,
            "features_attribute": self.features,
            "inference_attribute": self.inference,
            "probability_attribute": self.probability,
            "probability_threshold_attribute": self.probability_threshold,
            "start_time_offset": before(self.start_offset),
        }
        return given(described)


@dataclass(frozen=True, kw_only=True)
class DatasetFormat:
    """How captured batches are written; made by ``csv``, ``json`` or ``parquet``."""

    description: dict[str, Any]

    @staticmethod
    def csv(*, header: bool = False) -> DatasetFormat:
        """Comma-separated values.

        Args:
            header: Whether the first line names the columns.
        """
        return DatasetFormat(description={"csv": {"header": header}})

    @staticmethod
    def json(*, lines: bool = True) -> DatasetFormat:
        """JSON.

        Args:
            lines: Whether each line is a record, instead of the file being one.
        """
        return DatasetFormat(description={"json": {"line": lines}})

    @staticmethod
    def parquet() -> DatasetFormat:
        """Apache Parquet."""
        return DatasetFormat(description={"parquet": True})


@dataclass(frozen=True, kw_only=True)
class MonitorInputConfig:
    """What ``MonitorInput.bind`` yields.

    Attributes:
        kind: The member of the job's input that it is: ``endpoint_input`` or ``batch_transform_input``.
        description: That member.
        endpoint_name: Name of the endpoint, where there is one.
    """

    kind: str
    description: dict[str, Any]
    endpoint_name: str | None = None


class MonitorInput(abc.ABC):
    """Requests and answers that were kept: those of an endpoint, or of batch transform jobs."""

    def __init__(self, attributes: InputAttributes | None) -> None:
        """Describe the records.

        Args:
            attributes: Where a record holds what.
        """
        self.attributes = InputAttributes() if attributes is None else attributes

    @staticmethod
    def of_endpoint(
        endpoint: IEndpoint, *, attributes: InputAttributes | None = None, data_capture: DataCapture | None = None
    ) -> MonitorInput:
        """Look at what an endpoint captures.

        Args:
            endpoint: The endpoint.
            attributes: Where a record holds what. Without it, the monitor finds its way in CSV.
            data_capture: What it captures. Without it, that of its configuration.

        Raises:
            ValidationError: If nothing is known to be captured.
        """
        config = endpoint.endpoint_config
        known = config.contents.data_capture if isinstance(config, EndpointConfig) else None
        capture = known if data_capture is None else data_capture
        problems = Problems("MonitorInput.of_endpoint")
        problems.check(
            capture is not None,
            f"endpoint must capture data, for a monitor reads nothing else: give the configuration of "
            f"'{endpoint.node.path}' a DataCapture, or data_capture here where the configuration was imported",
        )
        problems.raise_if_any()
        assert capture is not None  # noqa: S101  just checked
        return _EndpointInput(endpoint, capture, attributes)

    @staticmethod
    def of_batch_transform(
        bucket: s3.IBucket,
        prefix: str,
        *,
        dataset_format: DatasetFormat,
        attributes: InputAttributes | None = None,
        encryption_key: kms.IKey | None = None,
    ) -> MonitorInput:
        """Look at what batch transform jobs capture (``DataCaptureConfig`` of a job).

        Args:
            bucket: Where they capture.
            prefix: Folder in the bucket, without a slash at either end.
            dataset_format: How it is written.
            attributes: Where a record holds what. Without it, the monitor finds its way in CSV.
            encryption_key: What it is encrypted with. Without it, the key of the bucket, if that has one.

        Raises:
            ValidationError: If the prefix is not valid.
        """
        problems = Problems("MonitorInput.of_batch_transform")
        S3Prefix(bucket, prefix).check(problems, "prefix")
        problems.raise_if_any()
        return _BatchInput(S3Prefix(bucket, prefix), dataset_format, encryption_key, attributes)

    @abc.abstractmethod
    def bind(self, policy: iam.Policy) -> MonitorInputConfig:
        """Let the jobs read it, and describe it to CloudFormation.

        Args:
            policy: The policy of the jobs.
        """


class _EndpointInput(MonitorInput):
    def __init__(self, endpoint: IEndpoint, capture: DataCapture, attributes: InputAttributes | None) -> None:
        super().__init__(attributes)
        self._endpoint = endpoint
        self._capture = capture

    def bind(self, policy: iam.Policy) -> MonitorInputConfig:
        _allow(policy, S3Prefix(self._capture.bucket, self._capture.prefix), self._capture.encryption_key)
        return MonitorInputConfig(
            kind="endpoint_input",
            description={
                "endpoint_name": self._endpoint.endpoint_name,
                "local_path": f"{_FOLDER}/endpoint",
                **self.attributes.render(),
            },
            endpoint_name=self._endpoint.endpoint_name,
        )


class _BatchInput(MonitorInput):
    def __init__(
        self,
        place: S3Prefix,
        dataset_format: DatasetFormat,
        encryption_key: kms.IKey | None,
        attributes: InputAttributes | None,
    ) -> None:
        super().__init__(attributes)
        self._place = place
        self._format = dataset_format
        self._key = encryption_key

    def bind(self, policy: iam.Policy) -> MonitorInputConfig:
        _allow(policy, self._place, self._key)
        return MonitorInputConfig(
            kind="batch_transform_input",
            description={
                "data_captured_destination_s3_uri": self._place.uri,
                "dataset_format": self._format.description,
                "local_path": f"{_FOLDER}/batch",
                **self.attributes.render(),
            },
        )


def _allow(policy: iam.Policy, place: S3Prefix, key: kms.IKey | None) -> None:
    allow(policy, [*reading_below(place.bucket, f"{place.prefix}/"), *decrypting(key)])

"""What the four kinds of monitors share: role, image, places, and the schedule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from sagemaker_hosting.container_image import ContainerImage
from sagemaker_hosting.data_permissions import reading_below, reading_object, writing_into
from sagemaker_hosting.execution_policy import PROCESSING_LOG_GROUPS, create_execution_policy
from sagemaker_hosting.execution_role import create_execution_role
from sagemaker_hosting.metrics import MetricOptions, create_metric
from sagemaker_hosting.monitor_jobs import MonitorJobs
from sagemaker_hosting.monitor_schedule import MonitorSchedule, before
from sagemaker_hosting.own_policy import allow, create_own_policy
from sagemaker_hosting.s3_prefix import S3Prefix
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3

    from sagemaker_hosting.instance_type import Architecture
    from sagemaker_hosting.monitor_input import MonitorInput
    from sagemaker_hosting.s3_file import S3File

_HOUR = 3600
_LONGEST_NAME = 63
_OUTPUT = "/opt/ml/processing/output"


@dataclass(frozen=True, kw_only=True)
class MonitorKind:
    """How a kind of monitor differs from the others.

    Attributes:
        type: How a schedule calls it.
        attributes: Names of the ``InputAttributes`` that it takes.
        longest_hourly: Seconds that a job may take every hour.
        metrics: Last part of the namespace of its metrics.
        repository: Where AWS publishes its image.
        tag: Tag of that image.
    """

    type: str
    attributes: frozenset[str]
    longest_hourly: int
    metrics: str
    repository: str
    tag: str


class Monitor(Construct):
    """A job definition, the role of its jobs, and a schedule; ``DataQualityMonitor`` and its siblings are made."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        kind: MonitorKind,
        monitored: MonitorInput,
        output_bucket: s3.IBucket,
        output_prefix: str,
        jobs: MonitorJobs | None = None,
        output_encryption_key: kms.IKey | None = None,
        schedule: MonitorSchedule | None = None,
    ) -> None:
        """Create the role and its policies; ``DataQualityMonitor`` describes the other arguments.

        Args:
            scope: Parent.
            id: Id below the parent.
            kind: The kind.
            monitored: What is looked at.
            output_bucket: Where reports go.
            output_prefix: Folder in the bucket.
            jobs: What the jobs run on and with.
            output_encryption_key: Key that encrypts the reports.
            schedule: When a job runs.
        """
        super().__init__(scope, id)
        self._kind = kind
        self._jobs = MonitorJobs() if jobs is None else jobs
        self._schedule = MonitorSchedule.hourly() if schedule is None else schedule
        output = S3Prefix(output_bucket, output_prefix)
        self._reports = output
        problems = Problems(lambda: f"{type(self).__name__} '{self.node.path}'")
        output.check(problems, "output_prefix")
        monitored.attributes.check(problems, kind.attributes)
        period = self._schedule.period_in_seconds
        longest = kind.longest_hourly if period == _HOUR else period
        problems.duration("jobs.max_runtime", self._jobs.max_runtime, 1, longest)
        problems.raise_if_any()

        self._role = (
            create_execution_role(self, f"Runs the monitor {self.node.path}")
            if self._jobs.role is None
            else self._jobs.role
        )
        image = ContainerImage.from_dlc(kind.repository, kind.tag) if self._jobs.image is None else self._jobs.image
        bound = image.bind(Construct(self, "Container"), self)
        self._image_uri = bound.image_name
        # Model Monitor's namespaces begin with a slash in some places and without one in others.
        self._execution_policy = create_execution_policy(
            self,
            self._role,
            bound.permissions,
            log_groups=PROCESSING_LOG_GROUPS,
            namespaces=["/aws/sagemaker/*", "aws/sagemaker/*"],
        )
        writing = writing_into(output.bucket, output.prefix, output_encryption_key)
        self._data_policy = create_own_policy(self, "DataPolicy", [self._role], writing)
        self._input = monitored.bind(self._data_policy)
        self._output: dict[str, Any] = {
            "monitoring_outputs": [{"s3_output": {"local_path": _OUTPUT, "s3_uri": output.uri}}]
        }
        if output_encryption_key is not None:
            self._output["kms_key_id"] = output_encryption_key.key_arn
        self._output = _as_jsii_has_it(self._output)
        rendered = self._jobs.render(self, self._data_policy, kind.longest_hourly)
        self._rendered = {name: _as_jsii_has_it(value) for name, value in rendered.items()}

    @property
    def execution_policy(self) -> iam.Policy:
        """What lets the jobs pull their image, write logs and publish metrics."""
        return self._execution_policy

    @property
    def image_architecture(self) -> Architecture:
        """What an image that is built with the app is built for."""
        return self._jobs.instance_type.architecture

    @property
    def role(self) -> iam.IRole:
        """Role of the jobs."""
        return self._role

    @property
    def schedule_name(self) -> str:
        """Name of the schedule, as metrics have it."""
        return str(cdk.Names.unique_resource_name(self, max_length=_LONGEST_NAME, separator="-"))

    def _uri(self, name: str, file: S3File) -> str:
        """Let the jobs read a file; return its URI."""
        config = file.bind(self, name)
        allow(self._data_policy, reading_object(config.bucket, config.object_key))
        return config.uri

    def _file(self, name: str, file: S3File | None) -> str | None:
        return None if file is None else self._uri(name, file)

    def _resource(self, name: str, file: S3File | None) -> dict[str, str] | None:
        return None if file is None else {"s3Uri": self._uri(name, file)}

    def _truth_in(self, bucket: s3.IBucket, prefix: str) -> S3Prefix:
        """Where the truth about predictions is, if that is a folder."""
        ground_truth = S3Prefix(bucket, prefix)
        problems = Problems(lambda: f"{type(self).__name__} '{self.node.path}'")
        ground_truth.check(problems, "ground_truth_prefix")
        problems.raise_if_any()
        return ground_truth

    def _input_of(self, ground_truth: S3Prefix | None = None) -> dict[str, Any]:
        described: dict[str, Any] = {self._input.kind: self._input.description}
        if ground_truth is not None:
            # One job merges predictions and truth into the folder of the reports, and the next one reads them there.
            for place in (ground_truth, self._reports):
                allow(self._data_policy, reading_below(place.bucket, f"{place.prefix}/"))
            described["ground_truth_s3_input"] = {"s3_uri": ground_truth.uri}
        return dict(_as_jsii_has_it(described))

    def _start(self, definition: cdk.CfnResource, arn: str) -> None:
        """Schedule the jobs of a definition."""
        definition.node.add_dependency(self._role, self._execution_policy, self._data_policy)
        schedule = self._schedule
        sagemaker.CfnMonitoringSchedule(
            self,
            "Schedule",
            monitoring_schedule_name=self.schedule_name,
            monitoring_schedule_config=sagemaker.CfnMonitoringSchedule.MonitoringScheduleConfigProperty(
                monitoring_job_definition_name=cdk.Fn.select(1, cdk.Fn.split("/", arn)),
                monitoring_type=self._kind.type,
                schedule_config=sagemaker.CfnMonitoringSchedule.ScheduleConfigProperty(
                    data_analysis_end_time=before(schedule.window_end),
                    data_analysis_start_time=before(schedule.window_start),
                    schedule_expression=schedule.expression,
                ),
            ),
        )

    def _metric(
        self, name: str, statistic: str, dimensions: dict[str, str], options: MetricOptions
    ) -> cloudwatch.Metric:
        endpoint = self._input.endpoint_name
        place = "ModelMonitoring" if endpoint is None else "Endpoints"
        measured = {} if endpoint is None else {"Endpoint": endpoint}
        given: MetricOptions = {"period": cdk.Duration.hours(1), **options}
        return create_metric(
            f"aws/sagemaker/{place}/{self._kind.metrics}",
            name,
            statistic,
            {**measured, "MonitoringSchedule": self.schedule_name, **dimensions},
            given,
        )


def _as_jsii_has_it(value: Any) -> Any:  # noqa: ANN401  a property of CloudFormation
    """Name the members as jsii names them, which takes such a value for each of the four types of its kind."""
    match value:
        case dict():
            return {_camel_case(name): _as_jsii_has_it(member) for name, member in value.items()}
        case list():
            return [_as_jsii_has_it(member) for member in value]
        case _:
            return value


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)

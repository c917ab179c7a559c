"""Tells when requests are no longer like the data that a model was trained with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.monitor import Monitor, MonitorKind

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

    from sagemaker_hosting.metrics import MetricOptions
    from sagemaker_hosting.monitor_input import MonitorInput
    from sagemaker_hosting.monitor_jobs import MonitorJobs
    from sagemaker_hosting.monitor_schedule import MonitorSchedule
    from sagemaker_hosting.s3_file import S3File

_KIND = MonitorKind(
    type="DataQuality",
    attributes=frozenset({"exclude_features"}),
    longest_hourly=3600,
    metrics="data-metrics",
    repository="sagemaker-model-monitor-analyzer",
    tag="latest",
)


class DataQualityMonitor(Monitor):
    """Compares the features of captured requests with a baseline: types, completeness, distribution.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-quality.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        monitored: MonitorInput,
        output_bucket: s3.IBucket,
        output_prefix: str,
        baseline_constraints: S3File | None = None,
        baseline_statistics: S3File | None = None,
        jobs: MonitorJobs | None = None,
        output_encryption_key: kms.IKey | None = None,
        post_analytics_processor: S3File | None = None,
        record_preprocessor: S3File | None = None,
        schedule: MonitorSchedule | None = None,
    ) -> None:
        """Create the job definition, the role of its jobs, and the schedule.

        Args:
            scope: Parent.
            id: Id below the parent.
            monitored: What is looked at.
            output_bucket: Where reports go: statistics, constraints and their violations.
            output_prefix: Folder in the bucket, without a slash at either end.
            baseline_constraints: ``constraints.json`` of a baselining job. Without it, nothing is a violation.
            baseline_statistics: ``statistics.json`` of a baselining job. Without it, there is no drift.
            jobs: What the jobs run on and with. Without it, one instance outside of any VPC.
            output_encryption_key: Key that encrypts the reports. Without it, the bucket decides.
            post_analytics_processor: Python script that is run after the analysis.
            record_preprocessor: Python script with a ``preprocess_handler`` that each record passes.
            schedule: When a job runs. Without it, every hour.

        Raises:
            ValidationError: If an argument is outside its limits, or is not for this kind of monitor.
        """
        super().__init__(
            scope,
            id,
            kind=_KIND,
            monitored=monitored,
            output_bucket=output_bucket,
            output_prefix=output_prefix,
            jobs=jobs,
            output_encryption_key=output_encryption_key,
            schedule=schedule,
        )
        definition = sagemaker.CfnDataQualityJobDefinition(
            self,
            "Resource",
            data_quality_app_specification=sagemaker.CfnDataQualityJobDefinition.DataQualityAppSpecificationProperty(
                environment=self._jobs.variables(),
                image_uri=self._image_uri,
                post_analytics_processor_source_uri=self._file("PostAnalyticsProcessor", post_analytics_processor),
                record_preprocessor_source_uri=self._file("RecordPreprocessor", record_preprocessor),
            ),
            data_quality_baseline_config=sagemaker.CfnDataQualityJobDefinition.DataQualityBaselineConfigProperty(
                constraints_resource=self._resource("Constraints", baseline_constraints),
                statistics_resource=self._resource("Statistics", baseline_statistics),
            ),
            data_quality_job_input=self._input_of(),
            data_quality_job_output_config=self._output,
            role_arn=self.role.role_arn,
            **self._rendered,
        )
        self._start(definition, definition.attr_job_definition_arn)

    def metric_baseline_drift(self, feature: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How far a feature has moved from the baseline, if the constraints have ``emit_metrics`` enabled.

        https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-cloudwatch.html

        Args:
            feature: Its name.
            options: See ``MetricOptions``; without ``period``, it is 1 hour.
        """
        return self._metric(f"feature_baseline_drift_{feature}", "Sum", {}, options)

    def metric_completeness(self, feature: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How much of a feature was there, if the constraints have ``emit_metrics`` enabled.

        Args:
            feature: Its name.
            options: See ``MetricOptions``; without ``period``, it is 1 hour.
        """
        return self._metric(f"feature_non_null_{feature}", "Sum", {}, options)

    def metric_feature(self, feature: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The values of a numerical feature, if the constraints have ``emit_metrics`` enabled.

        Args:
            feature: Its name.
            options: See ``MetricOptions``; without ``period``, it is 1 hour.
        """
        return self._metric(f"feature_data_{feature}", "Average", {}, options)

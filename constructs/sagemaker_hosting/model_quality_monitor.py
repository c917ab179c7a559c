"""Tells when predictions are no longer as right as they were."""

from __future__ import annotations

import enum
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
    type="ModelQuality",
    attributes=frozenset({"end_offset", "inference", "probability", "probability_threshold", "start_offset"}),
    longest_hourly=1800,
    metrics="model-metrics",
    repository="sagemaker-model-monitor-analyzer",
    tag="latest",
)


class ProblemType(enum.Enum):
    """What a model predicts, and so how right it is."""

    BINARY_CLASSIFICATION = "BinaryClassification"
    MULTICLASS_CLASSIFICATION = "MulticlassClassification"
    REGRESSION = "Regression"


class ModelQualityMonitor(Monitor):
    """Compares captured predictions with the truth, once that is known, and how right they were with a baseline.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        ground_truth_bucket: s3.IBucket,
        ground_truth_prefix: str,
        monitored: MonitorInput,
        output_bucket: s3.IBucket,
        output_prefix: str,
        problem_type: ProblemType,
        baseline_constraints: S3File | None = None,
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
            ground_truth_bucket: Where the truth about the predictions is put, merged by inference id.
                https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
            ground_truth_prefix: Folder in the bucket, without a slash at either end.
            monitored: What is looked at. Its ``attributes`` say where the prediction is.
            output_bucket: Where reports go, and the merged records.
            output_prefix: Folder in the bucket, without a slash at either end.
            problem_type: What the model predicts.
            baseline_constraints: ``constraints.json`` of a baselining job. Without it, nothing is a violation.
            jobs: See ``DataQualityMonitor``.
            output_encryption_key: See ``DataQualityMonitor``.
            post_analytics_processor: See ``DataQualityMonitor``.
            record_preprocessor: See ``DataQualityMonitor``.
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
        ground_truth = self._truth_in(ground_truth_bucket, ground_truth_prefix)
        definition = sagemaker.CfnModelQualityJobDefinition(
            self,
            "Resource",
            model_quality_app_specification=sagemaker.CfnModelQualityJobDefinition.ModelQualityAppSpecificationProperty(
                environment=self._jobs.variables(),
                image_uri=self._image_uri,
                post_analytics_processor_source_uri=self._file("PostAnalyticsProcessor", post_analytics_processor),
                problem_type=problem_type.value,
                record_preprocessor_source_uri=self._file("RecordPreprocessor", record_preprocessor),
            ),
            model_quality_baseline_config=sagemaker.CfnModelQualityJobDefinition.ModelQualityBaselineConfigProperty(
                constraints_resource=self._resource("Constraints", baseline_constraints)
            ),
            model_quality_job_input=self._input_of(ground_truth),
            model_quality_job_output_config=self._output,
            role_arn=self.role.role_arn,
            **self._rendered,
        )
        self._start(definition, definition.attr_job_definition_arn)

    def metric_quality(self, name: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How right the predictions were.

        https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html

        Args:
            name: What is measured, as that page lists it for the type of problem: ``accuracy``, ``f2``, ``rmse``.
            options: See ``MetricOptions``; without ``period``, it is 1 hour.
        """
        return self._metric(name, "Average", {}, options)

"""Tells when predictions begin to favour a group."""

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
    type="ModelBias",
    attributes=frozenset(
        {"end_offset", "features", "inference", "probability", "probability_threshold", "start_offset"}
    ),
    longest_hourly=1800,
    metrics="bias-metrics",
    repository="sagemaker-clarify-processing",
    tag="1.0",
)


class BiasStage(enum.Enum):
    """Whether a bias is one of the data, or of the predictions."""

    PRE_TRAINING = "Pre-training"
    POST_TRAINING = "Post-Training"


class ModelBiasMonitor(Monitor):
    """Measures with SageMaker Clarify how differently a model treats groups.

    https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        analysis_config: S3File,
        ground_truth_bucket: s3.IBucket,
        ground_truth_prefix: str,
        monitored: MonitorInput,
        output_bucket: s3.IBucket,
        output_prefix: str,
        baseline_constraints: S3File | None = None,
        jobs: MonitorJobs | None = None,
        output_encryption_key: kms.IKey | None = None,
        schedule: MonitorSchedule | None = None,
    ) -> None:
        """Create the job definition, the role of its jobs, and the schedule.

        Args:
            scope: Parent.
            id: Id below the parent.
            analysis_config: What Clarify is to measure: label, groups, methods.
                https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html
            ground_truth_bucket: Where the truth about the predictions is put, merged by inference id.
                https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
            ground_truth_prefix: Folder in the bucket, without a slash at either end.
            monitored: What is looked at. Its ``attributes`` say where features and prediction are.
            output_bucket: Where reports go, and the merged records.
            output_prefix: Folder in the bucket, without a slash at either end.
            baseline_constraints: ``analysis.json`` of a baselining job. Without it, nothing is a violation.
            jobs: See ``DataQualityMonitor``.
            output_encryption_key: See ``DataQualityMonitor``.
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
        definition = sagemaker.CfnModelBiasJobDefinition(
            self,
            "Resource",
            model_bias_app_specification=sagemaker.CfnModelBiasJobDefinition.ModelBiasAppSpecificationProperty(
                config_uri=self._uri("AnalysisConfig", analysis_config),
                environment=self._jobs.variables(),
                image_uri=self._image_uri,
            ),
            model_bias_baseline_config=sagemaker.CfnModelBiasJobDefinition.ModelBiasBaselineConfigProperty(
                constraints_resource=self._resource("Constraints", baseline_constraints)
            ),
            model_bias_job_input=self._input_of(ground_truth),
            model_bias_job_output_config=self._output,
            role_arn=self.role.role_arn,
            **self._rendered,
        )
        self._start(definition, definition.attr_job_definition_arn)

    def metric_bias(
        self,
        name: str,
        *,
        facet: str,
        facet_value: str,
        stage: BiasStage,
        target: str,
        target_value: str,
        **options: Unpack[MetricOptions],
    ) -> cloudwatch.Metric:
        """How differently a group is treated.

        https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift-cw.html

        Args:
            name: Short name of the measure, such as ``DPPL``.
            facet: Feature that tells the groups apart.
            facet_value: Its value in the group.
            stage: Whether data or predictions are measured.
            target: What is predicted, as the analysis configuration calls it.
            target_value: The value of it that is the better one.
            options: See ``MetricOptions``; without ``period``, it is 1 hour.
        """
        dimensions = {
            "BiasStage": stage.value,
            "Facet": facet,
            "FacetValue": facet_value,
            "Label": target,
            "LabelValue": target_value,
        }
        return self._metric(f"bias_metric_{name}", "Average", dimensions, options)

"""Tells when other features begin to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.monitor import Monitor, MonitorKind
from sagemaker_hosting.own_policy import create_own_policy
from sagemaker_hosting.permission import Permission
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

    from sagemaker_hosting.metrics import MetricOptions
    from sagemaker_hosting.model import IModel
    from sagemaker_hosting.monitor_input import MonitorInput
    from sagemaker_hosting.monitor_jobs import MonitorJobs
    from sagemaker_hosting.monitor_schedule import MonitorSchedule
    from sagemaker_hosting.s3_file import S3File

_KIND = MonitorKind(
    type="ModelExplainability",
    attributes=frozenset({"features", "inference", "probability"}),
    longest_hourly=3600,
    metrics="explainability-metrics",
    repository="sagemaker-clarify-processing",
    tag="1.0",
)
_SHADOWS = {"endpoint": "sm-clarify-*", "endpoint-config": "sm-clarify-config*"}


class ModelExplainabilityMonitor(Monitor):
    """Measures with SageMaker Clarify how much each feature decides, on an endpoint of its own for each job.

    https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-feature-attribution-drift.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        analysis_config: S3File,
        model: IModel,
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
            analysis_config: What Clarify is to measure. Its ``predictor`` names the model, which therefore needs a
                physical name, and leaves out ``endpoint_name_prefix``: the role may make endpoints of no other name.
                https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html
            model: The model that is asked.
            monitored: What is looked at. Its ``attributes`` say where features and prediction are.
            output_bucket: Where reports go.
            output_prefix: Folder in the bucket, without a slash at either end.
            baseline_constraints: ``analysis.json`` of a baselining job. Without it, nothing is a violation.
            jobs: See ``DataQualityMonitor``; they cannot be cut off from the network.
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
        problems = Problems(lambda: f"ModelExplainabilityMonitor '{self.node.path}'")
        problems.check(
            not self._jobs.network_isolation,
            "jobs.network_isolation must be False: the job makes an endpoint and asks it, got True",
        )
        problems.raise_if_any()
        endpoints = self._allow_endpoints(model)
        app_specification = sagemaker.CfnModelExplainabilityJobDefinition.ModelExplainabilityAppSpecificationProperty(
            config_uri=self._uri("AnalysisConfig", analysis_config),
            environment=self._jobs.variables(),
            image_uri=self._image_uri,
        )
        definition = sagemaker.CfnModelExplainabilityJobDefinition(
            self,
            "Resource",
            model_explainability_app_specification=app_specification,
            model_explainability_baseline_config=(
                sagemaker.CfnModelExplainabilityJobDefinition.ModelExplainabilityBaselineConfigProperty(
                    constraints_resource=self._resource("Constraints", baseline_constraints)
                )
            ),
            model_explainability_job_input=self._input_of(),
            model_explainability_job_output_config=self._output,
            role_arn=self.role.role_arn,
            **self._rendered,
        )
        definition.node.add_dependency(endpoints)
        self._start(definition, definition.attr_job_definition_arn)

    def _allow_endpoints(self, model: IModel) -> iam.Policy:
        """Let the jobs make, ask and delete their endpoints, as AWS's own solution does.

        The developer guide lists no actions for it.
        https://github.com/aws-solutions/mlops-workload-orchestrator
        """
        stack = cdk.Stack.of(self)
        permissions = [Permission(actions=("sagemaker:DescribeModel",), resources=(model.model_arn,))]
        for resource, name in _SHADOWS.items():
            noun = "Endpoint" if resource == "endpoint" else "EndpointConfig"
            verbs = [f"sagemaker:{verb}{noun}" for verb in ("Create", "Delete", "Describe")]
            # To make an endpoint, one has to be allowed it for the configuration, too.
            extra = "sagemaker:InvokeEndpoint" if resource == "endpoint" else "sagemaker:CreateEndpoint"
            permissions.append(
                Permission(
                    actions=("sagemaker:AddTags", *verbs, extra),
                    resources=(stack.format_arn(service="sagemaker", resource=resource, resource_name=name),),
                    wildcard_reason="SageMaker Clarify names the endpoint of each job; all begin like this.",
                )
            )
        return create_own_policy(self, "EndpointPolicy", [self.role], permissions)

    def metric_attribution(self, feature: str, *, target: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How much a feature decides: its global SHAP value.

        https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-feature-attribute-drift-cw.html

        Args:
            feature: Its name in the analysis configuration.
            target: What is predicted: a name of ``label_headers``, or ``label0`` where there are none.
            options: See ``MetricOptions``; without ``period``, it is 1 hour.
        """
        dimensions = {"ExplainabilityMethod": "KernelShap", "Label": target, "ValueType": "GlobalShapValues"}
        return self._metric(f"feature_{feature}", "Average", dimensions, options)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_s3 as s3

from library.templates import small_model
from sagemaker_hosting import (
    DataCapture,
    DataQualityMonitor,
    Endpoint,
    EndpointConfig,
    InstanceType,
    ModelBiasMonitor,
    ModelExplainabilityMonitor,
    ModelQualityMonitor,
    MonitorInput,
    ProblemType,
    S3File,
)

if TYPE_CHECKING:
    import aws_cdk as cdk


def bucket(stack: cdk.Stack) -> s3.IBucket:
    """Return the bucket of everything that monitors read and write."""
    found = stack.node.try_find_child("Bucket")
    return s3.Bucket.from_bucket_name(stack, "Bucket", "data") if found is None else found  # type: ignore[return-value]


def endpoint(stack: cdk.Stack, *, captures: bool = True) -> Endpoint:
    """Return an endpoint, which captures data into ``captures/iris`` or not at all."""
    config = EndpointConfig(
        stack,
        "Config",
        data_capture=DataCapture(bucket=bucket(stack), prefix="captures/iris") if captures else None,
    )
    config.add_instance_production_variant(
        model=small_model(stack), variant_name="AllTraffic", instance_type=InstanceType.M5_LARGE
    )
    return Endpoint(stack, "Endpoint", endpoint_config=config)


def _arguments(stack: cdk.Stack, given: dict[str, Any]) -> dict[str, Any]:
    common: dict[str, Any] = {"output_bucket": bucket(stack), "output_prefix": "reports"}
    if "monitored" not in given:
        common["monitored"] = MonitorInput.of_endpoint(endpoint(stack))
    return {**common, **given}


def data_quality(stack: cdk.Stack, **given: Any) -> DataQualityMonitor:
    return DataQualityMonitor(stack, "Monitor", **_arguments(stack, given))


def model_quality(stack: cdk.Stack, **given: Any) -> ModelQualityMonitor:
    truth = {"ground_truth_bucket": bucket(stack), "ground_truth_prefix": "truth"}
    given = {"problem_type": ProblemType.REGRESSION, **truth, **given}
    return ModelQualityMonitor(stack, "Monitor", **_arguments(stack, given))


def model_bias(stack: cdk.Stack, **given: Any) -> ModelBiasMonitor:
    truth = {"ground_truth_bucket": bucket(stack), "ground_truth_prefix": "truth"}
    given = {"analysis_config": S3File.from_bucket(bucket(stack), "analysis.json"), **truth, **given}
    return ModelBiasMonitor(stack, "Monitor", **_arguments(stack, given))


def model_explainability(stack: cdk.Stack, **given: Any) -> ModelExplainabilityMonitor:
    arguments = _arguments(stack, given)
    config = S3File.from_bucket(bucket(stack), "analysis.json")
    model = stack.node.try_find_child("Model") or small_model(stack)
    arguments = {"analysis_config": config, "model": model, **arguments}
    return ModelExplainabilityMonitor(stack, "Monitor", **arguments)


MONITORS = (data_quality, model_quality, model_bias, model_explainability)

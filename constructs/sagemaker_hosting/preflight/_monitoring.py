from collections.abc import Iterator

from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._template import (
    DATA_QUALITY,
    MODEL_BIAS,
    MODEL_EXPLAINABILITY,
    MODEL_QUALITY,
    MONITORING_SCHEDULE,
)
from sagemaker_hosting.preflight._value import Value

KINDS = {
    DATA_QUALITY: "DataQuality",
    MODEL_QUALITY: "ModelQuality",
    MODEL_BIAS: "ModelBias",
    MODEL_EXPLAINABILITY: "ModelExplainability",
}


def job_inputs(resource: Resource) -> Iterator[Value]:
    """What a monitoring job reads: the inputs of a job definition, or of a schedule that defines its job inline."""
    if resource.type == MONITORING_SCHEDULE:
        yield from resource["MonitoringScheduleConfig"]["MonitoringJobDefinition"]["MonitoringInputs"].items
    else:
        yield resource[f"{KINDS[resource.type]}JobInput"]

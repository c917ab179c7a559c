"""What one copy of an inference component takes of an instance."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.limits import check_number
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import Problems

_SHAPE = "InferenceComponent.InferenceComponentComputeResourceRequirements"


@dataclass(frozen=True, kw_only=True)
class ComputeRequirements:
    """The share of an instance by which SageMaker places copies; all of them have to fit beside each other.

    Limits:
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentComputeResourceRequirements.html

    Args:
        min_memory_in_mb: Memory that is kept for a copy, at least 128 MB. An instance has less to give than its type
            has memory.
        accelerator_devices: GPUs or Inferentia devices, at least 1. Without it, none.
        cpu_cores: Processors, at least 0.25. Without it, a copy takes what others leave.
        max_memory_in_mb: Memory that a copy may take, ``min_memory_in_mb`` or more. Without it, what others leave.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    min_memory_in_mb: int
    accelerator_devices: float | None = None
    cpu_cores: float | None = None
    max_memory_in_mb: int | None = None

    def __post_init__(self) -> None:
        problems = Problems("ComputeRequirements")
        low, high = self.min_memory_in_mb, self.max_memory_in_mb
        for name, value, member, unit in (
            ("min_memory_in_mb", low, "MinMemoryRequiredInMb", "MB"),
            ("accelerator_devices", self.accelerator_devices, "NumberOfAcceleratorDevicesRequired", "devices"),
            ("cpu_cores", self.cpu_cores, "NumberOfCpuCoresRequired", "processors"),
            ("max_memory_in_mb", high, "MaxMemoryRequiredInMb", "MB"),
        ):
            check_number(problems, name, value, f"{_SHAPE}.{member}", unit)
        if high is not None and not is_token(low) and not is_token(high):
            problems.check(low <= high, f"min_memory_in_mb must be at most max_memory_in_mb ({high}), got {low}")
        problems.raise_if_any()

    def render(self) -> sagemaker.CfnInferenceComponent.InferenceComponentComputeResourceRequirementsProperty:
        """Describe it to CloudFormation."""
        return sagemaker.CfnInferenceComponent.InferenceComponentComputeResourceRequirementsProperty(
            max_memory_required_in_mb=self.max_memory_in_mb,
            min_memory_required_in_mb=self.min_memory_in_mb,
            number_of_accelerator_devices_required=self.accelerator_devices,
            number_of_cpu_cores_required=self.cpu_cores,
        )

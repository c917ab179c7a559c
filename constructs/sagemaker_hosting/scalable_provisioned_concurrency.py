"""Changes the provisioned concurrency of a serverless variant with its load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_applicationautoscaling as autoscaling

from sagemaker_hosting.scaling import ScalableCapacity
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    import aws_cdk as cdk


class ScalableProvisionedConcurrency(ScalableCapacity):
    """The requests that find a started model; made by ``auto_scale_provisioned_concurrency`` of the variant."""

    def scale_on_utilization(
        self,
        id: str,  # noqa: A002
        *,
        target_utilization: float,
        disable_scale_in: bool | None = None,
        policy_name: str | None = None,
        scale_in_cooldown: cdk.Duration | None = None,
        scale_out_cooldown: cdk.Duration | None = None,
    ) -> None:
        """Hold the share of the provisioned concurrency that is used.

        https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-autoscale.html

        Args:
            id: Id below this construct.
            target_utilization: The share, above 0, at most 1.
            disable_scale_in: Whether concurrency is only added. Without it, it is removed too.
            policy_name: Physical name. Without it, CloudFormation makes one.
            scale_in_cooldown: Time between two removals. Without it, 5 minutes.
            scale_out_cooldown: Time between two additions. Without it, 5 minutes.

        Raises:
            ValidationError: If the share is outside these limits.
        """
        self._check_positive("scale_on_utilization", target_utilization=target_utilization)
        problems = Problems(lambda: f"scale_on_utilization of '{self.node.path}'")
        problems.between("target_utilization", target_utilization, 0, 1, "as a share")
        problems.raise_if_any()
        self._track(
            id,
            autoscaling.PredefinedMetric.SAGEMAKER_VARIANT_PROVISIONED_CONCURRENCY_UTILIZATION,
            target_utilization,
            disable_scale_in=disable_scale_in,
            policy_name=policy_name,
            scale_in_cooldown=scale_in_cooldown,
            scale_out_cooldown=scale_out_cooldown,
        )

"""One of several instance types that a variant can run on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_sagemaker as sagemaker

if TYPE_CHECKING:
    from sagemaker_hosting.instance_type import InstanceType
    from sagemaker_hosting.model import IModel


@dataclass(frozen=True, kw_only=True)
class InstancePool:
    """Instances of one type, taken where those of the pools before it cannot be had.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InstancePool.html

    Args:
        instance_type: Type of the instances.
        model: Model for this type, for example one compiled for it. Without it, the model of the variant.
    """

    instance_type: InstanceType
    model: IModel | None = None

    def render(self, priority: int) -> sagemaker.CfnEndpointConfig.InstancePoolProperty:
        """Describe the pool to CloudFormation.

        Args:
            priority: Its place among the pools; 1 is tried first.
        """
        return sagemaker.CfnEndpointConfig.InstancePoolProperty(
            instance_type=self.instance_type.to_string(),
            model_name_override=None if self.model is None else self.model.model_name,
            priority=priority,
        )

"""A part of a fleet."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING

from aws_cdk import aws_sagemaker as sagemaker

if TYPE_CHECKING:
    from sagemaker_hosting.validation import Problems


class CapacitySize(abc.ABC):
    """How much of a variant is updated at once."""

    @staticmethod
    def percent(value: int) -> CapacitySize:
        """Return a share of the instances.

        Args:
            value: Whole percent; what uses it names the limits.
        """
        return _Percent(value)

    @staticmethod
    def instances(value: int) -> CapacitySize:
        """Return a number of instances.

        Args:
            value: At least 1. The service checks that it is at most half of the variant's instances.
        """
        return _Instances(value)

    @abc.abstractmethod
    def check(self, problems: Problems, argument: str, low: int, high: int) -> None:
        """Record a share outside ``low`` to ``high`` percent, or a number of instances below 1."""

    @abc.abstractmethod
    def render(self) -> sagemaker.CfnEndpoint.CapacitySizeProperty:
        """Describe it to CloudFormation."""


class _Percent(CapacitySize):
    def __init__(self, value: int) -> None:
        self._value = value

    def check(self, problems: Problems, argument: str, low: int, high: int) -> None:
        problems.between(argument, self._value, low, high, "percent")

    def render(self) -> sagemaker.CfnEndpoint.CapacitySizeProperty:
        return sagemaker.CfnEndpoint.CapacitySizeProperty(type="CAPACITY_PERCENT", value=self._value)


class _Instances(CapacitySize):
    def __init__(self, value: int) -> None:
        self._value = value

    def check(self, problems: Problems, argument: str, low: int, high: int) -> None:
        del low, high
        problems.between(argument, self._value, 1, None, "instances")

    def render(self) -> sagemaker.CfnEndpoint.CapacitySizeProperty:
        return sagemaker.CfnEndpoint.CapacitySizeProperty(type="INSTANCE_COUNT", value=self._value)

"""The status of an endpoint, which moto sets to InService at once and no API changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.sagemaker.models import sagemaker_backends

from sagemaker_local.environment import ACCOUNT

if TYPE_CHECKING:
    from moto.sagemaker.models import FakeEndpoint


def hold_endpoint(region: str, name: str) -> None:
    """Its container is starting."""
    _endpoint(region, name).endpoint_status = "Creating"


def finish_endpoint(region: str, name: str) -> None:
    """Its container is healthy."""
    _endpoint(region, name).endpoint_status = "InService"


def fail_endpoint(region: str, name: str, reason: str) -> None:
    """Its container did not become healthy."""
    endpoint = _endpoint(region, name)
    endpoint.endpoint_status = "Failed"
    setattr(endpoint, "failure_reason", reason)  # noqa: B010  moto declares it as None


def _endpoint(region: str, name: str) -> FakeEndpoint:
    endpoint: FakeEndpoint = sagemaker_backends[ACCOUNT][region].endpoints[name]
    return endpoint

"""Alarms and a dashboard of an endpoint together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from sagemaker_hosting.endpoint_alarms import EndpointAlarms
from sagemaker_hosting.endpoint_dashboard import EndpointDashboard
from sagemaker_hosting.stacks import note_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch

    from sagemaker_hosting.endpoint import Endpoint


class EndpointMonitoring(Construct):
    """Tells whoever is on call that an endpoint fails or is slow, and shows them why.

    What the requests and answers mean is watched by ``DataQualityMonitor`` and its siblings.

    Attributes:
        alarms: Two for each variant.
        dashboard: Shows them, and what they measure.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        endpoint: Endpoint,
        alarm_actions: Sequence[cloudwatch.IAlarmAction] = (),
        dashboard_name: str | None = None,
        max_model_latency: cdk.Duration | None = None,
        max_server_errors: int = 0,
    ) -> None:
        """Watch and draw the variants that the endpoint has now.

        Args:
            scope: Parent.
            id: Id below the parent.
            endpoint: What is watched.
            alarm_actions: What happens when an alarm goes off, such as a message to a topic. Without it, the alarm
                only shows.
            dashboard_name: See ``EndpointDashboard``.
            max_model_latency: See ``EndpointAlarms``.
            max_server_errors: See ``EndpointAlarms``.

        Raises:
            ValidationError: If an argument is not valid, or the variants are not known.
        """
        super().__init__(scope, id)
        note_place(self, scope, id)
        self.alarms = EndpointAlarms(
            self,
            "Alarms",
            endpoint=endpoint,
            max_model_latency=max_model_latency,
            max_server_errors=max_server_errors,
        )
        self.alarms.add_alarm_action(*alarm_actions)
        self.dashboard = EndpointDashboard(
            self, "Dashboard", endpoint=endpoint, alarms=self.alarms, dashboard_name=dashboard_name
        )

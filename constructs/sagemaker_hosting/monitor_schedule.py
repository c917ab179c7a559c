"""When a monitor looks."""

from __future__ import annotations

from dataclasses import dataclass

import aws_cdk as cdk

from sagemaker_hosting.validation import Problems

_HOUR = 3600
_DAY = 24
_LONGEST_WINDOW = _DAY * _HOUR


@dataclass(frozen=True, kw_only=True)
class MonitorSchedule:
    """How often the job of a monitor runs, always at a full hour; made by ``hourly`` and its siblings.

    SageMaker starts a job up to 20 minutes late, to spread the load.
    https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html

    Args:
        expression: What SageMaker takes.
        period_in_seconds: Time between two runs, which a run must not exceed.
        window_end: How long before the run the data that it reads ends; ``None`` where the period decides.
        window_start: How long before the run the data begins; ``None`` where the period decides.
    """

    expression: str
    period_in_seconds: int
    window_end: cdk.Duration | None = None
    window_start: cdk.Duration | None = None

    @staticmethod
    def hourly() -> MonitorSchedule:
        """Run at every full hour."""
        return MonitorSchedule(expression="cron(0 * ? * * *)", period_in_seconds=_HOUR)

    @staticmethod
    def daily(*, hour: int = 0) -> MonitorSchedule:
        """Run once a day.

        Args:
            hour: The hour, 0 to 23, in UTC.

        Raises:
            ValidationError: If there is no such hour.
        """
        problems = Problems("MonitorSchedule.daily")
        problems.between("hour", hour, 0, _DAY - 1, "o'clock")
        problems.raise_if_any()
        return MonitorSchedule(expression=f"cron(0 {hour} ? * * *)", period_in_seconds=_DAY * _HOUR)

    @staticmethod
    def every_hours(hours: int, *, starting_at: int = 0) -> MonitorSchedule:
        """Run every few hours.

        Args:
            hours: Time between two runs, 1 to 24 hours.
            starting_at: The hour of the first run of a day, 0 to 23, in UTC.

        Raises:
            ValidationError: If a number is outside these limits.
        """
        problems = Problems("MonitorSchedule.every_hours")
        problems.between("hours", hours, 1, _DAY, "hours")
        problems.between("starting_at", starting_at, 0, _DAY - 1, "o'clock")
        problems.raise_if_any()
        return MonitorSchedule(expression=f"cron(0 {starting_at}/{hours} ? * * *)", period_in_seconds=hours * _HOUR)

    @staticmethod
    def once(*, window_start: cdk.Duration, window_end: cdk.Duration | None = None) -> MonitorSchedule:
        """Run one time, as soon as the monitor is deployed.

        Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ScheduleConfig.html

        Args:
            window_start: How long before now the data that is read begins.
            window_end: How long before now it ends, at most 24 hours after its begin. Without it, now.

        Raises:
            ValidationError: If the data ends before it begins, or is that of more than 24 hours.
        """
        end = cdk.Duration.hours(0) if window_end is None else window_end
        if not any(each.is_unresolved() for each in (window_start, end)):
            problems = Problems("MonitorSchedule.once")
            seconds = window_start.to_seconds() - end.to_seconds()
            problems.between("window_start - window_end", seconds, 1, _LONGEST_WINDOW, "seconds")
            problems.raise_if_any()
        return MonitorSchedule(
            expression="NOW", period_in_seconds=_DAY * _HOUR, window_end=end, window_start=window_start
        )


def before(duration: cdk.Duration | None) -> str | None:
    """Return a duration as SageMaker takes one that lies before a run; ``None`` stays ``None``.

    Args:
        duration: What a user gave, or did not.
    """
    if duration is None:
        return None
    if duration.is_unresolved():
        return f"-PT{cdk.Tokenization.stringify_number(duration.to_seconds())}S"
    return f"-{duration.to_iso_string()}"

"""How Inference Recommender tests a model: what it compares, under which load, and when it stops."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sagemaker_hosting.given import given
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import aws_cdk as cdk

    from sagemaker_hosting.instance_type import InstanceType

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_EndpointInputConfiguration.html
_MOST_PARAMETERS = 5
_MOST_VALUES = 3
_LONGEST_PARAMETER = 64
_LONGEST_VALUE = 128
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Phase.html and API_Stairs.html
_SHORTEST_PHASE = 120
_LONGEST_PHASE = 3600
_MOST_USERS = 3
_LONGEST_DURATION = (
    18000  # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_RecommendationJobInputConfig.html
)


@dataclass(frozen=True, kw_only=True)
class EndpointCandidate:
    """An endpoint to be tested.

    Args:
        instance_type: Type of its instance, which must not be burstable: of such, Inference Recommender measures none.
        environment_ranges: Up to 5 environment variables, each with 1 to 3 values to be tested.
        inference_specification_name: Which of the version's inference specifications. Without it, the main one.

    Raises:
        ValidationError: If there are too many variables or values, or they are too long.
    """

    instance_type: InstanceType
    environment_ranges: Mapping[str, Sequence[str]] = field(default_factory=dict)
    inference_specification_name: str | None = None

    def __post_init__(self) -> None:
        problems = Problems("EndpointCandidate")
        name_of_type = self.instance_type.to_string()
        # https://docs.aws.amazon.com/sagemaker/latest/dg/inference-recommender-troubleshooting.html
        problems.check(
            is_token(name_of_type) or not name_of_type.startswith("ml.t"),
            f"instance_type must not be burstable, got {name_of_type!r}",
        )
        problems.between("environment_ranges", len(self.environment_ranges), 0, _MOST_PARAMETERS, "variables")
        for name, values in self.environment_ranges.items():
            problems.between("the names of environment_ranges", len(name), 1, _LONGEST_PARAMETER, "characters")
            problems.between(f"environment_ranges[{name!r}]", len(values), 1, _MOST_VALUES, "values")
            for value in values:
                problems.between(f"a value of {name!r}", len(value), 0, _LONGEST_VALUE, "characters")
        problems.matches("inference_specification_name", self.inference_specification_name, NAME_PATTERN, NAME_ALLOWED)
        problems.raise_if_any()

    def render(self) -> dict[str, Any]:
        """Describe it to ``CreateInferenceRecommendationsJob``."""
        rendered: dict[str, Any] = {"InstanceType": self.instance_type.to_string()}
        if self.environment_ranges:
            ranges = [{"Name": name, "Value": list(values)} for name, values in self.environment_ranges.items()]
            rendered["EnvironmentParameterRanges"] = {"CategoricalParameterRanges": ranges}
        if self.inference_specification_name is not None:
            rendered["InferenceSpecificationName"] = self.inference_specification_name
        return rendered


class TrafficPattern:
    """How the number of concurrent users grows."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        """Keep what describes it; see ``phases`` and ``stairs``.

        Args:
            fields: Parameters of ``CreateInferenceRecommendationsJob``.
        """
        self._fields = dict(fields)

    @staticmethod
    def phases(*phases: tuple[int, int, cdk.Duration]) -> TrafficPattern:
        """Return phases, one after the other.

        Args:
            phases: For each, users to begin with, 1 to 3, users that are added every minute, 0 to 3, and how long it
                takes, 2 minutes to 1 hour.

        Raises:
            ValidationError: If there is none, or a value is outside these limits.
        """
        problems = Problems("TrafficPattern.phases")
        problems.check(bool(phases), "phases must be at least 1 phase, got none")
        for users, added, duration in phases:
            problems.between("users to begin with", users, 1, _MOST_USERS, "users")
            problems.between("users that are added", added, 0, _MOST_USERS, "users a minute")
            problems.duration("a phase", duration, _SHORTEST_PHASE, _LONGEST_PHASE)
        problems.raise_if_any()
        rendered = [
            {"DurationInSeconds": int(duration.to_seconds()), "InitialNumberOfUsers": users, "SpawnRate": added}
            for users, added, duration in phases
        ]
        return TrafficPattern({"Phases": rendered, "TrafficType": "PHASES"})

    @staticmethod
    def stairs(*, duration: cdk.Duration, steps: int, users_per_step: int) -> TrafficPattern:
        """Return steps of the same length and height.

        Args:
            duration: How long each step takes, 2 minutes to 1 hour.
            steps: At least 1 step.
            users_per_step: Users that each step adds, 1 to 3.

        Raises:
            ValidationError: If a value is outside these limits.
        """
        problems = Problems("TrafficPattern.stairs")
        problems.duration("duration", duration, _SHORTEST_PHASE, _LONGEST_PHASE)
        problems.between("steps", steps, 1, None, "steps")
        problems.between("users_per_step", users_per_step, 1, _MOST_USERS, "users")
        problems.raise_if_any()
        rendered = {
            "DurationInSeconds": int(duration.to_seconds()),
            "NumberOfSteps": steps,
            "UsersPerStep": users_per_step,
        }
        return TrafficPattern({"Stairs": rendered, "TrafficType": "STAIRS"})

    @property
    def duration_in_seconds(self) -> int:
        """How long all of it takes."""
        stairs = self._fields.get("Stairs", {"DurationInSeconds": 0, "NumberOfSteps": 0})
        phases = sum(int(phase["DurationInSeconds"]) for phase in self._fields.get("Phases", ()))
        return int(stairs["DurationInSeconds"]) * int(stairs["NumberOfSteps"]) + phases

    def render(self) -> dict[str, Any]:
        """Describe it to ``CreateInferenceRecommendationsJob``."""
        return dict(self._fields)


@dataclass(frozen=True, kw_only=True)
class LoadTest:
    """What makes a job an advanced one: the load, and when the test stops.

    Args:
        traffic: How the load grows, within 5 hours.
        duration: How long the job may take, at least as long as the traffic and at most 5 hours. Without it, SageMaker
            decides.
        keep_going_when_flat: Whether it goes on although more load brings no more answers.
        max_invocations: Requests a minute that an endpoint is expected to answer; the test stops there. Without it, it
            does not.
        max_parallel_tests: Tests at the same time, at least 1. Without it, SageMaker decides.
        max_tests: Tests in all, at least 1. Without it, SageMaker decides.
        model_latency: 95 % of the answers are to take at most so long; the test stops there. Without it, it does not.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    traffic: TrafficPattern
    duration: cdk.Duration | None = None
    keep_going_when_flat: bool = False
    max_invocations: int | None = None
    max_parallel_tests: int | None = None
    max_tests: int | None = None
    model_latency: cdk.Duration | None = None

    def __post_init__(self) -> None:
        problems = Problems("LoadTest")
        taken = self.traffic.duration_in_seconds
        problems.between("the length of traffic", taken, 1, _LONGEST_DURATION, "seconds")
        problems.duration("duration", self.duration, min(taken, _LONGEST_DURATION), _LONGEST_DURATION)
        for name, value in (
            ("max_invocations", self.max_invocations),
            ("max_parallel_tests", self.max_parallel_tests),
            ("max_tests", self.max_tests),
        ):
            problems.between(name, value, 1, None, "requests a minute" if name == "max_invocations" else "tests")
        problems.check(
            self.max_invocations is not None or self.model_latency is not None,
            "max_invocations or model_latency must be given, so that the test has an end",
        )
        problems.raise_if_any()

    def render_input(self) -> dict[str, Any]:
        """Describe the load to ``CreateInferenceRecommendationsJob``."""
        limits = {"MaxNumberOfTests": self.max_tests, "MaxParallelOfTests": self.max_parallel_tests}
        rendered = {
            "JobDurationInSeconds": None if self.duration is None else int(self.duration.to_seconds()),
            "ResourceLimit": given(limits) or None,
            "TrafficPattern": self.traffic.render(),
        }
        return given(rendered)

    def render_stop(self) -> dict[str, Any]:
        """Describe the end to ``CreateInferenceRecommendationsJob``."""
        rendered: dict[str, Any] = {"FlatInvocations": "Continue" if self.keep_going_when_flat else "Stop"}
        if self.max_invocations is not None:
            rendered["MaxInvocations"] = self.max_invocations
        if self.model_latency is not None:
            latency = int(self.model_latency.to_milliseconds())
            rendered["ModelLatencyThresholds"] = [{"Percentile": "P95", "ValueInMilliseconds": latency}]
        return rendered

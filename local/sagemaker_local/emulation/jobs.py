"""SageMaker's jobs, which moto completes at once with results that it makes up.

Here a job is in progress until whoever runs it says how it ended. moto's API has no operation that stops one, and none
for recommendation jobs.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ResourceInUseException, ValidationError
from moto.sagemaker.responses import SageMakerResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """How the API calls a kind of job.

    Attributes:
        operation: What follows ``Create``, ``Describe`` and ``Stop``.
        method: The same, as moto's methods are named.
        prefix: What the fields for name, ARN and status begin with.
        resource: The word before the name in its ARN.
        statuses: In progress, completed, failed, stopped.
        start: Field of the time when it began.
        end: Field of the time when it ended.
    """

    operation: str
    method: str
    prefix: str
    resource: str
    statuses: tuple[str, str, str, str]
    start: str
    end: str

    @property
    def name(self) -> str:
        """The parameter that names the job."""
        return f"{self.prefix}Name"

    @property
    def status(self) -> str:
        """The field of the status."""
        return "Status" if self is RECOMMENDATION else f"{self.prefix}Status"

    @property
    def summaries(self) -> str:
        """The field of a listing."""
        return "InferenceRecommendationsJobs" if self is RECOMMENDATION else f"{self.prefix}Summaries"


_MIXED_CASE = ("InProgress", "Completed", "Failed", "Stopped")
TRAINING = JobKind(
    operation="TrainingJob",
    method="training_job",
    prefix="TrainingJob",
    resource="training-job",
    statuses=_MIXED_CASE,
    start="TrainingStartTime",
    end="TrainingEndTime",
)
TRANSFORM = JobKind(
    operation="TransformJob",
    method="transform_job",
    prefix="TransformJob",
    resource="transform-job",
    statuses=_MIXED_CASE,
    start="TransformStartTime",
    end="TransformEndTime",
)
COMPILATION = JobKind(
    operation="CompilationJob",
    method="compilation_job",
    prefix="CompilationJob",
    resource="compilation-job",
    statuses=("INPROGRESS", "COMPLETED", "FAILED", "STOPPED"),
    start="CompilationStartTime",
    end="CompilationEndTime",
)
RECOMMENDATION = JobKind(
    operation="InferenceRecommendationsJob",
    method="inference_recommendations_job",
    prefix="Job",
    resource="inference-recommendations-job",
    statuses=("IN_PROGRESS", "COMPLETED", "FAILED", "STOPPED"),
    start="CreationTime",
    end="CompletionTime",
)
_KINDS = (TRAINING, TRANSFORM, COMPILATION, RECOMMENDATION)


@dataclass(kw_only=True)
class Job:
    """A job that was created.

    Attributes:
        kind: Its kind.
        region: Where it was created.
        name: Its name.
        arn: Its ARN.
        request: The parameters it was created with.
        description: What describing it returns.
        ended: Set once it is completed, failed or stopped.
    """

    kind: JobKind
    region: str
    name: str
    arn: str
    request: Mapping[str, Any]
    description: dict[str, Any] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def status(self) -> str:
        """Its status."""
        return str(self.description[self.kind.status])

    def complete(self, **results: Any) -> None:
        """Say that it succeeded.

        Args:
            results: Fields of its description.
        """
        self._end(1, results)

    def fail(self, reason: str) -> None:
        """Say that it failed.

        Args:
            reason: Its failure reason, of which SageMaker keeps 1,024 characters.
        """
        self._end(2, {"FailureReason": reason[:1024]})

    def stop(self) -> None:
        """Say that it was stopped. Whoever runs it watches ``ended``."""
        self._end(3, {})

    def _end(self, status: int, results: Mapping[str, Any]) -> None:
        if self.ended.is_set():
            return
        now = utcnow()
        self.description.update(results, **{self.kind.end: now, "LastModifiedTime": now})
        self.description[self.kind.status] = self.kind.statuses[status]
        self.ended.set()


class Jobs:
    """All jobs, and who runs them."""

    def __init__(self) -> None:
        self._jobs: dict[tuple[str, str, str, str], Job] = {}
        self._run: Callable[[Job], None] | None = None

    def run_with(self, run: Callable[[Job], None] | None) -> None:
        """Forget all jobs, and let others be run.

        Args:
            run: Gets every job as it is created, and must return at once. ``None``: jobs stay in progress.
        """
        self._jobs.clear()
        self._run = run

    @property
    def are_running(self) -> bool:
        """Whether any job has not ended."""
        return any(not job.ended.is_set() for job in list(self._jobs.values()))

    def create(self, kind: JobKind, account: str, region: str, request: Mapping[str, Any]) -> Job:
        """Create a job and hand it over to who runs it."""
        name = request[kind.name]
        key = (account, region, kind.operation, name)
        if key in self._jobs:
            raise ResourceInUseException(message=f"{kind.operation} {name} already exists")
        arn = f"arn:aws:sagemaker:{region}:{account}:{kind.resource}/{name.lower()}"
        now = utcnow()
        fields = {f"{kind.prefix}Arn": arn, kind.status: kind.statuses[0]}
        times = {"CreationTime": now, kind.start: now, "LastModifiedTime": now}
        job = Job(kind=kind, region=region, name=name, arn=arn, request=request)
        job.description = {**{name: value for name, value in request.items() if name != "Tags"}, **fields, **times}
        self._jobs[key] = job
        if self._run is not None:
            self._run(job)
        return job

    def of(self, kind: JobKind, account: str, region: str) -> list[Job]:
        """Return the jobs of a kind, in the order of their creation."""
        return [job for key, job in self._jobs.items() if key[:3] == (account, region, kind.operation)]

    def find(self, kind: JobKind, account: str, region: str, name: str) -> Job:
        """Return a job by its name.

        Raises:
            ValidationError: If there is none.
        """
        job = self._jobs.get((account, region, kind.operation, name))
        if job is None:
            raise ValidationError(message=f"Could not find {kind.operation} with name {name}")
        return job


JOBS = Jobs()


def install() -> None:
    """Replace moto's operations."""
    for kind in _KINDS:
        setattr(SageMakerResponse, f"create_{kind.method}", _creating(kind))
        setattr(SageMakerResponse, f"describe_{kind.method}", _describing(kind))
        setattr(SageMakerResponse, f"list_{kind.method}s", _listing(kind))
        setattr(SageMakerResponse, f"stop_{kind.method}", _stopping(kind))


def _creating(kind: JobKind) -> Callable[[SageMakerResponse], ActionResult]:
    def create(response: SageMakerResponse) -> ActionResult:
        request = json.loads(response.body)
        job = JOBS.create(kind, response.current_account, response.region, request)
        return ActionResult({f"{kind.prefix}Arn": job.arn})

    return create


def _describing(kind: JobKind) -> Callable[[SageMakerResponse], ActionResult]:
    def describe(response: SageMakerResponse) -> ActionResult:
        return ActionResult(dict(_job_of(kind, response).description))

    return describe


def _stopping(kind: JobKind) -> Callable[[SageMakerResponse], ActionResult]:
    def stop(response: SageMakerResponse) -> ActionResult:
        job = _job_of(kind, response)
        if job.ended.is_set():
            raise ValidationError(message=f"{kind.operation} {job.name} is {job.status} and cannot be stopped")
        job.stop()
        return EmptyResult()

    return stop


def _job_of(kind: JobKind, response: SageMakerResponse) -> Job:
    name = json.loads(response.body)[kind.name]
    return JOBS.find(kind, response.current_account, response.region, name)


def _listing(kind: JobKind) -> Callable[[SageMakerResponse], ActionResult]:
    def list_(response: SageMakerResponse) -> ActionResult:
        jobs = JOBS.of(kind, response.current_account, response.region)
        return ActionResult({kind.summaries: [job.description for job in jobs]})

    return list_

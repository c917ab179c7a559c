"""What all jobs of SageMaker share: a state machine that starts one, waits for its end and passes on why it failed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from sagemaker_hosting.acknowledgement import acknowledge_own_policy, acknowledge_wildcard
from sagemaker_hosting.job_retry import retry_throttled
from sagemaker_hosting.log_encryption import let_logs_use
from sagemaker_hosting.permission import passing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_kms as kms

    from sagemaker_hosting.validation import Problems

JOB_NAME = "$.name"
"""Path of the job's name, which is of its own for every execution."""

_LONGEST_PREFIX = 30  # of a name of 63 characters; the rest is a hyphen and a hash of 32 digits
_LEAST_INTERVAL_IN_SECONDS = 30
_MOST_CHECKS = 2000
"""Each check writes eleven events into a history that ends at 25,000.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

_LONGEST_TIMEOUT_IN_SECONDS = 31536000  # a year: same page
_SLACK = 600


def job_prefix(scope: Construct) -> str:
    """Return what the names of all jobs of a construct begin with, before a hyphen.

    Args:
        scope: The construct of the job.
    """
    return str(cdk.Names.unique_resource_name(scope, max_length=_LONGEST_PREFIX, separator="-")).lower()


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """How SageMaker's API calls a kind of job.

    Attributes:
        operation: What follows ``Create``, ``Describe`` and ``Stop`` in the names of its operations.
        words: What a sentence calls it.
        arn_resource: The word before the name in its ARN.
        name: The parameter that names it.
        arn: The field of the answers that holds its ARN.
        status: The field that holds its status.
        completed: The status of a job that succeeded.
        failed: The status of a job that failed.
        stopped: The status of a job that was stopped.
    """

    operation: str
    words: str
    arn_resource: str
    name: str
    arn: str
    status: str
    completed: str = "COMPLETED"
    failed: str = "FAILED"
    stopped: str = "STOPPED"


@dataclass(frozen=True, kw_only=True)
class JobWaiting:
    """How long an execution waits for its job, and how often it asks.

    Args:
        timeout: After it the job is stopped and the execution fails.
        check_interval: Time between two questions for the status; ``None`` for 30 seconds, or as much more as the
            history of an execution demands.
    """

    timeout: cdk.Duration
    check_interval: cdk.Duration | None

    def check(self, problems: Problems) -> None:
        """Record a timeout of less than a minute or more than a year, or more than 2,000 questions."""
        timeout = self.timeout.to_seconds()
        problems.between("timeout", timeout, 60, _LONGEST_TIMEOUT_IN_SECONDS, "seconds")
        least = max(1, math.ceil(timeout / _MOST_CHECKS))
        problems.duration("check_interval", self.check_interval, least, max(60, int(timeout)))

    @property
    def interval_in_seconds(self) -> int:
        """Time between two questions for the status."""
        if self.check_interval is not None:
            return int(self.check_interval.to_seconds())
        return max(_LEAST_INTERVAL_IN_SECONDS, math.ceil(self.timeout.to_seconds() / _MOST_CHECKS))

    @property
    def most_checks(self) -> int:
        """How often the status is asked for."""
        return math.ceil(self.timeout.to_seconds() / self.interval_in_seconds)


class JobMachine(Construct):
    """Starts a job, asks for its status until it ends, and ends as the job did."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        kind: JobKind,
        waiting: JobWaiting,
        defaults: Mapping[str, Any],
        request: Mapping[str, Any],
        result: Mapping[str, Any],
        output: Mapping[str, Any],
        merged: Sequence[str] = (),
        after: Sequence[sfn.IChainable] = (),
        pass_role: iam.IRole | None = None,
        log_encryption_key: kms.IKey | None = None,
    ) -> None:
        """Create the state machine.

        Args:
            scope: The construct of the job.
            id: Id below it.
            kind: Kind of the job.
            waiting: How long and how often.
            defaults: What an execution may override by its input; found at ``$.settings``.
            request: Parameters of the operation that creates the job, without its name.
            result: What is selected from the description of a job that succeeded; found at ``$.result``.
            output: What an execution returns.
            merged: Names of those defaults that are objects, of which an execution may override single fields; found at
                ``$.merged``.
            after: States between the end of the job and that of the execution.
            pass_role: Role that the job runs with, if the request names one.
            log_encryption_key: Key that encrypts the log of the executions.
        """
        super().__init__(scope, id)
        self._kind = kind
        stack = cdk.Stack.of(self)
        prefix = job_prefix(scope)
        self.jobs_arn = stack.format_arn(service="sagemaker", resource=kind.arn_resource, resource_name=f"{prefix}-*")
        definition = self._prepare(prefix, defaults, merged)
        ended = self._wait(waiting, request)
        self._end(ended, waiting, result, output, after)
        definition.next(self._create)
        if log_encryption_key is not None:
            let_logs_use(log_encryption_key, self)
        log_group = logs.LogGroup(
            self,
            "Logs",
            encryption_key=log_encryption_key,
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            description=f"Runs the {kind.words}s of {scope.node.path}",
        )
        self.state_machine = sfn.StateMachine(
            self,
            "Resource",
            definition_body=sfn.DefinitionBody.from_chainable(definition),
            logs=sfn.LogOptions(destination=log_group, level=sfn.LogLevel.ALL),
            role=role,
            timeout=cdk.Duration.seconds(int(waiting.timeout.to_seconds()) + _SLACK),
            tracing_enabled=True,
        )
        if pass_role is not None:
            role.add_to_principal_policy(passing(pass_role).to_statement())
        acknowledge_own_policy(role)
        acknowledge_wildcard(
            role, "*", "Delivering logs and traces takes no resource; nothing else is allowed on all resources."
        )
        acknowledge_wildcard(
            role, self.jobs_arn, f"Every execution names its {kind.words} anew; all names begin with this prefix."
        )

    def _prepare(self, prefix: str, defaults: Mapping[str, Any], merged: Sequence[str]) -> sfn.Chain:
        chain = sfn.Pass(self, "Defaults", result=sfn.Result.from_object(dict(defaults))).next(
            sfn.Pass(
                self,
                "Settings",
                parameters={
                    "checks": {"count": 0},
                    "defaults.$": "$",
                    "name.$": f"States.Format('{prefix}-{{}}', States.Hash($$.Execution.Name, 'MD5'))",
                    "settings.$": "States.JsonMerge($, $$.Execution.Input, false)",
                },
            )
        )
        if not merged:
            return chain
        fields = {f"{name}.$": f"States.JsonMerge($.defaults.{name}, $.settings.{name}, false)" for name in merged}
        return chain.next(sfn.Pass(self, "MergedSettings", parameters=fields, result_path="$.merged"))

    def _wait(self, waiting: JobWaiting, request: Mapping[str, Any]) -> sfn.Choice:
        create = self._call(
            f"Create{self._kind.operation}",
            "Create",
            {f"{self._kind.name}.$": JOB_NAME, **request},
            {"arn.$": f"$.{self._kind.arn}"},
            "$.job",
        )
        wait = sfn.Wait(self, "Wait", time=sfn.WaitTime.duration(cdk.Duration.seconds(waiting.interval_in_seconds)))
        check = self._describe("", {"status.$": f"$.{self._kind.status}", "arn.$": f"$.{self._kind.arn}"}, "$.job")
        count = sfn.Pass(
            self, "Count", parameters={"count.$": "States.MathAdd($.checks.count, 1)"}, result_path="$.checks"
        )
        ended = sfn.Choice(self, "Ended?")
        self._create = create
        create.next(wait)
        wait.next(check)
        check.next(ended)
        ended.otherwise(count)
        count.next(wait)
        return ended

    def _end(
        self,
        ended: sfn.Choice,
        waiting: JobWaiting,
        result: Mapping[str, Any],
        output: Mapping[str, Any],
        after: Sequence[sfn.IChainable],
    ) -> None:
        kind = self._kind
        succeeded = sfn.Chain.start(self._describe("Result", result, "$.result"))
        for state in after:
            succeeded = succeeded.next(state)
        succeeded = succeeded.next(
            sfn.Pass(self, "Output", parameters={f"{kind.name}.$": JOB_NAME, f"{kind.arn}.$": "$.job.arn", **output})
        )
        failed = self._describe("Failure", {"reason.$": "$.FailureReason"}, "$.failure").next(
            sfn.Fail(
                self,
                "Failed",
                error=f"{kind.operation}Failed",
                cause_path=f"States.Format('{{}} ({kind.words} {{}})', $.failure.reason, {JOB_NAME})",
            )
        )
        stopped = sfn.Fail(
            self,
            "Stopped",
            error=f"{kind.operation}Stopped",
            cause_path=f"States.Format('the {kind.words} {{}} was stopped, by somebody or at the end of its time', "
            f"{JOB_NAME})",
        )
        late = sfn.Fail(
            self,
            "TimedOut",
            error=f"{kind.operation}TimedOut",
            cause_path=f"States.Format('the {kind.words} {{}} did not end within "
            f"{int(waiting.timeout.to_seconds())} seconds and was stopped', {JOB_NAME})",
        )
        stop = self._call(f"Stop{kind.operation}", "Stop", {f"{kind.name}.$": JOB_NAME}, None, sfn.JsonPath.DISCARD)
        stop.add_catch(late, errors=["States.ALL"], result_path=sfn.JsonPath.DISCARD)
        stop.next(late)
        status = "$.job.status"
        ended.when(sfn.Condition.string_equals(status, kind.completed), succeeded)
        ended.when(sfn.Condition.string_equals(status, kind.failed), failed)
        ended.when(sfn.Condition.string_equals(status, kind.stopped), stopped)
        ended.when(sfn.Condition.number_greater_than_equals("$.checks.count", waiting.most_checks), stop)

    def _describe(self, what: str, selector: Mapping[str, Any], result_path: str) -> tasks.CallAwsService:
        operation = f"Describe{self._kind.operation}"
        return self._call(operation, f"Describe{what}", {f"{self._kind.name}.$": JOB_NAME}, selector, result_path)

    def _call(
        self,
        operation: str,
        id: str,  # noqa: A002
        parameters: Mapping[str, Any],
        selector: Mapping[str, Any] | None,
        result_path: str,
    ) -> tasks.CallAwsService:
        task = tasks.CallAwsService(
            self,
            id,
            service="sagemaker",
            action=f"{operation[0].lower()}{operation[1:]}",
            iam_action=f"sagemaker:{operation}",
            iam_resources=[self.jobs_arn],
            parameters=dict(parameters),
            result_path=result_path,
            result_selector=None if selector is None else dict(selector),
        )
        retry_throttled(task)
        return task

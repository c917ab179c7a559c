"""Finds the instance type that a model is hosted best on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from constructs import Construct

from sagemaker_hosting.execution_policy import RECOMMENDATION_LOG_GROUPS, writing_logs
from sagemaker_hosting.given import given
from sagemaker_hosting.job import JobKind, JobMachine, JobWaiting, job_prefix
from sagemaker_hosting.own_policy import create_own_policy
from sagemaker_hosting.permission import Permission, passing
from sagemaker_hosting.recommendation_comparison import compare
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_stepfunctions as sfn

    from sagemaker_hosting.load_test import EndpointCandidate, LoadTest
    from sagemaker_hosting.sample_payloads import SamplePayloads

_KIND = JobKind(
    operation="InferenceRecommendationsJob",
    words="recommendation job",
    arn_resource="inference-recommendations-job",
    name="JobName",
    arn="JobArn",
    status="Status",
)
_MOST_CANDIDATES = 10  # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_RecommendationJobInputConfig.html
_ACTIONS = {
    "endpoint": ("CreateEndpoint", "DeleteEndpoint", "DescribeEndpoint", "InvokeEndpoint"),
    "endpoint-config": ("CreateEndpoint", "CreateEndpointConfig", "DeleteEndpointConfig", "DescribeEndpointConfig"),
    "model": ("CreateModel", "DeleteModel", "DescribeModel"),
}
_OTHER_PREFIX = "sm-epc"


class InferenceRecommendation(Construct):
    """A state machine; each execution runs one job of Inference Recommender.

    An execution returns ``JobName``, ``JobArn``, all ``Recommendations``, and of these the ``Cheapest`` by the cost of
    an inference and the ``Fastest`` by the latency of the model. Where the job fails, so does the execution: with the
    error ``InferenceRecommendationsJobFailed``, and SageMaker's own reason as the cause.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        model_package_arn: str,
        role: iam.IRole,
        candidates: Sequence[EndpointCandidate] = (),
        check_interval: cdk.Duration | None = None,
        load_test: LoadTest | None = None,
        log_encryption_key: kms.IKey | None = None,
        payloads: SamplePayloads | None = None,
        timeout: cdk.Duration | None = None,
    ) -> None:
        """Create the state machine.

        Args:
            scope: Parent.
            id: Id below the parent.
            model_package_arn: ARN of a version that has a sample payload, a domain and a task.
            role: Role of the model, such as ``model.role``: it pulls the image and reads the model data. It gets the
                rights to make, call and delete the endpoints of the jobs.
            candidates: 1 to 10 endpoints to compare. Without them, SageMaker chooses, which only a job without
                ``load_test`` can do.
            check_interval: Time between two questions for the status. Without it, 30 seconds, or as much more as the
                history of an execution demands.
            load_test: Makes the job an advanced one, with a load of its own. Without it, a default one.
            log_encryption_key: Key that encrypts the log of the executions. Without it, a key of AWS does.
            payloads: The sample payload of the version, which the role is then allowed to read. Without it, it must be
                already.
            timeout: How long an execution waits for the job, 1 minute to 1 year; then it stops the job. Without it, 8
                hours.

        Raises:
            ValidationError: If there are too many candidates, or none for a load test.
        """
        super().__init__(scope, id)
        waiting = JobWaiting(
            timeout=cdk.Duration.hours(8) if timeout is None else timeout, check_interval=check_interval
        )
        problems = Problems(lambda: f"InferenceRecommendation '{self.node.path}'")
        waiting.check(problems)
        least = 0 if load_test is None else 1
        problems.between("candidates", len(candidates), least, _MOST_CANDIDATES, "endpoints")
        problems.matches(
            "model_package_arn",
            model_package_arn,
            r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]{9,16}:[0-9]{12}:model-package/[a-zA-Z0-9-]+/[0-9]+",
            "the ARN of a version, which ends in its number",
        )
        problems.raise_if_any()

        self._allow(role, model_package_arn, payloads)
        request = {
            "InputConfig": {
                "ModelPackageVersionArn": model_package_arn,
                **({"EndpointConfigurations": [one.render() for one in candidates]} if candidates else {}),
                **({} if load_test is None else load_test.render_input()),
            },
            "JobType": "Default" if load_test is None else "Advanced",
            "RoleArn": role.role_arn,
            "StoppingConditions": None if load_test is None else load_test.render_stop(),
        }
        self._machine = JobMachine(
            self,
            "Jobs",
            kind=_KIND,
            waiting=waiting,
            defaults={},
            request=given(request),
            result={"recommendations.$": "$.InferenceRecommendations"},
            output={
                "Cheapest.$": "$.best.cheapest",
                "Fastest.$": "$.best.fastest",
                "Recommendations.$": "$.result.recommendations",
            },
            after=(compare(self, "$.result.recommendations"),),
            pass_role=role,
            log_encryption_key=log_encryption_key,
        )

    def _allow(self, role: iam.IRole, model_package_arn: str, payloads: SamplePayloads | None) -> None:
        """Let a job make, call and delete what it measures, read the payloads, and write its log.

        AWS says two things of the names: that they begin with the first 40 characters of that of the job
        (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateInferenceRecommendationsJob.html), and with
        ``sm-epc-`` (https://docs.aws.amazon.com/sagemaker/latest/dg/inference-recommender-troubleshooting.html).
        """
        stack = cdk.Stack.of(self)
        making = [
            Permission(
                actions=[f"sagemaker:{action}" for action in actions],
                resources=[
                    stack.format_arn(service="sagemaker", resource=kind, resource_name=f"{prefix}-*")
                    for prefix in (job_prefix(self), _OTHER_PREFIX)
                ],
                wildcard_reason="A job gives names with this prefix to what it makes.",
            )
            for kind, actions in _ACTIONS.items()
        ]
        describing = Permission(actions=("sagemaker:DescribeModelPackage",), resources=(model_package_arn,))
        create_own_policy(
            self,
            "Policy",
            [role],
            [
                writing_logs(self, RECOMMENDATION_LOG_GROUPS),
                *making,
                describing,
                passing(role),
                *(() if payloads is None else payloads.bind_bodies(self).permissions),
            ],
        )

    @property
    def state_machine(self) -> sfn.IStateMachine:
        """What runs a job at every execution."""
        return self._machine.state_machine

    def grant_start(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody start jobs: executions of this state machine, and nothing else.

        Args:
            grantee: For example a Lambda function or a rule's role.
        """
        return self.state_machine.grant_start_execution(grantee)

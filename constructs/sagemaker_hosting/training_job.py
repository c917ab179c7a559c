"""Trains a model, and registers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from sagemaker_hosting.acknowledgement import acknowledge_wildcard
from sagemaker_hosting.data_permissions import encrypting, reading_below, using_volumes, writing_into
from sagemaker_hosting.execution_policy import TRAINING_LOG_GROUPS, create_execution_policy
from sagemaker_hosting.execution_role import create_execution_role
from sagemaker_hosting.given import given
from sagemaker_hosting.instance_type import InstanceType
from sagemaker_hosting.job import JOB_NAME, JobKind, JobMachine, JobWaiting
from sagemaker_hosting.job_retry import retry_throttled
from sagemaker_hosting.metric_definitions import check_metrics, describe_metrics
from sagemaker_hosting.offered_instance_types import check_offered
from sagemaker_hosting.own_policy import create_own_policy
from sagemaker_hosting.s3_prefix import LONGEST_JOB_URI, S3Prefix
from sagemaker_hosting.spot_training import LONGEST_RUNTIME
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.training_channel import InputMode
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_stepfunctions as sfn

    from sagemaker_hosting.container_image import ContainerImage
    from sagemaker_hosting.instance_type import Architecture
    from sagemaker_hosting.job_network import JobNetwork
    from sagemaker_hosting.model_registration import ModelRegistration
    from sagemaker_hosting.spot_training import SpotTraining
    from sagemaker_hosting.training_channel import TrainingChannel

_KIND = JobKind(
    operation="TrainingJob",
    words="training job",
    arn_resource="training-job",
    name="TrainingJobName",
    arn="TrainingJobArn",
    status="TrainingJobStatus",
    completed="Completed",
    failed="Failed",
    stopped="Stopped",
)
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html and the shapes it refers to
_MOST_CHANNELS = 20
_MOST_HYPERPARAMETERS = 100
_LONGEST_HYPERPARAMETER = 2500
_LONGEST_HYPERPARAMETER_NAME = 256
_MOST_VARIABLES = 100
_LARGEST_VOLUME = 16384  # https://docs.aws.amazon.com/general/latest/gr/sagemaker.html


@jsii.implements(iam.IGrantable)
class TrainingJob(Construct):
    """A state machine; each execution runs one training job with the image's ``train``.

    An execution may override ``channels`` (URIs by name, within what the channels may read), single
    ``hyperparameters``, ``instance_count``, ``instance_type`` and ``volume_size_in_gb`` by fields of these names in its
    input. It returns ``TrainingJobName``, ``TrainingJobArn``, ``ModelArtifacts``, the URI of ``model.tar.gz``, and, if
    the model is registered, ``ModelPackageArn``. Where the job fails, so does the execution: with the error
    ``TrainingJobFailed``, and SageMaker's own reason as the cause.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        channels: Mapping[str, TrainingChannel],
        image: ContainerImage,
        output_bucket: s3.IBucket,
        output_prefix: str,
        check_interval: cdk.Duration | None = None,
        encrypt_traffic: bool = False,
        encryption_key: kms.IKey | None = None,
        environment: Mapping[str, str] | None = None,
        hyperparameters: Mapping[str, str] | None = None,
        instance_count: int = 1,
        instance_type: InstanceType = InstanceType.M5_LARGE,
        log_encryption_key: kms.IKey | None = None,
        max_runtime: cdk.Duration | None = None,
        metrics: Mapping[str, str] | None = None,
        network: JobNetwork | None = None,
        network_isolation: bool = False,
        output_encryption_key: kms.IKey | None = None,
        registration: ModelRegistration | None = None,
        role: iam.IRole | None = None,
        spot: SpotTraining | None = None,
        timeout: cdk.Duration | None = None,
        volume_size_in_gb: int = 30,
    ) -> None:
        """Create the state machine.

        Args:
            scope: Parent.
            id: Id below the parent.
            channels: 1 to 20 inputs by name: up to 64 letters, digits, dots, hyphens and underscores. The container
                finds ``train.py`` in a channel named ``code``.
            image: What is run with the argument ``train``. One that is built with the app is built for the instance
                type.
            output_bucket: Where the model goes.
            output_prefix: Folder in the bucket, without a slash at either end; each job has a folder of its own in it.
            check_interval: Time between two questions for the status. Without it, 30 seconds, or as much more as the
                history of an execution demands.
            encrypt_traffic: Whether what the instances of a job say to each other is encrypted.
            encryption_key: Key that encrypts the storage of the instances. Without it, they use a key of AWS.
            environment: Environment variables, at most 100.
            hyperparameters: At most 100, as text of at most 2,500 characters, by names of at most 256.
            instance_count: Instances, at least 1.
            instance_type: Type of the instances.
            log_encryption_key: Key that encrypts the log of the executions. Without it, a key of AWS does.
            max_runtime: How long training may take, 1 second to 28 days. Without it, 1 day.
            metrics: At most 40 regular expressions by the name of the metric, whose first group is its value in what
                the container prints.
            network: The VPC that the containers are connected to. Without it, they are in none of this account.
            network_isolation: Whether the containers are cut off from the network.
            output_encryption_key: Key that encrypts the model. Without it, the bucket decides.
            registration: Registers what was trained. Without it, it only lies in the bucket.
            role: Role the containers run with; its trust policy must name ``sagemaker.amazonaws.com``. Without it, one
                is made.
            spot: Trains on spare capacity. Without it, on demand.
            timeout: How long an execution waits for the job, 1 minute to 1 year; then it stops the job. Without it, an
                hour longer than training may take.
            volume_size_in_gb: Storage of each instance, 1 to 16,384 GB. Types with disks of their own use those.

        Raises:
            ValidationError: If an argument is outside these limits.
        """
        super().__init__(scope, id)
        runtime = cdk.Duration.days(1) if max_runtime is None else max_runtime
        longest = runtime if spot is None else spot.max_wait
        waiting = JobWaiting(
            timeout=cdk.Duration.seconds(int(longest.to_seconds()) + 3600) if timeout is None else timeout,
            check_interval=check_interval,
        )
        values = {} if hyperparameters is None else dict(hyperparameters)
        expressions = {} if metrics is None else dict(metrics)
        variables = {} if environment is None else dict(environment)
        output = S3Prefix(output_bucket, output_prefix)

        problems = Problems(lambda: f"TrainingJob '{self.node.path}'")
        waiting.check(problems)
        _check_channels(problems, channels)
        _check_hyperparameters(problems, values)
        check_metrics(problems, expressions)
        problems.between("environment", len(variables), 0, _MOST_VARIABLES, "variables")
        problems.between("instance_count", instance_count, 1, None, "instances")
        check_offered(problems, "instance_type", [instance_type], "training")
        problems.duration("max_runtime", runtime, 1, LONGEST_RUNTIME)
        if spot is not None:
            problems.duration("spot.max_wait", spot.max_wait, int(runtime.to_seconds()), LONGEST_RUNTIME)
        output.check(problems, "output_prefix", longest=LONGEST_JOB_URI)
        problems.between("volume_size_in_gb", volume_size_in_gb, 1, _LARGEST_VOLUME, "GB")
        problems.raise_if_any()

        self._architecture = instance_type.architecture
        self._role = create_execution_role(self, f"Runs the training jobs {self.node.path}") if role is None else role
        bound = image.bind(Construct(self, "Container"), self)
        self._execution_policy = create_execution_policy(
            self, self._role, bound.permissions, log_groups=TRAINING_LOG_GROUPS
        )
        places = [channel.place for channel in channels.values()]
        data = create_own_policy(
            self,
            "DataPolicy",
            [self._role],
            [
                *(one for place in places for one in reading_below(place.bucket, place.prefix)),
                *writing_into(output.bucket, output.prefix, output_encryption_key),
                *using_volumes(encryption_key),
                *encrypting(encryption_key),
            ],
        )

        request = {
            "AlgorithmSpecification": given(
                {
                    "MetricDefinitions": describe_metrics(expressions),
                    "TrainingImage": bound.image_name,
                    "TrainingInputMode": InputMode.FILE.value,
                }
            ),
            "CheckpointConfig": None if spot is None else spot.bind(data, JOB_NAME),
            "EnableInterContainerTrafficEncryption": encrypt_traffic,
            "EnableManagedSpotTraining": spot is not None,
            "EnableNetworkIsolation": network_isolation,
            "Environment": variables or None,
            "HyperParameters.$": "$.merged.hyperparameters",
            "InputDataConfig": [
                channel.render(name, f"$.merged.channels['{name}']") for name, channel in channels.items()
            ],
            "OutputDataConfig": given({"KmsKeyId": _arn(output_encryption_key), "S3OutputPath": output.uri}),
            "ResourceConfig": given(
                {
                    "InstanceCount.$": "$.settings.instance_count",
                    "InstanceType.$": "$.settings.instance_type",
                    "VolumeKmsKeyId": _arn(encryption_key),
                    "VolumeSizeInGB.$": "$.settings.volume_size_in_gb",
                }
            ),
            "RoleArn": self._role.role_arn,
            "StoppingCondition": given(
                {
                    "MaxRuntimeInSeconds": int(runtime.to_seconds()),
                    "MaxWaitTimeInSeconds": None if spot is None else int(spot.max_wait.to_seconds()),
                }
            ),
            "VpcConfig": None if network is None else network.bind(self, data),
        }
        register = None if registration is None else self._registering(registration, bound.image_name)
        self._machine = JobMachine(
            self,
            "Jobs",
            kind=_KIND,
            waiting=waiting,
            defaults={
                "channels": {name: channel.place.uri for name, channel in channels.items()},
                "hyperparameters": values,
                "instance_count": instance_count,
                "instance_type": instance_type.to_string(),
                "volume_size_in_gb": volume_size_in_gb,
            },
            merged=("channels", "hyperparameters"),
            request=given(request),
            result={"artifacts.$": "$.ModelArtifacts.S3ModelArtifacts"},
            output={
                "ModelArtifacts.$": "$.result.artifacts",
                **({} if register is None else {"ModelPackageArn.$": "$.version.arn"}),
            },
            after=() if register is None else (register,),
            pass_role=self._role,
            log_encryption_key=log_encryption_key,
        )
        if registration is not None:
            acknowledge_wildcard(
                self._machine,
                registration.versions_arn(self),
                "SageMaker numbers the versions of the group as they are registered.",
            )

    def _registering(self, registration: ModelRegistration, image_name: str) -> tasks.CallAwsService:
        state = tasks.CallAwsService(
            self,
            "Register",
            service="sagemaker",
            action="createModelPackage",
            iam_action="sagemaker:CreateModelPackage",
            iam_resources=[
                registration.model_package_group.model_package_group_arn,
                registration.versions_arn(self),
            ],
            parameters=registration.render(
                self, image=image_name, artifacts_path="$.result.artifacts", job_path=JOB_NAME
            ),
            result_path="$.version",
            result_selector={"arn.$": "$.ModelPackageArn"},
        )
        retry_throttled(state)
        return state

    @property
    def state_machine(self) -> sfn.IStateMachine:
        """What runs a job at every execution."""
        return self._machine.state_machine

    @property
    def role(self) -> iam.IRole:
        """Role the containers run with."""
        return self._role

    @property
    @jsii.member(jsii_name="grantPrincipal")
    def grant_principal(self) -> iam.IPrincipal:
        """The role, as the receiver of grants."""
        return self._role.grant_principal

    @property
    def execution_policy(self) -> iam.Policy:
        """What the image adds the statements to that it needs."""
        return self._execution_policy

    @property
    def image_architecture(self) -> Architecture:
        """What an image that is built with the app is built for."""
        return self._architecture

    def grant_start(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody start jobs: executions of this state machine, and nothing else.

        Args:
            grantee: For example a Lambda function or a rule's role.
        """
        return self.state_machine.grant_start_execution(grantee)


def _check_hyperparameters(problems: Problems, values: Mapping[str, str]) -> None:
    problems.between("hyperparameters", len(values), 0, _MOST_HYPERPARAMETERS, "values")
    for name, value in values.items():
        problems.between("the names of hyperparameters", len(name), 1, _LONGEST_HYPERPARAMETER_NAME, "characters")
        if not isinstance(value, str):
            problems.add(f"hyperparameters[{name!r}] must be text, got {value!r}")
        elif not is_token(value):
            problems.between(f"hyperparameters[{name!r}]", len(value), 0, _LONGEST_HYPERPARAMETER, "characters")


def _check_channels(problems: Problems, channels: Mapping[str, TrainingChannel]) -> None:
    problems.between("channels", len(channels), 1, _MOST_CHANNELS, "channels")
    for name in channels:
        problems.matches(
            "the names of channels", name, r"[A-Za-z0-9._-]{1,64}", "1 to 64 letters, digits, '.', '_' and '-'"
        )


def _arn(key: kms.IKey | None) -> str | None:
    return None if key is None else key.key_arn

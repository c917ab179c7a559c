"""Compiles a model for the machine that it is to run on."""

from __future__ import annotations

import enum
import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from sagemaker_hosting.data_permissions import reading_below, writing_into
from sagemaker_hosting.execution_policy import COMPILATION_LOG_GROUPS, publishing_metrics, writing_logs
from sagemaker_hosting.execution_role import create_execution_role
from sagemaker_hosting.given import given
from sagemaker_hosting.job import JOB_NAME, JobKind, JobMachine, JobWaiting
from sagemaker_hosting.own_policy import create_own_policy
from sagemaker_hosting.s3_prefix import LONGEST_JOB_URI, S3Prefix
from sagemaker_hosting.spot_training import LONGEST_RUNTIME
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_stepfunctions as sfn

    from sagemaker_hosting.compilation_target import CompilationTarget
    from sagemaker_hosting.job_network import JobNetwork

_KIND = JobKind(
    operation="CompilationJob",
    words="compilation job",
    arn_resource="compilation-job",
    name="CompilationJobName",
    arn="CompilationJobArn",
    status="CompilationJobStatus",
)
_LONGEST_INPUT_CONFIG = 16384  # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InputConfig.html


class NeoFramework(enum.Enum):
    """What a model was trained with.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InputConfig.html
    """

    DARKNET = "DARKNET"
    KERAS = "KERAS"
    MXNET = "MXNET"
    ONNX = "ONNX"
    PYTORCH = "PYTORCH"
    SKLEARN = "SKLEARN"
    TENSORFLOW = "TENSORFLOW"
    TFLITE = "TFLITE"
    XGBOOST = "XGBOOST"


_VERSIONED = (NeoFramework.MXNET, NeoFramework.PYTORCH, NeoFramework.TENSORFLOW, NeoFramework.TFLITE)


class NeoCompilation(Construct):
    """A state machine; each execution runs one compilation job.

    An execution may override ``model_data``, the URI of the archive, by a field of this name in its input, within what
    the role may read. It returns ``CompilationJobName``, ``CompilationJobArn`` and ``ModelArtifacts``, the URI of the
    compiled model. Where the job fails, so does the execution: with the error ``CompilationJobFailed``, and SageMaker's
    own reason as the cause.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        framework: NeoFramework,
        model_bucket: s3.IBucket,
        model_key: str,
        output_bucket: s3.IBucket,
        output_prefix: str,
        target: CompilationTarget,
        check_interval: cdk.Duration | None = None,
        data_input_config: Mapping[str, object] | Sequence[object] | None = None,
        framework_version: str | None = None,
        log_encryption_key: kms.IKey | None = None,
        max_runtime: cdk.Duration | None = None,
        network: JobNetwork | None = None,
        output_encryption_key: kms.IKey | None = None,
        role: iam.IRole | None = None,
        timeout: cdk.Duration | None = None,
    ) -> None:
        """Create the state machine.

        Args:
            scope: Parent.
            id: Id below the parent.
            framework: What the model was trained with.
            model_bucket: Where the model is.
            model_key: Key of its ``tar.gz`` archive; an execution may name others that begin like it.
            output_bucket: Where the compiled model goes.
            output_prefix: Folder in the bucket, without a slash at either end; each job has a folder of its own in it.
            target: What the model is compiled for.
            check_interval: Time between two questions for the status. Without it, 30 seconds, or as much more as the
                history of an execution demands.
            data_input_config: Shapes of the model's inputs, in the form that the framework demands, such as
                ``{"input": [1, 3, 224, 224]}``; at most 16,384 characters as JSON. Without it, the model says so.
            framework_version: For example ``1.13``, 3 to 10 characters; for MXNet, PyTorch and TensorFlow only. Without
                it, Neo decides.
            log_encryption_key: Key that encrypts the log of the executions. Without it, a key of AWS does.
            max_runtime: How long compiling may take, 1 second to 28 days. Without it, 15 minutes.
            network: The VPC in which the job reads and writes. Without it, in none of this account.
            output_encryption_key: Key that encrypts the compiled model. Without it, the key of AWS for Amazon S3.
            role: Role the job runs with; its trust policy must name ``sagemaker.amazonaws.com``. Without it, one is
                made.
            timeout: How long an execution waits for the job, 1 minute to 1 year; then it stops the job. Without it, an
                hour longer than compiling may take.

        Raises:
            ValidationError: If an argument is outside these limits.
        """
        super().__init__(scope, id)
        runtime = cdk.Duration.minutes(15) if max_runtime is None else max_runtime
        waiting = JobWaiting(
            timeout=cdk.Duration.seconds(int(runtime.to_seconds()) + 3600) if timeout is None else timeout,
            check_interval=check_interval,
        )
        config = None if data_input_config is None else json.dumps(data_input_config)
        source, output = S3Prefix(model_bucket, model_key), S3Prefix(output_bucket, output_prefix)

        problems = Problems(lambda: f"NeoCompilation '{self.node.path}'")
        waiting.check(problems)
        source.check_keys(problems, "model_key")
        problems.check(
            is_token(model_key) or model_key.endswith(".tar.gz"),
            f"model_key must end in '.tar.gz', got {model_key!r}",
        )
        output.check(problems, "output_prefix", longest=LONGEST_JOB_URI)
        problems.duration("max_runtime", runtime, 1, LONGEST_RUNTIME)
        if config is not None:
            length = len(config)
            problems.between("the length of data_input_config", length, 1, _LONGEST_INPUT_CONFIG, "characters")
        problems.matches(
            "framework_version", framework_version, r"(?=.{3,10}$)[0-9]\.[A-Za-z0-9.]+", "a version such as '1.13'"
        )
        problems.check(
            framework_version is None or framework in _VERSIONED,
            f"framework_version must not be given for {framework.value}, got {framework_version!r}",
        )
        problems.raise_if_any()

        self.role: iam.IRole = (
            create_execution_role(self, f"Runs the compilation jobs {self.node.path}") if role is None else role
        )
        # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateCompilationJob.html
        policy = create_own_policy(
            self,
            "Policy",
            [self.role],
            [
                *reading_below(source.bucket, source.prefix),
                *writing_into(output.bucket, output.prefix, output_encryption_key),
                writing_logs(self, COMPILATION_LOG_GROUPS),
                publishing_metrics(),
            ],
        )
        request = {
            "InputConfig": given(
                {
                    "DataInputConfig": config,
                    "Framework": framework.value,
                    "FrameworkVersion": framework_version,
                    "S3Uri.$": "$.settings.model_data",
                }
            ),
            "OutputConfig": given(
                {
                    **target.render(),
                    "KmsKeyId": None if output_encryption_key is None else output_encryption_key.key_arn,
                    "S3OutputLocation.$": f"States.Format('{output.uri}/{{}}', {JOB_NAME})",
                }
            ),
            "RoleArn": self.role.role_arn,
            "StoppingCondition": {"MaxRuntimeInSeconds": int(runtime.to_seconds())},
            "VpcConfig": None if network is None else network.bind(self, policy),
        }
        self._machine = JobMachine(
            self,
            "Jobs",
            kind=_KIND,
            waiting=waiting,
            defaults={"model_data": source.uri},
            request=given(request),
            result={"artifacts.$": "$.ModelArtifacts.S3ModelArtifacts"},
            output={"ModelArtifacts.$": "$.result.artifacts"},
            pass_role=self.role,
            log_encryption_key=log_encryption_key,
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

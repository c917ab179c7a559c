"""Asks a model for predictions of whole files, without an endpoint."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from constructs import Construct

from sagemaker_hosting.data_permissions import encrypting, reading_below, using_volumes, writing_into
from sagemaker_hosting.given import given
from sagemaker_hosting.instance_type import InstanceType
from sagemaker_hosting.job import JobKind, JobMachine, JobWaiting
from sagemaker_hosting.offered_instance_types import check_offered
from sagemaker_hosting.own_policy import create_own_policy
from sagemaker_hosting.s3_prefix import LONGEST_JOB_URI, S3Prefix
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_stepfunctions as sfn

    from sagemaker_hosting.model import IModel

_KIND = JobKind(
    operation="TransformJob",
    words="transform job",
    arn_resource="transform-job",
    name="TransformJobName",
    arn="TransformJobArn",
    status="TransformJobStatus",
    completed="Completed",
    failed="Failed",
    stopped="Stopped",
)
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html and the shapes it refers to
_LARGEST_PAYLOAD = 100
_LONGEST_INVOCATION = 3600
_MOST_RETRIES = 3
_MOST_VARIABLES = 16
_LONGEST_FILTER = 63
_LONGEST_TYPE = 256


class SplitType(enum.Enum):
    """How an input object is split into records."""

    NONE = "None"
    LINE = "Line"
    RECORD_IO = "RecordIO"
    TF_RECORD = "TFRecord"


class BatchStrategy(enum.Enum):
    """How many records a request holds."""

    MULTI_RECORD = "MultiRecord"
    """As many as ``max_payload_in_mb`` takes."""

    SINGLE_RECORD = "SingleRecord"


class AssembleWith(enum.Enum):
    """What stands between the answers in an output object."""

    NONE = "None"
    LINE = "Line"


class BatchTransform(Construct):
    """A state machine; each execution runs one transform job.

    For every input object an object of the same name with ``.out`` behind it is written. An execution may override
    ``input`` and ``output`` (URIs, within what the model's role may read and write), ``instance_count`` and
    ``instance_type`` by fields of these names in its input. It returns ``TransformJobName``, ``TransformJobArn`` and
    ``Output``, the URI of the folder. Where the job fails, so does the execution: with the error
    ``TransformJobFailed``, and SageMaker's own reason as the cause.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        content_type: str,
        input_bucket: s3.IBucket,
        input_prefix: str,
        model: IModel,
        output_bucket: s3.IBucket,
        output_prefix: str,
        accept: str | None = None,
        assemble_with: AssembleWith = AssembleWith.NONE,
        batch_strategy: BatchStrategy | None = None,
        check_interval: cdk.Duration | None = None,
        encryption_key: kms.IKey | None = None,
        environment: Mapping[str, str] | None = None,
        gzipped: bool = False,
        input_filter: str | None = None,
        instance_count: int = 1,
        instance_type: InstanceType = InstanceType.M5_LARGE,
        invocation_retries: int | None = None,
        invocation_timeout: cdk.Duration | None = None,
        join_input: bool = False,
        log_encryption_key: kms.IKey | None = None,
        max_concurrent_transforms: int | None = None,
        max_payload_in_mb: int | None = None,
        output_encryption_key: kms.IKey | None = None,
        output_filter: str | None = None,
        split_type: SplitType = SplitType.NONE,
        timeout: cdk.Duration | None = None,
    ) -> None:
        """Create the state machine.

        Args:
            scope: Parent.
            id: Id below the parent.
            content_type: MIME type of the requests, at most 256 characters; CSV or JSON for filters and ``join_input``.
            input_bucket: Where the input is.
            input_prefix: What its keys begin with, such as ``incoming/``, or one whole key.
            model: What is asked. Its role gets the rights to read the input and write the output; the role of a model
                that was imported by name is not known and must have them.
            output_bucket: Where the answers go.
            output_prefix: Folder in the bucket, without a slash at either end.
            accept: MIME type that is asked for, at most 256 characters. Without it, the container decides.
            assemble_with: What stands between the answers. With ``NONE`` they follow each other as they are.
            batch_strategy: How many records a request holds. Needs a ``split_type``. Without it, the container's
                ``/execution-parameters`` decides, else it is several.
            check_interval: Time between two questions for the status. Without it, 30 seconds, or as much more as the
                history of an execution demands.
            encryption_key: Key that encrypts the storage of the instances. Without it, they use a key of AWS.
            environment: Environment variables beside those of the model, at most 16.
            gzipped: Whether the input is compressed by gzip.
            input_filter: JSONPath of what is sent of each record, such as ``$[1:]``, at most 63 characters. Without it,
                all of it.
            instance_count: Instances, at least 1; each takes some of the input objects.
            instance_type: Type of the instances.
            invocation_retries: How often a request that failed is repeated, 0 to 3. Without it, SageMaker decides.
            invocation_timeout: How long an answer may take, 1 second to 1 hour. Without it, SageMaker decides.
            join_input: Whether each answer is written together with the record it belongs to.
            log_encryption_key: Key that encrypts the log of the executions. Without it, a key of AWS does.
            max_concurrent_transforms: Requests to an instance at the same time, at least 1. Without it, the container's
                ``/execution-parameters`` decides, else it is 1.
            max_payload_in_mb: Largest request, 0 to 100 MB, and at most 100 MB times the concurrent ones; 0 streams
                input of any size. Without it, the container's ``/execution-parameters`` decides, else it is 6 MB.
            output_encryption_key: Key that encrypts the answers. Without it, the bucket decides.
            output_filter: JSONPath of what is written of each joined record, at most 63 characters. Without it, all
                of it.
            split_type: How objects are split into records.
            timeout: How long an execution waits for the job, 1 minute to 1 year; then it stops the job. Without it, 1
                day.

        Raises:
            ValidationError: If an argument is outside these limits, or does not go with another; or if the model's
                data is a prefix, which transform jobs do not take.
        """
        super().__init__(scope, id)
        waiting = JobWaiting(
            timeout=cdk.Duration.days(1) if timeout is None else timeout, check_interval=check_interval
        )
        variables = {} if environment is None else dict(environment)
        place, output = S3Prefix(input_bucket, input_prefix), S3Prefix(output_bucket, output_prefix)

        problems = Problems(lambda: f"BatchTransform '{self.node.path}'")
        waiting.check(problems)
        place.check_keys(problems, "input_prefix")
        output.check(problems, "output_prefix", longest=LONGEST_JOB_URI)
        for name, text, most in (
            ("content_type", content_type, _LONGEST_TYPE),
            ("accept", accept, _LONGEST_TYPE),
            ("input_filter", input_filter, _LONGEST_FILTER),
            ("output_filter", output_filter, _LONGEST_FILTER),
        ):
            problems.between(f"the length of {name}", len(text or ""), 0, most, "characters")
        for name, path in (("input_filter", input_filter), ("output_filter", output_filter)):
            problems.matches(name, path, r"\$.*", "a JSONPath that begins with $, such as '$[1:]'")
        # https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
        problems.check(
            is_token(content_type)
            or content_type.startswith("text/csv")
            or "json" in content_type
            or (input_filter is None and output_filter is None and not join_input),
            f"content_type must be CSV or JSON for filters and join_input, got {content_type!r}",
        )
        problems.check(
            batch_strategy is None or split_type is not SplitType.NONE,
            f"batch_strategy must not be given unless split_type says how to split, got {batch_strategy}",
        )
        problems.check(
            not (join_input and split_type in (SplitType.RECORD_IO, SplitType.TF_RECORD)),
            f"join_input must be False for binary records, got True with {split_type}",
        )
        problems.between("environment", len(variables), 0, _MOST_VARIABLES, "variables")
        problems.between("instance_count", instance_count, 1, None, "instances")
        check_offered(problems, "instance_type", [instance_type], "transform")
        problems.check(
            model.architecture in (None, instance_type.architecture),
            f"model must have an image for {instance_type.architecture.value}, which {instance_type} runs; it is built "
            f"for {'' if model.architecture is None else model.architecture.value}: make a second model of the same "
            f"image and data with image_architecture=Architecture.{instance_type.architecture.name}",
        )
        problems.between("invocation_retries", invocation_retries, 0, _MOST_RETRIES, "retries")
        problems.duration("invocation_timeout", invocation_timeout, 1, _LONGEST_INVOCATION)
        problems.between("max_concurrent_transforms", max_concurrent_transforms, 1, None, "requests")
        problems.between("max_payload_in_mb", max_payload_in_mb, 0, _LARGEST_PAYLOAD, "MB")
        if (
            max_concurrent_transforms is not None
            and max_payload_in_mb is not None
            and not any(is_token(value) for value in (max_concurrent_transforms, max_payload_in_mb))
        ):
            total = max_concurrent_transforms * max_payload_in_mb
            problems.between("max_concurrent_transforms * max_payload_in_mb", total, 0, _LARGEST_PAYLOAD, "MB")
        problems.raise_if_any()

        model.use_model_data_url()
        if model.role is not None:
            create_own_policy(
                self,
                "DataPolicy",
                [model.role],
                [
                    *reading_below(place.bucket, place.prefix),
                    *writing_into(output.bucket, output.prefix, output_encryption_key),
                    *using_volumes(encryption_key),
                    *encrypting(encryption_key),
                ],
            )

        client = {
            "InvocationsMaxRetries": invocation_retries,
            "InvocationsTimeoutInSeconds": None if invocation_timeout is None else int(invocation_timeout.to_seconds()),
        }
        processing = {
            "InputFilter": input_filter,
            "JoinSource": "Input" if join_input else None,
            "OutputFilter": output_filter,
        }
        request: dict[str, Any] = {
            "BatchStrategy": None if batch_strategy is None else batch_strategy.value,
            "DataProcessing": given(processing) or None,
            "Environment": variables or None,
            "MaxConcurrentTransforms": max_concurrent_transforms,
            "MaxPayloadInMB": max_payload_in_mb,
            "ModelClientConfig": given(client) or None,
            "ModelName": model.model_name,
            "TransformInput": {
                "CompressionType": "Gzip" if gzipped else "None",
                "ContentType": content_type,
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri.$": "$.settings.input"}},
                "SplitType": split_type.value,
            },
            "TransformOutput": given(
                {
                    "Accept": accept,
                    "AssembleWith": assemble_with.value,
                    "KmsKeyId": None if output_encryption_key is None else output_encryption_key.key_arn,
                    "S3OutputPath.$": "$.settings.output",
                }
            ),
            "TransformResources": given(
                {
                    "InstanceCount.$": "$.settings.instance_count",
                    "InstanceType.$": "$.settings.instance_type",
                    "VolumeKmsKeyId": None if encryption_key is None else encryption_key.key_arn,
                }
            ),
        }
        self._machine = JobMachine(
            self,
            "Jobs",
            kind=_KIND,
            waiting=waiting,
            defaults={
                "input": place.uri,
                "instance_count": instance_count,
                "instance_type": instance_type.to_string(),
                "output": output.uri,
            },
            request=given(request),
            result={"output.$": "$.TransformOutput.S3OutputPath"},
            output={"Output.$": "$.result.output"},
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

"""Training on spare capacity, which is cheaper and may be taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sagemaker_hosting.data_permissions import reading_below, writing_into
from sagemaker_hosting.own_policy import allow
from sagemaker_hosting.s3_prefix import LONGEST_JOB_URI, S3Prefix
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_s3 as s3

LONGEST_RUNTIME = 28 * 24 * 60 * 60
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html"""


@dataclass(frozen=True, kw_only=True)
class SpotTraining:
    """Managed spot training: https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html.

    Args:
        max_wait: How long capacity is waited for and trained in all, from the longest runtime of the job to 28 days.
        checkpoint_bucket: Where ``/opt/ml/checkpoints`` is kept, so that training goes on where it was interrupted. The
            job may read and write there. Without it, an interruption loses everything.
        checkpoint_prefix: Folder in the bucket, without a slash at either end; each job has a folder of its own in it.
    """

    max_wait: cdk.Duration
    checkpoint_bucket: s3.IBucket | None = None
    checkpoint_prefix: str | None = None

    def __post_init__(self) -> None:
        problems = Problems("SpotTraining")
        problems.check(
            (self.checkpoint_bucket is None) == (self.checkpoint_prefix is None),
            "checkpoint_bucket and checkpoint_prefix must be given both or not at all",
        )
        if self.checkpoints is not None:
            self.checkpoints.check(problems, "checkpoint_prefix", longest=LONGEST_JOB_URI)
        problems.raise_if_any()

    @property
    def checkpoints(self) -> S3Prefix | None:
        """Where checkpoints are kept."""
        if self.checkpoint_bucket is None or self.checkpoint_prefix is None:
            return None
        return S3Prefix(self.checkpoint_bucket, self.checkpoint_prefix)

    def bind(self, policy: iam.Policy, job_path: str) -> dict[str, Any] | None:
        """Describe the checkpoints to SageMaker, and let the roles of ``policy`` read and write them.

        Args:
            policy: The policy of the job.
            job_path: Path in the state of an execution where the job's name is found.
        """
        if self.checkpoints is None:
            return None
        place = self.checkpoints
        allow(policy, [*reading_below(place.bucket, place.prefix), *writing_into(place.bucket, place.prefix, None)])
        return {"S3Uri.$": f"States.Format('{self.checkpoints.uri}/{{}}', {job_path})"}

"""What models and jobs may do with the places that their data come from and go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam
from constructs import Construct

from sagemaker_hosting.acknowledgement import acknowledge_own_policy, acknowledge_wildcard
from sagemaker_hosting.hosting_network import NETWORK_ACTIONS

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3

    from sagemaker_hosting.s3_prefix import S3Prefix


class DataPolicy(Construct):
    """A policy of its own, on the roles of an endpoint's models or of a job.

    What is acknowledged here covers nothing else that these roles may do.
    """

    def __init__(self, scope: Construct, id: str) -> None:  # noqa: A002
        """Create the policy, empty and on no role.

        Args:
            scope: Parent.
            id: Id below the parent.
        """
        super().__init__(scope, id)
        self._policy = iam.Policy(self, "Policy")
        acknowledge_own_policy(self._policy)

    def attach_to(self, role: iam.IRole) -> None:
        """Put the policy on one more role, unless the CDK was told not to change that."""
        role.attach_inline_policy(self._policy)

    def allow(self, *actions: str, resource: str) -> None:
        """Allow actions on one resource.

        Args:
            actions: IAM actions with their prefix.
            resource: ARN.
        """
        self._policy.add_statements(iam.PolicyStatement(actions=list(actions), resources=[resource]))

    def allow_read(self, place: S3Prefix) -> None:
        """Allow reading the objects of ``place``, and nothing else in its bucket."""
        self._allow_objects(place, "s3:GetObject")
        self.allow_decryption(place.bucket.encryption_key)

    def allow_read_object(self, bucket: s3.IBucket, object_key: str) -> None:
        """Allow reading one object.

        Args:
            bucket: Where it is.
            object_key: Its key.
        """
        self.allow("s3:GetObject", resource=bucket.arn_for_objects(object_key))
        self.allow_decryption(bucket.encryption_key)

    def allow_read_prefix(self, place: S3Prefix) -> None:
        """Allow listing and reading the objects whose keys begin with ``place``, as jobs find their data.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html
        """
        objects = place.bucket.arn_for_objects(f"{place.prefix}*")
        self.allow("s3:GetObject", resource=objects)
        acknowledge_wildcard(
            self._policy, objects, "The job reads all objects below this prefix, without knowing their names."
        )
        self._policy.add_statements(
            iam.PolicyStatement(
                actions=["s3:ListBucket"],
                resources=[place.bucket.bucket_arn],
                conditions={"StringLike": {"s3:prefix": f"{place.prefix}*"}},
            )
        )
        self.allow_decryption(place.bucket.encryption_key)

    def allow_network(self) -> None:
        """Allow what a job does to be connected to a VPC.

        https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createtrainingjob-perms
        """
        self.allow(*NETWORK_ACTIONS, resource="*")
        acknowledge_wildcard(
            self._policy,
            "*",
            "The network interfaces of a job exist only while it runs, and describing takes no resource.",
        )

    def allow_write(self, place: S3Prefix, key: kms.IKey | None) -> None:
        """Allow writing objects into ``place``, and nothing else in its bucket.

        Args:
            place: Where.
            key: What the objects are encrypted with; without it, the key of the bucket, if that has one.
        """
        self._allow_objects(place, "s3:AbortMultipartUpload", "s3:PutObject")
        self.allow_encryption(key if key is not None else place.bucket.encryption_key)

    def allow_decryption(self, key: kms.IKey | None) -> None:
        """Allow decrypting with ``key``, if there is one."""
        if key is not None:
            self.allow("kms:Decrypt", resource=key.key_arn)

    def allow_encryption(self, key: kms.IKey | None) -> None:
        """Allow encrypting with ``key``, if there is one. A service needs to decrypt too, for uploads in parts."""
        if key is not None:
            self.allow("kms:Decrypt", "kms:GenerateDataKey", resource=key.key_arn)

    def allow_volumes(self, key: kms.IKey | None) -> None:
        """Allow SageMaker to give the instances' volumes to EC2 with ``key``, if there is one.

        https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html

        Args:
            key: The key of the volumes.
        """
        if key is None:
            return
        self.allow("kms:DescribeKey", resource=key.key_arn)
        self._policy.add_statements(
            iam.PolicyStatement(
                actions=["kms:CreateGrant"],
                resources=[key.key_arn],
                conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
            )
        )

    def _allow_objects(self, place: S3Prefix, *actions: str) -> None:
        self.allow(*actions, resource=place.objects_arn)
        acknowledge_wildcard(
            self._policy, place.objects_arn, "SageMaker or the caller names each object; they all lie in this folder."
        )

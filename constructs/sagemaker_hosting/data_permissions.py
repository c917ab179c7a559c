"""What reading and writing data takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sagemaker_hosting.permission import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3


def decrypting(key: kms.IKey | None) -> Sequence[Permission]:
    """Return what decrypting with a key takes: nothing if there is none."""
    return () if key is None else (Permission(actions=("kms:Decrypt",), resources=(key.key_arn,)),)


def encrypting(key: kms.IKey | None) -> Sequence[Permission]:
    """Return what encrypting with a key takes: nothing if there is none. An upload in parts is decrypted, too."""
    actions = ("kms:Decrypt", "kms:GenerateDataKey")
    return () if key is None else (Permission(actions=actions, resources=(key.key_arn,)),)


def reading_object(bucket: s3.IBucket, object_key: str, key: kms.IKey | None = None) -> Sequence[Permission]:
    """Return what reading one object takes.

    Args:
        bucket: Where it is.
        object_key: Its key.
        key: What it is encrypted with; without it, the key of the bucket, if that has one.
    """
    reading = Permission(actions=("s3:GetObject",), resources=(bucket.arn_for_objects(object_key),))
    return (*decrypting(bucket.encryption_key if key is None else key), reading)


def reading_in(bucket: s3.IBucket, folder: str) -> Sequence[Permission]:
    """Return what reading the objects of a folder by their names takes.

    Args:
        bucket: Where it is.
        folder: Its name, without a slash at either end.
    """
    return (
        *decrypting(bucket.encryption_key),
        Permission(
            actions=("s3:GetObject",),
            resources=(bucket.arn_for_objects(f"{folder}/*"),),
            wildcard_reason="The caller names each object; they all lie in this folder.",
        ),
    )


def reading_below(bucket: s3.IBucket, prefix: str, key: kms.IKey | None = None) -> Sequence[Permission]:
    """Return what listing and reading the objects whose keys begin with ``prefix`` takes.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html

    Args:
        bucket: Where they are.
        prefix: What their keys begin with.
        key: What they are encrypted with; without it, the key of the bucket, if that has one.
    """
    return (
        *decrypting(bucket.encryption_key if key is None else key),
        Permission(
            actions=("s3:GetObject",),
            resources=(bucket.arn_for_objects(f"{prefix}*"),),
            wildcard_reason="SageMaker reads all objects below this prefix, without knowing their names.",
        ),
        Permission(
            actions=("s3:ListBucket",),
            resources=(bucket.bucket_arn,),
            conditions={"StringLike": {"s3:prefix": f"{prefix}*"}},
        ),
    )


def writing_into(bucket: s3.IBucket, folder: str, key: kms.IKey | None) -> Sequence[Permission]:
    """Return what writing objects into a folder takes.

    Args:
        bucket: Where it is.
        folder: Its name, without a slash at either end.
        key: What the objects are encrypted with; without it, the key of the bucket, if that has one.
    """
    return (
        Permission(
            actions=("s3:AbortMultipartUpload", "s3:PutObject"),
            resources=(bucket.arn_for_objects(f"{folder}/*"),),
            wildcard_reason="SageMaker names the objects that it writes; they all lie in this folder.",
        ),
        *encrypting(bucket.encryption_key if key is None else key),
    )


def using_volumes(key: kms.IKey | None) -> Sequence[Permission]:
    """Return what it takes that SageMaker gives the instances' volumes to EC2 with a key: nothing if there is none.

    https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
    """
    if key is None:
        return ()
    return (
        Permission(actions=("kms:DescribeKey",), resources=(key.key_arn,)),
        Permission(
            actions=("kms:CreateGrant",),
            resources=(key.key_arn,),
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    )

"""Why the roles that CDK Pipelines makes have wildcards: each one that is meant, with its reason.

CDK Pipelines writes these policies itself. What it writes beyond them is reported as ever.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import pipelines
    from constructs import IConstruct

_REASONS = (
    (
        r"Action::(s3:(Abort|DeleteObject|GetBucket|GetObject|List)\*|kms:(GenerateDataKey|ReEncrypt)\*)",
        "What CDK grants for reading and writing a bucket and for using its key; the statement names this one bucket "
        "or key.",
    ),
    (
        r"Resource::(<\w*ArtifactsBucket\w*\.Arn>|arn:.+:s3:::[a-z0-9-]+-support-[a-z0-9-]+)/\*",
        "The artifacts of an execution have names that CodePipeline makes; they all lie in this one bucket of "
        "the pipeline or of a region that it deploys to.",
    ),
    (
        r"Resource::.*:log-group:/aws/codebuild/.*\*",
        "CodeBuild names its log streams, and the projects that publish assets share a role.",
    ),
    (
        r"Resource::.*:report-group/.*\*",
        "CodeBuild names its report groups after the project, and the projects that publish assets share a role.",
    ),
    (
        r"Resource::arn:\*:iam::.*:role/\*",
        "The pipeline updates itself with the roles of the bootstrap; a condition holds this to roles that carry the "
        "bootstrap's tag.",
    ),
    (
        r"Resource::\*",
        "Finding the stack of the pipeline, the bootstrap's bucket and a login for the registry take no resource.",
    ),
)


def acknowledge_pipeline_permissions(pipeline: pipelines.CodePipeline) -> None:
    """Acknowledge the wildcards below a pipeline that is built, and its buckets.

    Args:
        pipeline: The pipeline. Its stages of the app are stacks of their own, and not meant.
    """
    # A pipeline that deploys to other regions has a bucket in each, in a stack of its own.
    others = [support.stack for support in pipeline.pipeline.cross_region_support.values()]
    for owner in (pipeline, *others):
        cdk.Validations.of(owner).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions-S1",
                reason="The bucket holds the artifacts of one pipeline, for its own roles alone.",
            )
        )
    for construct in pipeline.node.find_all():
        if isinstance(construct, iam.CfnPolicy):
            document = cdk.Stack.of(construct).resolve(construct.policy_document)
            for finding in sorted(set(_wildcards(document))):
                for pattern, reason in _REASONS:
                    if re.fullmatch(pattern, finding):
                        acknowledgment = cdk.Acknowledgment(id=f"AwsSolutions-IAM5[{finding}]", reason=reason)
                        cdk.Validations.of(construct).acknowledge(acknowledgment)
                        break


def acknowledge_resource(construct: IConstruct, resource: str, reason: str) -> None:
    """Acknowledge that a policy below ``construct`` names a resource with a wildcard.

    Args:
        construct: The role or policy. Nothing outside it is acknowledged.
        resource: The very text of the statement, tokens included.
        reason: Why no narrower resource can be named.
    """
    text = _text(cdk.Stack.of(construct).resolve(resource))
    acknowledgment = cdk.Acknowledgment(id=f"AwsSolutions-IAM5[Resource::{text}]", reason=reason)
    cdk.Validations.of(construct).acknowledge(acknowledgment)


def _wildcards(document: dict[str, Any]) -> Iterator[str]:
    for statement in document["Statement"]:
        for kind in ("Action", "Resource"):
            values = statement[kind] if isinstance(statement[kind], list) else [statement[kind]]
            yield from (f"{kind}::{text}" for value in values if "*" in (text := _text(value)))


def _text(value: Any) -> str:  # noqa: ANN401  a resolved CloudFormation value
    """Return the value as cdk-nag writes it into the ids of its findings."""
    match value:
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(_text(part) for part in parts)
        case _:
            return str(value)

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

    from constructs import IConstruct

_REASONS = (
    (
        r"Action::(s3:(Abort|DeleteObject|GetBucket|GetObject|List)\*|kms:(GenerateDataKey|ReEncrypt)\*)",
        "What CDK grants for reading and writing a bucket and for using its key; the statement names this one bucket "
        "or key.",
    ),
    (
        r"Resource::<\w*ArtifactsBucket\w*\.Arn>/\*",
        "The artifacts of an execution have names that CodePipeline makes; they all lie in this one bucket.",
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


def acknowledge_pipeline_permissions(pipeline: IConstruct) -> None:
    """Acknowledge the wildcards below a pipeline that is built.

    Args:
        pipeline: The ``CodePipeline`` of CDK Pipelines. Its stages of the app are stacks of their own, and not meant.
    """
    cdk.Validations.of(pipeline).acknowledge(
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

"""Passes the decision about a model version on to the approval that a pipeline is waiting at.

EventBridge sends an event whenever the state of a version changes:
https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from collections.abc import Mapping

_DECISIONS = {"Approved": "Approved", "Rejected": "Rejected"}
_LONGEST_SUMMARY = 512


@dataclass(frozen=True)
class Settings:
    """What the environment says.

    Attributes:
        pipeline: Name of the pipeline.
        stage: Its stage that waits.
        action: The approval in that stage.
    """

    pipeline: str
    stage: str
    action: str

    @classmethod
    def from_env(cls) -> Settings:
        """Read the settings."""
        return cls(os.environ["PIPELINE_NAME"], os.environ["STAGE_NAME"], os.environ["ACTION_NAME"])


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Decide what the pipeline waits for.

    Returns:
        ``decided`` with what the pipeline was told, or with ``None`` and the ``reason`` why it was told nothing.
    """
    result = _decide(event["detail"], Settings.from_env(), boto3.client("sagemaker"), boto3.client("codepipeline"))
    print(json.dumps(result))  # noqa: T201  what a function prints is its log
    return result


def _decide(version: Mapping[str, Any], settings: Settings, sagemaker: Any, codepipeline: Any) -> dict[str, Any]:
    status, arn, group = (version[name] for name in ("ModelApprovalStatus", "ModelPackageArn", "ModelPackageGroupName"))
    if status not in _DECISIONS:
        return _nothing(f"{arn} is {status}: that is no decision")
    newest = sagemaker.list_model_packages(
        ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending", MaxResults=1
    )["ModelPackageSummaryList"]
    if not newest or newest[0]["ModelPackageArn"] != arn:
        return _nothing(f"{arn} is not the newest version, which is what was deployed")
    token = _token(codepipeline.get_pipeline_state(name=settings.pipeline), settings)
    if token is None:
        return _nothing(f"{settings.pipeline} is not waiting at {settings.stage}/{settings.action}")
    codepipeline.put_approval_result(
        pipelineName=settings.pipeline,
        stageName=settings.stage,
        actionName=settings.action,
        result={"summary": f"{arn} was set to {status}"[:_LONGEST_SUMMARY], "status": _DECISIONS[status]},
        token=token,
    )
    return {"decided": _DECISIONS[status], "reason": None}


def _token(state: Mapping[str, Any], settings: Settings) -> str | None:
    for stage in state["stageStates"]:
        for action in stage["actionStates"] if stage["stageName"] == settings.stage else ():
            execution = action.get("latestExecution", {})
            if action["actionName"] == settings.action and execution.get("status") == "InProgress":
                token: str | None = execution.get("token")
                return token
    return None


def _nothing(reason: str) -> dict[str, Any]:
    return {"decided": None, "reason": reason}

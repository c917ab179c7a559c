from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from promotion_approval import handler

GROUP = "iris"
NEWEST = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/iris/7"
OLDER = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/iris/6"


def event(status: str, arn: str = NEWEST) -> dict[str, Any]:
    detail = {"ModelApprovalStatus": status, "ModelPackageArn": arn, "ModelPackageGroupName": GROUP}
    return {"source": "aws.sagemaker", "detail-type": "SageMaker Model Package State Change", "detail": detail}


class Account:
    """The two services that the function asks, with what they are expected to hear."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        region = {"region_name": "eu-central-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
        self._clients = {name: boto3.client(name, **region) for name in ("sagemaker", "codepipeline")}
        self.stubs = {name: Stubber(client) for name, client in self._clients.items()}
        for stub in self.stubs.values():
            stub.activate()
        monkeypatch.setattr("boto3.client", self._clients.__getitem__)

    def has_newest(self, *arns: str) -> None:
        summaries = [
            {
                "ModelPackageArn": arn,
                "ModelPackageGroupName": GROUP,
                "CreationTime": 0,
                "ModelPackageStatus": "Completed",
            }
            for arn in arns
        ]
        asked = {
            "ModelPackageGroupName": GROUP,
            "SortBy": "CreationTime",
            "SortOrder": "Descending",
            "MaxResults": 1,
        }
        self.stubs["sagemaker"].add_response("list_model_packages", {"ModelPackageSummaryList": summaries}, asked)

    def waits(self, status: str, stage: str = "dev") -> None:
        approval = {"actionName": "Approve", "latestExecution": {"status": status, "token": "t"}}
        stages = [{"stageName": "Source", "actionStates": []}, {"stageName": stage, "actionStates": [approval]}]
        state = {"stageStates": stages}
        self.stubs["codepipeline"].add_response("get_pipeline_state", state, {"name": "models"})

    def expects(self, decision: str, status: str) -> None:
        told = {
            "pipelineName": "models",
            "stageName": "dev",
            "actionName": "Approve",
            "result": {"summary": f"{NEWEST} was set to {status}", "status": decision},
            "token": "t",
        }
        self.stubs["codepipeline"].add_response("put_approval_result", {}, told)

    def was_asked_all(self) -> None:
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    for name, value in (("PIPELINE_NAME", "models"), ("STAGE_NAME", "dev"), ("ACTION_NAME", "Approve")):
        monkeypatch.setenv(name, value)
    return Account(monkeypatch)


@pytest.mark.parametrize("status", ["Approved", "Rejected"])
def test_a_decision_about_the_newest_version_is_passed_on(account: Account, status: str) -> None:
    account.has_newest(NEWEST)
    account.waits("InProgress")
    account.expects(status, status)

    assert handler.handler(event(status), None) == {"decided": status, "reason": None}
    account.was_asked_all()


def test_a_decision_about_an_older_version_promotes_nothing(account: Account) -> None:
    account.has_newest(NEWEST)

    result = handler.handler(event("Approved", OLDER), None)
    assert result == {"decided": None, "reason": f"{OLDER} is not the newest version, which is what was deployed"}
    account.was_asked_all()


@pytest.mark.parametrize(("status", "stage"), [("Succeeded", "dev"), ("InProgress", "prod")])
def test_a_pipeline_that_does_not_wait_there_is_left_alone(account: Account, status: str, stage: str) -> None:
    account.has_newest(NEWEST)
    account.waits(status, stage)

    assert handler.handler(event("Approved"), None)["reason"] == "models is not waiting at dev/Approve"
    account.was_asked_all()


@pytest.mark.usefixtures("account")
def test_a_version_that_waits_for_a_decision_is_none() -> None:
    assert handler.handler(event("PendingManualApproval"), None)["decided"] is None

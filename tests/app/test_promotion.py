from __future__ import annotations

import json
import re
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
import yaml
from aws_cdk.assertions import Match, Template
from cdk_nag import AwsSolutionsChecks

from sagemaker_hosting import SageMakerPreflight, ValidationError
from stacks import environments as environments_module
from stacks.environments import ENVIRONMENTS
from stacks.github_role_stack import GitHubRoleStack
from stacks.hosting_stack import HostingStack
from stacks.promotion import Approval, GitHub, Promotion
from stacks.promotion_stack import PromotionStack

if TYPE_CHECKING:
    from collections.abc import Sequence

ELSEWHERE = {
    "dev": ("111122223333", "eu-central-1"),
    "staging": ("444455556666", "eu-central-1"),
    "prod": ("777788889999", "eu-west-1"),
}
CONNECTION = "arn:aws:codeconnections:eu-central-1:111122223333:connection/01234567-89ab-cdef-0123-456789abcdef"
WORKFLOW = Path(__file__).parents[2] / "docs" / "workflows" / "promotion.yml"
DEV, STAGING, PROD = ENVIRONMENTS


def promotion(**settings: Any) -> Promotion:
    return Promotion(**{"repository": "acme/models", "connection_arn": CONNECTION, **settings})


def synthesized(tmp_path: Path, approval: Approval, environments: Sequence[Any] = ENVIRONMENTS) -> Path:
    """Return the assembly, which cdk-nag, preflight and the CDK's own rules found nothing in."""
    context = {"@aws-cdk/core:validateAgainstDefaultRules": True}
    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=True,
        context=context,
        outdir=str(tmp_path / "cdk.out"),
    )
    PromotionStack(app, "Promotion", environments=environments, promotion=promotion(approval=approval))
    GitHubRoleStack.for_each_account(app, environments=environments, github=GitHub(repository="acme/models"))
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), SageMakerPreflight())
    return Path(app.synth().directory)


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthesized(tmp_path_factory.mktemp("promotion"), Approval.REGISTRY)


@pytest.fixture(scope="module")
def pipeline(assembly: Path) -> Template:
    return Template.from_json(json.loads((assembly / "Promotion.template.json").read_text()))


def stages(template: Template) -> dict[str, list[dict[str, Any]]]:
    (found,) = template.find_resources("AWS::CodePipeline::Pipeline").values()
    return {stage["Name"]: stage["Actions"] for stage in found["Properties"]["Stages"]}


def test_the_model_goes_from_environment_to_environment(pipeline: Template) -> None:
    assert list(stages(pipeline)) == ["Source", "Build", "UpdatePipeline", "Assets", "dev", "staging", "prod"]


def test_somebody_approves_after_the_first_environment_and_only_there(pipeline: Template) -> None:
    approvals = [
        (stage, action["Name"], action["RunOrder"] == max(other["RunOrder"] for other in actions))
        for stage, actions in stages(pipeline).items()
        for action in actions
        if action["ActionTypeId"]["Category"] == "Approval"
    ]
    assert approvals == [("dev", "Approve", True)]


def test_the_source_is_tested_before_it_is_synthesized(pipeline: Template) -> None:
    projects = pipeline.find_resources(
        "AWS::CodeBuild::Project", {"Properties": {"Source": {"BuildSpec": Match.string_like_regexp("make test")}}}
    )
    (project,) = projects.values()
    phases = json.loads(project["Properties"]["Source"]["BuildSpec"])["phases"]
    assert phases["build"]["commands"] == ["make test", "npx cdk synth --quiet"]


def test_the_build_has_a_node_and_a_python_that_the_makefile_takes(pipeline: Template) -> None:
    needed = json.loads((WORKFLOW.parents[2] / "package.json").read_text())["engines"]["node"]
    (build,) = pipeline.find_resources(
        "AWS::CodeBuild::Project", {"Properties": {"Source": {"BuildSpec": Match.string_like_regexp("make test")}}}
    ).values()
    runtimes = json.loads(build["Properties"]["Source"]["BuildSpec"])["phases"]["install"]["runtime-versions"]

    assert int(runtimes["nodejs"]) >= int(needed.removeprefix(">="))
    assert tuple(map(int, runtimes["python"].split("."))) >= (3, 11)
    images = {
        project["Properties"]["Environment"]["Image"]
        for project in pipeline.find_resources("AWS::CodeBuild::Project").values()
    }
    assert images == {"aws/codebuild/standard:8.0"}


def test_the_pipeline_is_where_its_connection_is_and_deploys_to_other_accounts_and_regions(tmp_path: Path) -> None:
    accounts = [replace(one, account=ELSEWHERE[one.name][0], region=ELSEWHERE[one.name][1]) for one in ENVIRONMENTS]
    assembly = synthesized(tmp_path, Approval.REGISTRY, accounts)

    manifest = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    assert manifest["Promotion"]["environment"] == "aws://111122223333/eu-central-1"
    template = Template.from_json(json.loads((assembly / "Promotion.template.json").read_text()))
    deploying = {stage: actions[-1] for stage, actions in stages(template).items() if stage in ELSEWHERE}
    for stage, (account, region) in list(ELSEWHERE.items())[1:]:
        assert f":iam::{account}:role/cdk-hnb659fds-deploy-role-{account}-{region}" in json.dumps(deploying[stage])


def test_what_the_pipeline_deploys_is_what_the_command_deploys(assembly: Path) -> None:
    for environment in (DEV, STAGING, PROD):
        app = cdk.App(analytics_reporting=False)
        direct = HostingStack(app, f"Hosting-{environment.name}", environment=environment)
        (staged,) = (assembly / f"assembly-Promotion-{environment.name}").glob("*.template.json")

        # Descriptions name the construct, whose path begins with pipeline and stage.
        text = staged.read_text().replace(f"Promotion/{environment.name}/Hosting-", "Hosting-")
        assert json.loads(text) == Template.from_stack(direct).to_json()


def test_a_wrong_answer_fails_every_deployment(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    ungated = [replace(environment, gate=False) for environment in ENVIRONMENTS]
    PromotionStack(app, "Promotion", environments=ungated, promotion=promotion())
    app.synth()

    found = [path.read_text() for path in tmp_path.glob("assembly-Promotion-*/*.template.json")]
    assert [("Custom::SmokeTest" in text) for text in found] == [True] * 3


def test_production_moves_one_instance_first_and_back_if_alarms_go_off(assembly: Path) -> None:
    (path,) = (assembly / "assembly-Promotion-prod").glob("*.template.json")
    (endpoint,) = Template.from_json(json.loads(path.read_text())).find_resources("AWS::SageMaker::Endpoint").values()
    deployment = endpoint["Properties"]["DeploymentConfig"]

    routing = deployment["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert (routing["Type"], routing["CanarySize"]) == ("CANARY", {"Type": "INSTANCE_COUNT", "Value": 1})
    assert len(deployment["AutoRollbackConfiguration"]["Alarms"]) == 2


def test_a_decision_in_the_registry_reaches_the_pipeline(pipeline: Template, assembly: Path) -> None:
    (path,) = (assembly / "assembly-Promotion-dev").glob("*.template.json")
    registry = Template.from_json(json.loads(path.read_text()))
    (group,) = registry.find_resources("AWS::SageMaker::ModelPackageGroup").values()
    (rule,) = [
        rule["Properties"]["EventPattern"]
        for rule in pipeline.find_resources("AWS::Events::Rule").values()
        if rule["Properties"]["EventPattern"]["source"] == ["aws.sagemaker"]
    ]

    name = group["Properties"]["ModelPackageGroupName"]
    assert rule["detail"]["ModelPackageGroupName"] == [{"equals-ignore-case": name}]
    pipeline.has_resource_properties(
        "AWS::Lambda::Function",
        {"Environment": {"Variables": {"STAGE_NAME": "dev", "ACTION_NAME": "Approve"}}},
    )


def test_the_function_lists_the_versions_of_the_one_group_and_decides_at_the_one_approval(pipeline: Template) -> None:
    (policy,) = pipeline.find_resources(
        "AWS::IAM::Policy",
        {
            "Properties": {
                "PolicyDocument": {
                    "Statement": Match.array_with([Match.object_like({"Action": "sagemaker:ListModelPackages"})])
                }
            }
        },
    ).values()
    resources = {
        str(one["Action"]): json.dumps(one["Resource"]) for one in policy["Properties"]["PolicyDocument"]["Statement"]
    }

    # IAM evaluates the action with the versions: a statement about the group would allow nothing.
    (rule,) = [
        rule["Properties"]["EventPattern"]["detail"]
        for rule in pipeline.find_resources("AWS::Events::Rule").values()
        if rule["Properties"]["EventPattern"]["source"] == ["aws.sagemaker"]
    ]
    (group,) = rule["ModelPackageGroupName"]
    assert f":model-package/{group['equals-ignore-case'].lower()}/*" in resources["sagemaker:ListModelPackages"]
    assert "/dev/Approve" in resources["codepipeline:PutApprovalResult"]


def test_a_person_decides_alone_unless_the_registry_is_asked(tmp_path: Path, pipeline: Template) -> None:
    alone = Template.from_json(
        json.loads((synthesized(tmp_path, Approval.PERSON) / "Promotion.template.json").read_text())
    )

    assert "ListModelPackages" not in json.dumps(alone.to_json())
    asked = {
        name: action["Configuration"]["CustomData"]
        for name, template in (("person", alone), ("registry", pipeline))
        for action in stages(template)["dev"]
        if action["Name"] == "Approve"
    }
    assert asked == {
        "person": "Approve here to let the model go beyond dev",
        "registry": "Set the newest version of the model to Approved in the registry, or approve here, to let "
        "the model go beyond dev",
    }


@pytest.mark.parametrize(
    ("environments", "settings", "problem"),
    [
        ([DEV], {}, "environments must be at least 2, got 1"),
        (
            [DEV, replace(PROD, instance_type="ml.c7g.large")],
            {},
            "environments must have instances of one architecture, so that what is tested is what is promoted; got "
            "dev: ml.t2.medium, prod: ml.c7g.large",
        ),
        (
            [replace(DEV, account="444455556666", region="eu-central-1"), PROD],
            {"approval": Approval.REGISTRY},
            "approval must be Approval.PERSON unless the first environment is where connection and pipeline "
            "are, in 111122223333, eu-central-1",
        ),
    ],
)
def test_fails_for_a_path_that_promotes_nothing(
    environments: list[Any], settings: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        PromotionStack(cdk.App(), "Promotion", environments=environments, promotion=promotion(**settings))


def test_what_the_page_says_to_write_into_the_settings_can_be_written_there() -> None:
    page = (WORKFLOW.parents[1] / "promotion.md").read_text()
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (line,) = re.findall(r"`(GITHUB = .*?)`", page)

    names: dict[str, Any] = dict(vars(environments_module))
    exec(textwrap.dedent(block) + line, names)  # noqa: S102  what the page says is what is tested

    assert names["PROMOTION"] == promotion(approval=Approval.REGISTRY)
    assert names["GITHUB"] == GitHub(repository="acme/models")


def test_fails_for_settings_of_another_form() -> None:
    with pytest.raises(ValidationError) as caught:
        promotion(repository="models", connection_arn="arn:aws:iam::111122223333:role/x", branch="a b")

    assert caught.value.problems == (
        "repository must be OWNER/NAME, got 'models'",
        "connection_arn must be arn:aws:codeconnections:REGION:ACCOUNT:connection/ID, got "
        "'arn:aws:iam::111122223333:role/x'",
        "branch must be the name of a branch, got 'a b'",
    )


def roles(*environments: Any, **settings: Any) -> list[Template]:
    made = GitHubRoleStack.for_each_account(
        cdk.App(), environments=environments, github=GitHub(**{"repository": "acme/models", **settings})
    )
    return [Template.from_stack(stack) for stack in made]


def test_only_jobs_of_an_environment_get_its_role() -> None:
    (template,) = roles(DEV, PROD)

    trusts = [
        role["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]["StringEquals"]
        for role in template.find_resources("AWS::IAM::Role").values()
    ]
    assert [trust["token.actions.githubusercontent.com:sub"] for trust in trusts] == [
        "repo:acme/models:environment:dev",
        "repo:acme/models:environment:prod",
    ]
    assert {trust["token.actions.githubusercontent.com:aud"] for trust in trusts} == {"sts.amazonaws.com"}


def test_a_repository_is_named_as_in_its_tokens() -> None:
    (template,) = roles(DEV, repository="acme@123456/models@456789")

    (role,) = template.find_resources("AWS::IAM::Role").values()
    condition = role["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]["StringEquals"]
    assert condition["token.actions.githubusercontent.com:sub"] == "repo:acme@123456/models@456789:environment:dev"


@pytest.mark.parametrize("repository", ["models", "acme/models@456789", "acme/models/more", "acme/*"])
def test_fails_for_a_repository_that_no_token_names(repository: str) -> None:
    with pytest.raises(ValidationError, match="repository must be OWNER/NAME or OWNER@ID/NAME@ID, got"):
        GitHub(repository=repository)


def test_a_role_may_only_assume_those_of_the_bootstrap() -> None:
    (template,) = roles(replace(DEV, account="111122223333", region="eu-central-1"))

    (policy,) = template.find_resources("AWS::IAM::Policy").values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "sts:AssumeRole"
    assert [arn["Fn::Join"][1][-1] for arn in statement["Resource"]] == [
        f":iam::111122223333:role/cdk-hnb659fds-{name}-role-111122223333-eu-central-1"
        for name in ("deploy", "file-publishing", "image-publishing", "lookup")
    ]


def test_regions_of_one_account_share_a_provider_and_have_roles_of_their_own() -> None:
    regions = [
        replace(one, account="111122223333", region=region)
        for one, region in ((DEV, "eu-central-1"), (PROD, "eu-west-1"))
    ]
    (template,) = roles(*regions)

    template.resource_count_is("AWS::IAM::OIDCProvider", 1)
    policies = [json.dumps(policy) for policy in template.find_resources("AWS::IAM::Policy").values()]
    assert [("eu-central-1" in policy, "eu-west-1" in policy) for policy in policies] == [(True, False), (False, True)]


def test_every_account_has_one_provider_unless_it_was_there() -> None:
    elsewhere = replace(PROD, account="444455556666", region="eu-central-1")

    for template in roles(DEV, STAGING, elsewhere):
        template.resource_count_is("AWS::IAM::OIDCProvider", 1)
    for template in roles(DEV, elsewhere, provider_exists=True):
        template.resource_count_is("AWS::IAM::OIDCProvider", 0)


def test_the_workflow_deploys_the_environments_in_their_order_with_their_roles() -> None:
    jobs = yaml.safe_load(WORKFLOW.read_text())["jobs"]
    deploying = {name: job for name, job in jobs.items() if "environment" in job}

    assert list(deploying) == [environment.name for environment in ENVIRONMENTS]
    assert [job["needs"] for job in deploying.values()] == ["check", "dev", "staging"]
    for name, job in deploying.items():
        assert job["environment"] == name
        assert job["permissions"] == {"contents": "read", "id-token": "write"}
        assert f"npx cdk deploy Hosting-{name} --require-approval never" in [step.get("run") for step in job["steps"]]

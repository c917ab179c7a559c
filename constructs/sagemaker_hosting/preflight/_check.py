import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from os import PathLike
from pathlib import Path

from sagemaker_hosting.preflight._assets import Assets, AssetSource
from sagemaker_hosting.preflight._finding import Finding
from sagemaker_hosting.preflight._intrinsics import UNKNOWN_TEXT, references_in
from sagemaker_hosting.preflight._load import load_template
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import Template
from sagemaker_hosting.preflight._value import Flaw
from sagemaker_hosting.preflight.rules import RULES

# Nobody reads more of one kind about one resource, and garbage could have millions.
_MAX_FLAWS = 100


def check_template(template: object, *, region: str | None = None, assets: AssetSource | None = None) -> list[Finding]:
    """Finds the SageMaker mistakes of one CloudFormation template.

    Values that are only known at deployment are never flagged. Whatever is not shaped like a template has no findings;
    nothing is raised.

    Args:
        template: The parsed template.
        region: Region that the stack is deployed to. Without it, rules about Regions are silent unless the template
            itself names one.
        assets: Where the model archives, sample payloads and image build contexts are that the template refers to by
            asset hash: the path of a cloud assembly (``cdk.out``), or a mapping of hash to file or directory. Without
            it, rules about their content are silent.

    Returns:
        The findings in the order of the template.
    """
    return list(findings(Template(template, region=region, assets=Assets.of(assets))))


def check_file(
    path: str | PathLike[str], *, region: str | None = None, assets: AssetSource | None = None
) -> list[Finding]:
    """Finds the SageMaker mistakes of a JSON or YAML template file, with the line of each.

    Nested stacks whose templates the CDK wrote beside it are checked as well.

    Args:
        path: The template.
        region: As for ``check_template``.
        assets: As for ``check_template``. Without it, assets are looked up in the cloud assembly that the template lies
            in, if it lies in one.

    Returns:
        The findings in the order of the template.

    Raises:
        UnusableTemplateError: The file is not a template.
    """
    file = Path(path)
    available = Assets.of(file.parent if assets is None else assets)
    found: list[Finding] = []
    pending, seen = [file], {file}
    while pending:
        current = pending.pop(0)
        loaded = load_template(current)
        template = Template(loaded.raw, region=region, assets=available)
        found.extend(replace(one, template=str(current), line=loaded.lines(_place(one))) for one in findings(template))
        nested = [one for one in _nested_templates(template) if one not in seen]
        pending.extend(nested)
        seen.update(nested)
    return found


def _nested_templates(template: Template) -> list[Path]:
    """The files of a template's nested stacks that lie in the same cloud assembly."""
    assets = (template.assets.find(one["TemplateURL"].sub) for one in template.of_type("AWS::CloudFormation::Stack"))
    return [one.path for one in assets if one is not None and one.path.name.endswith(".template.json")]


def _place(finding: Finding) -> tuple[str | int, ...]:
    steps = (int(step) if step.isdigit() else step for step in finding.path.split("."))
    return ("Resources", finding.resource, *steps)


def findings(template: Template) -> Iterator[Finding]:
    """Runs every rule over the resources that it is about."""
    for resource in template.resources.values():
        for rule in _rules_by_type().get(resource.type, ()):
            for flaw in _flaws(rule, resource):
                if _certain(flaw):
                    yield _finding(rule, flaw)


@cache
def _rules_by_type() -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in RULES:
        for resource_type in rule.types:
            found.setdefault(resource_type, []).append(rule)
    return found


def _flaws(rule: Rule, resource: Resource) -> Iterable[Flaw]:
    try:
        return list(islice(rule.check(resource), _MAX_FLAWS))
    except Exception as error:  # noqa: BLE001  a fault of one rule must not stop a deployment
        warnings.warn(f"preflight rule {rule.id} failed on {resource.logical_id}: {error!r}", stacklevel=2)
        return []


def _certain(flaw: Flaw) -> bool:
    """Whether the flaw is about what stands in the template, never about a value that is only known at deployment.

    A reference to a resource of the template, or a text around pseudo parameters such as the account, is known enough.
    """
    at = flaw.at
    if not at.token:
        return True
    text, known = at.sub, at.resource.template.resources
    if text is None or UNKNOWN_TEXT in text:
        return False
    return all(one.logical_id.startswith("AWS::") or one.logical_id in known for one in references_in(text))


def _finding(rule: Rule, flaw: Flaw) -> Finding:
    at, resource = flaw.at, flaw.at.resource
    subject = at.name or resource.logical_id
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        message=f"{subject} {flaw.problem}. {flaw.fix}.",
        fix=f"{flaw.fix}.",
        resource=resource.logical_id,
        resource_type=resource.type,
        path=".".join(["Properties", *(str(part) for part in at.path)]),
        # Maps and lists may hold credentials beside what is wrong.
        value=at.shown if at.text is not None else None,
        construct_path=resource.construct_path,
    )

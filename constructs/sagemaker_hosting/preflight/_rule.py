from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._value import Flaw


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One thing that AWS forbids or that cannot work, and how to see it in a template.

    Attributes:
        id: Kebab-case name; also the name of the rule's module, page and acknowledgement.
        severity: What a finding of this rule means for the deployment.
        types: CloudFormation types of the resources that are given to ``check``.
        title: The rule as a statement of what is right.
        reason: What happens otherwise, and why.
        fix: What to change.
        sources: AWS pages that the rule comes from.
        bad: A template, in YAML, that the rule flags.
        good: The nearest template that it does not flag.
        bad_assets: Files of the assets that the bad template refers to, by asset hash.
        good_assets: The same for the good template.
        check: Yields the flaws of one resource; must accept anything that parses.
    """

    id: str
    severity: Severity
    types: tuple[str, ...]
    title: str
    reason: str
    fix: str
    sources: tuple[str, ...]
    bad: str
    good: str
    check: Callable[[Resource], Iterable[Flaw]]
    bad_assets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    good_assets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """The rule's page, as a path in the repository."""
        return f"docs/rules/{self.id}.md"

from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How certain it is that the mistake breaks the deployment."""

    ERROR = "error"
    """AWS refuses the template, or what it deploys cannot work."""
    WARNING = "warning"
    """It deploys, but most likely not to what was meant."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One mistake in one template: what is wrong, where, and what to change.

    Attributes:
        rule: Id of the rule, which is also the name of its page in ``docs/rules``.
        severity: How certain it is that the mistake breaks the deployment.
        message: What is wrong and what to change, in one or two sentences.
        fix: The part of the message that says what to change.
        resource: Logical id of the resource.
        resource_type: CloudFormation type of the resource.
        path: Property path below the resource, such as ``Properties.ProductionVariants.0.InstanceType``.
        value: The single value that is written there, as JSON and shortened; ``None`` for maps, lists and functions.
        construct_path: Path of the CDK construct that made the resource, where the template records it.
        template: File that the template was read from.
        line: Line in that file, counted from 1.
    """

    rule: str
    severity: Severity
    message: str
    fix: str
    resource: str
    resource_type: str
    path: str
    value: str | None = None
    construct_path: str | None = None
    template: str | None = None
    line: int | None = None

    def as_dict(self) -> dict[str, object]:
        """The finding as JSON-ready data."""
        return asdict(self)

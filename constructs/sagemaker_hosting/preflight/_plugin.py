from importlib.metadata import PackageNotFoundError, version

import aws_cdk as cdk
import jsii

from sagemaker_hosting.preflight._check import check_file
from sagemaker_hosting.preflight._finding import Finding, Severity
from sagemaker_hosting.preflight._load import UnusableTemplateError
from sagemaker_hosting.preflight.rules import RULES


@jsii.implements(cdk.IPolicyValidationPlugin)
class SageMakerPreflight:
    """Checks every stack of an app while it is synthesized.

    Add it with ``cdk.Validations.of(app).add_plugins(SageMakerPreflight())``. A finding that is meant is acknowledged
    where it occurs: ``cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id="SageMaker-Preflight::<rule>",
    reason="..."))``.

    Args:
        warnings: Whether findings that do not break the deployment are reported, too. They never fail the synth.
    """

    def __init__(self, *, warnings: bool = True) -> None:
        """Keeps the setting; rules are loaded when a template is validated."""
        self._severities = {Severity.ERROR, Severity.WARNING} if warnings else {Severity.ERROR}

    @property
    def name(self) -> str:
        """Name in the validation report; with dashes for spaces, the first part of an acknowledgement's id."""
        return "SageMaker Preflight"

    @property
    def version(self) -> str:
        """Version of the library."""
        try:
            return version("cdk-sagemaker-hosting")
        except PackageNotFoundError:
            return "0.0.0"

    @property
    def rule_ids(self) -> list[str]:
        """Ids of all rules."""
        return [rule.id for rule in RULES]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Checks the templates that the CDK wrote to the cloud assembly."""
        violations = [
            _violation(finding)
            for stack in context.stack_templates
            for finding in _findings(stack)
            if finding.severity in self._severities
        ]
        return cdk.PolicyValidationPluginReport(
            success=all(one.severity != Severity.ERROR.value for one in violations), violations=violations
        )


def _findings(stack: cdk.PolicyValidationStack) -> list[Finding]:
    try:
        return check_file(stack.template_path, region=stack.region)
    except UnusableTemplateError:
        # The CDK may write templates that only it understands; they are not this plugin's to judge.
        return []


def _violation(finding: Finding) -> cdk.PolicyViolation:
    return cdk.PolicyViolation(
        rule_name=finding.rule,
        description=finding.message,
        fix=finding.fix,
        severity=finding.severity.value,
        rule_metadata={"page": f"docs/rules/{finding.rule}.md"},
        violating_resources=[
            cdk.PolicyViolatingResource(
                resource_logical_id=finding.resource,
                template_path=finding.template,
                locations=[finding.path],
            )
        ],
    )

from collections.abc import Iterable

from sagemaker_hosting.preflight._finding import Finding, Severity


def text_report(findings: Iterable[Finding]) -> str:
    """The findings for people: place, severity and rule, then what is wrong and where to read more."""
    lines: list[str] = []
    errors = warnings = 0
    for one in findings:
        errors += one.severity is Severity.ERROR
        warnings += one.severity is Severity.WARNING
        file = f"{one.template}:{one.line}" if one.line is not None else one.template or ""
        place = f"{one.construct_path} ({one.resource})" if one.construct_path else one.resource
        lines += [f"{file}  {place}  {one.severity}  {one.rule}".lstrip(), f"    {one.message}"]
        lines += [f"    docs/rules/{one.rule}.md", ""]
    return "\n".join([*lines, f"{_count(errors, 'error')}, {_count(warnings, 'warning')}"])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sagemaker_hosting.preflight._assembly import Stack, stacks
from sagemaker_hosting.preflight._check import check_file
from sagemaker_hosting.preflight._finding import Finding, Severity
from sagemaker_hosting.preflight._load import UnusableTemplateError
from sagemaker_hosting.preflight._sarif import sarif_report
from sagemaker_hosting.preflight._text_report import text_report

CLEAN, FOUND_ERRORS, UNUSABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Checks the templates that the command line names and prints a report.

    Returns:
        0 without errors, 1 with findings of severity error, 2 when something named is not a template.
    """
    options = _parser().parse_args(arguments)
    try:
        found = [finding for path in options.paths for finding in _check(path, options.region)]
    except UnusableTemplateError as error:
        sys.stderr.write(f"preflight: {error}\n")
        return UNUSABLE
    sys.stdout.write(_report(options.format, found) + "\n")
    return FOUND_ERRORS if any(one.severity is Severity.ERROR for one in found) else CLEAN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sagemaker_hosting.preflight",
        description="Find SageMaker mistakes in CloudFormation templates before they are deployed.",
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="a template, or a cdk.out directory")
    parser.add_argument("--format", choices=("text", "json", "sarif"), default="text", help="text is for people")
    parser.add_argument("--region", help="Region of the stacks that do not say where they are deployed")
    return parser


def _check(path: Path, region: str | None) -> Iterator[Finding]:
    for stack in _stacks(path):
        try:
            yield from check_file(stack.template, region=stack.region or region)
        except UnusableTemplateError as error:
            raise UnusableTemplateError(f"{stack.template}: {error}") from error


def _stacks(path: Path) -> Iterable[Stack]:
    if not path.is_dir():
        return [Stack(path, None)]
    found = stacks(path)
    if not found:
        raise UnusableTemplateError(f"{path}: it holds no *.template.json, so it is not a cdk.out directory")
    return found


def _report(kind: str, findings: list[Finding]) -> str:
    match kind:
        case "json":
            return json.dumps([one.as_dict() for one in findings], indent=2)
        case "sarif":
            return json.dumps(sarif_report(findings), indent=2)
    return text_report(findings)


if __name__ == "__main__":
    sys.exit(main())

"""Writes the pages of the rules: ``python -m sagemaker_hosting.preflight.pages docs/rules``."""

import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight.rules import RULES

_WIDTH = 120


def pages() -> dict[str, str]:
    """Every page by file name: one per rule, and the index."""
    return {"README.md": _index()} | {f"{rule.id}.md": _page(rule) for rule in RULES}


def _index() -> str:
    rows = [f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {rule.title} |" for rule in RULES]
    return "\n".join(
        [
            "# Preflight rules",
            "",
            "Each rule finds one SageMaker mistake in a template, before anything is deployed. An **error** is refused",
            "by AWS or cannot work; a **warning** deploys, but most likely not to what was meant. This page and the",
            "pages of the rules are written by `python -m sagemaker_hosting.preflight.pages docs/rules`.",
            "",
            "A finding that is meant is acknowledged where it occurs, with its reason:",
            "",
            "```python",
            "cdk.Validations.of(construct).acknowledge(",
            '    cdk.Acknowledgment(id="SageMaker-Preflight::fixed-name", reason="the team recreates it by hand")',
            ")",
            "```",
            "",
            f"{len(RULES)} rules:",
            "",
            "| rule | severity | what is right |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _page(rule: Rule) -> str:
    checked = sorted(kind for kind in rule.types)
    parts = [
        f"# {rule.id}",
        f"**{rule.title}.** Severity: {rule.severity}.",
        _wrapped(rule.reason),
        _wrapped(f"**Fix.** {rule.fix}"),
        "## Flagged",
        _example(rule.bad, rule.bad_assets),
        "## Not flagged",
        _example(rule.good, rule.good_assets),
        "## Sources",
        "\n".join(f"* <{source}>" for source in rule.sources),
        "## Checked resources",
        "\n".join(f"* `{kind}`" for kind in checked),
    ]
    return "\n\n".join(parts) + "\n"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _example(template: str, assets: Mapping[str, Mapping[str, str]]) -> str:
    blocks = [_block("yaml", template)]
    for name, files in assets.items():
        for file, content in files.items():
            kind = "dockerfile" if file == "Dockerfile" else "python" if file.endswith(".py") else "text"
            blocks += [f"`{file}` in asset `{name}`:", _block(kind, content)]
    return "\n\n".join(blocks)


def _block(language: str, content: str) -> str:
    lines = [line if len(line) <= _WIDTH else f"{line[:_WIDTH]}..." for line in content.strip("\n").splitlines()]
    return "\n".join([f"```{language}", *lines, "```"])


def main(directory: str) -> None:
    """Writes all pages into a directory and removes those of rules that are gone."""
    folder = Path(directory)
    written = pages()
    for stale in folder.glob("*.md"):
        if stale.name not in written:
            stale.unlink()
    for name, text in written.items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    main(sys.argv[1])

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import sagemaker_hosting
from sagemaker_hosting.preflight import RULES

ROOT = Path(__file__).parents[2]
FOLDERS = ("docs", "examples", "models")
DOCUMENTS = [ROOT / "README.md", *(page for name in FOLDERS for page in sorted((ROOT / name).rglob("*.md")))]


def examples() -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(len(examples())))
def test_the_examples_of_the_readme_run(number: int) -> None:
    result = subprocess.run(
        [sys.executable, "-c", examples()[number]], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stderr


def test_the_readme_has_an_example() -> None:
    assert examples()


def test_every_public_name_is_in_the_reference() -> None:
    reference = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")

    assert [name for name in sagemaker_hosting.__all__ if f"`{name}`" not in reference] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8"))

    assert [link for link in links if "://" not in link and not (document.parent / link).exists()] == []


def headings(document: Path) -> set[str]:
    """Return the names by which GitHub links to the headings of a document."""
    titles = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 _-]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_heading_leads_to_one(document: Path) -> None:
    links = re.findall(r"\]\(([^):#]*)#([^)]+)\)", document.read_text(encoding="utf-8"))
    targets = [(document.parent / file if file else document, heading) for file, heading in links]

    assert [heading for target, heading in targets if heading not in headings(target)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_example_that_a_document_names_exists(document: Path) -> None:
    named = re.findall(r"(?<![\w/-])examples/[a-z_/.]*[a-z_]", document.read_text(encoding="utf-8"))

    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_example_is_in_the_table() -> None:
    table = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    names = [app.parent.name for app in sorted((ROOT / "examples").glob("*/app.py"))]

    assert re.findall(r"^\| \[([a-z_]+)\]\(\1/app\.py\)", table, re.MULTILINE) == names


def test_the_readme_tells_how_many_rules_there_are() -> None:
    assert re.findall(r"knows (\d+) mistakes", (ROOT / "README.md").read_text(encoding="utf-8")) == [str(len(RULES))]


def test_every_make_target_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"\bmake ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert named
    assert named <= targets

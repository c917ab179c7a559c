from pathlib import Path

from sagemaker_hosting.preflight import RULES
from sagemaker_hosting.preflight.pages import main, pages

DOCS = Path(__file__).parents[2] / "docs" / "rules"


def test_the_pages_in_the_repository_are_those_of_the_rules() -> None:
    written = {file.name: file.read_text() for file in DOCS.glob("*.md")}

    assert written == pages(), "run: python -m sagemaker_hosting.preflight.pages docs/rules"


def test_the_index_links_every_rule() -> None:
    index = pages()["README.md"]

    assert all(f"[{rule.id}]({rule.id}.md)" in index for rule in RULES)


def test_a_page_has_reason_examples_fix_and_sources() -> None:
    page = pages()["handler-contract.md"]

    for expected in ("Severity: error", "**Fix.**", "## Flagged", "## Not flagged", "def transform_fn", "<https://"):
        assert expected in page


def test_pages_of_rules_that_are_gone_are_removed(tmp_path: Path) -> None:
    (tmp_path / "gone.md").write_text("")

    main(str(tmp_path))

    assert {file.name for file in tmp_path.iterdir()} == set(pages())

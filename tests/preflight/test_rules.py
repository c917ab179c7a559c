import re
from pathlib import Path

import pytest

from preflight.preflight_examples import check_example
from sagemaker_hosting.preflight import RULES, Rule, Severity

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@each_rule
def test_the_bad_example_is_flagged(rule: Rule) -> None:
    found = [one for one in check_example(rule, "bad") if one.rule == rule.id]

    assert found
    assert {one.severity for one in found} == {rule.severity}


@each_rule
def test_the_good_example_is_not_flagged_and_has_no_errors(rule: Rule) -> None:
    found = check_example(rule, "good")

    assert [one for one in found if one.rule == rule.id or one.severity is Severity.ERROR] == []


@each_rule
def test_a_finding_says_where_what_and_how_to_fix_it(rule: Rule) -> None:
    found = next(one for one in check_example(rule, "bad") if one.rule == rule.id)

    assert found.message.startswith(found.path.removeprefix("Properties.") if "." in found.path else found.resource)
    assert found.message.endswith(f". {found.fix}")
    assert 20 <= len(found.message) <= 600
    assert found.resource_type in rule.types
    assert found.line is not None


@each_rule
def test_a_rule_is_documented_where_it_is_defined(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.id)
    assert rule.title.isprintable()
    assert not rule.title.endswith(".")
    assert rule.reason.endswith(".")
    assert rule.fix.endswith(".")
    assert rule.sources
    assert all(source.startswith("https://") for source in rule.sources)


def test_a_module_is_named_after_its_rule() -> None:
    import sagemaker_hosting.preflight.rules as package

    files = {file.stem for file in Path(package.__path__[0]).glob("[a-z]*.py")}

    assert files == {rule.id.replace("-", "_") for rule in RULES}


def test_rule_modules_are_short() -> None:
    import sagemaker_hosting.preflight.rules as package

    lengths = sorted(
        len(file.read_text().partition("\nRULE = ")[0].splitlines())
        for file in Path(package.__path__[0]).glob("[a-z]*.py")
    )

    assert lengths[len(lengths) // 2] <= 35

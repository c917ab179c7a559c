from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from serving.errors import TrainingInputError
from serving.hyperparameters import DECLARATION, declared

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = {
    "properties": {
        "depth": {"type": "integer", "minimum": 1, "maximum": 8, "default": 4},
        "rate": {"type": "number", "minimum": 0, "maximum": 1},
        "kind": {"enum": ["a", "b"]},
        "fast": {"type": "boolean", "default": False},
        "note": {"type": "string"},
    }
}


def declare(folder: Path, schema: object = SCHEMA) -> Path:
    (folder / DECLARATION).write_text(json.dumps(schema))
    return folder / "train.py"


def test_strings_become_what_is_declared(tmp_path: Path) -> None:
    given = {"depth": "2", "rate": "1e-1", "kind": "b", "fast": "True", "note": "007"}

    assert declared(declare(tmp_path), given) == {"depth": 2, "rate": 0.1, "kind": "b", "fast": True, "note": "007"}


def test_what_is_not_given_has_its_default(tmp_path: Path) -> None:
    assert declared(declare(tmp_path), {}) == {"depth": 4, "fast": False}


def test_what_sagemaker_adds_stays_as_it_is(tmp_path: Path) -> None:
    given = {"_tuning_objective_metric": "accuracy", "sagemaker_program": '"train.py"'}
    values = declared(declare(tmp_path), given)

    assert values is not None
    assert given.items() <= values.items()


def test_a_program_without_a_declaration_declares_nothing(tmp_path: Path) -> None:
    assert declared(tmp_path / "train.py", {"depth": "2"}) is None


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"depth": "2.5"}, "depth must be a whole number, got '2.5'"),
        ({"depth": "9"}, "depth must be 1 to 8, got 9"),
        ({"rate": "fast"}, "rate must be a number, got 'fast'"),
        ({"rate": str(math.nan)}, "rate must be 0 to 1, got nan"),
        ({"kind": "c"}, "kind must be a or b, got 'c'"),
        ({"fast": "yes"}, "fast must be true or false, got 'yes'"),
        ({"dept": "2"}, "dept is not declared"),
    ],
)
def test_fails_for_what_is_not_as_declared(tmp_path: Path, given: dict[str, str], problem: str) -> None:
    with pytest.raises(TrainingInputError) as error:
        declared(declare(tmp_path), given)

    assert str(error.value) == f"Hyperparameters are not as {tmp_path / DECLARATION} declares: {problem}."


@pytest.mark.parametrize(("bound", "problem"), [("minimum", "at least 3, got 2"), ("maximum", "at most 3, got 4")])
def test_fails_for_a_number_beyond_the_one_bound_that_is_declared(tmp_path: Path, bound: str, problem: str) -> None:
    schema = {"properties": {"depth": {"type": "integer", bound: 3}}}
    with pytest.raises(TrainingInputError, match=f"depth must be {problem}"):
        declared(declare(tmp_path, schema), {"depth": problem[-1]})


def test_fails_with_all_problems_at_once(tmp_path: Path) -> None:
    with pytest.raises(TrainingInputError, match=r"rate is required; depth must be 1 to 8, got 0"):
        declared(declare(tmp_path, {**SCHEMA, "required": ["rate"]}), {"depth": "0"})


@pytest.mark.parametrize("schema", [[], {}, {"properties": []}, {"properties": {"depth": 1}}])
def test_fails_for_a_declaration_that_declares_nothing(tmp_path: Path, schema: object) -> None:
    with pytest.raises(TrainingInputError, match="is no JSON Schema with properties"):
        declared(declare(tmp_path, schema), {})


def test_training_gets_the_declared_values_and_fails_with_the_reason(train: Any, tmp_path: Path) -> None:
    (tmp_path / "input" / "config").mkdir(parents=True)
    given = tmp_path / "input" / "config" / "hyperparameters.json"
    (tmp_path / "code").mkdir()
    declare(tmp_path / "code").write_text("def train(job):\n    print(dict(job.hyperparameters))\n")
    given.write_text('{"rate": "0"}')
    process = train()
    output, _ = process.communicate()
    assert process.returncode == 0
    assert "{'depth': 4, 'fast': False, 'rate': 0.0}" in output

    given.write_text('{"rate": "2"}')
    process = train()
    process.communicate()
    assert process.returncode == 1
    assert "rate must be 0 to 1, got 2" in (tmp_path / "output" / "failure").read_text().splitlines()[0]

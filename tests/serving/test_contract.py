from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from serving.errors import ContractError
from serving.loader import find_functions

PATH = Path("code/inference.py")


def module(source: str) -> ModuleType:
    made = ModuleType("inference")
    exec(source, made.__dict__)  # noqa: S102 - stands for a file of the user's
    return made


def test_model_fn_alone_is_a_contract() -> None:
    functions = find_functions(module("def model_fn(model_dir): ..."), PATH)
    assert list(functions) == ["model_fn"]


@pytest.mark.parametrize(
    ("parameters", "takes_context"),
    [
        ("model_dir", False),
        ("model_dir, context", True),
        ("model_dir, context=None", True),
        ("model_dir, ctx", True),
        ("model_dir, device='cpu'", False),
        ("model_dir='.'", False),
        ("*anything", False),
        ("model_dir, *, strict=True", False),
    ],
)
def test_a_context_is_handed_to_functions_that_have_a_parameter_for_it(parameters: str, takes_context: bool) -> None:
    functions = find_functions(module(f"def model_fn({parameters}): ..."), PATH)
    assert functions["model_fn"].takes_context is takes_context


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "def predict_fn(data, model): ...",
            "model_fn is not defined; expected model_fn(model_dir) or model_fn(model_dir, context)",
        ),
        (
            "def model_fn(): ...",
            "model_fn takes (), but is called as model_fn(model_dir) or model_fn(model_dir, context)",
        ),
        (
            "def model_fn(d): ...\ndef predict_fn(data): ...",
            "predict_fn takes (data), but is called as predict_fn(input_data, model) or "
            "predict_fn(input_data, model, context)",
        ),
        (
            "def model_fn(d): ...\ndef input_fn(a, b, c, d): ...",
            "input_fn takes (a, b, c, d), but is called as input_fn(request_body, content_type) or "
            "input_fn(request_body, content_type, context)",
        ),
        (
            "def model_fn(d): ...\ndef output_fn(a, b, *, c): ...",
            "output_fn takes (a, b, *, c), but is called as output_fn(prediction, accept) or "
            "output_fn(prediction, accept, context)",
        ),
        ("async def model_fn(d): ...", "model_fn is declared with async def, but is called as model_fn(model_dir)"),
        ("model_fn = 5", "model_fn is a int, but is called as model_fn(model_dir)"),
    ],
)
def test_fails_for_a_function_that_does_not_fit(source: str, message: str) -> None:
    with pytest.raises(ContractError) as caught:
        find_functions(module(source), PATH)
    assert str(caught.value).startswith(f"code/inference.py: {message}")


def test_fails_with_all_problems_at_once() -> None:
    with pytest.raises(ContractError) as caught:
        find_functions(module("def model_fn(): ...\ndef output_fn(a): ..."), PATH)
    assert [line.split()[1] for line in str(caught.value).splitlines()] == ["model_fn", "output_fn"]

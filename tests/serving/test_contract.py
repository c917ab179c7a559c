from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from serving import contracts
from serving.config import Config
from serving.errors import ContractError
from serving.handler import Program, UserFunction

PATH = Path("code/inference.py")


def program(source: str) -> Program:
    module = ModuleType("inference")
    exec(source, module.__dict__)  # noqa: S102 - stands for a file of the user's
    return Program(path=PATH, module=module, config=Config.from_env({}))


def find_functions(source: str) -> dict[str, UserFunction]:
    """The functions of a program that keeps its contract."""
    inference = program(source)
    functions, problems = contracts.find(inference).find(inference)
    if problems:
        raise ContractError("\n".join(problems))
    return functions


def test_model_fn_alone_is_a_contract() -> None:
    assert list(find_functions("def model_fn(model_dir): ...")) == ["model_fn"]


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
    functions = find_functions(f"def model_fn({parameters}): ...")
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
        find_functions(source)
    assert str(caught.value).startswith(f"code/inference.py: {message}")


def test_fails_with_all_problems_at_once() -> None:
    with pytest.raises(ContractError) as caught:
        find_functions("def model_fn(): ...\ndef output_fn(a): ...")
    assert [line.split()[1] for line in str(caught.value).splitlines()] == ["model_fn", "output_fn"]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("def model_fn(d): ...\ndef predict_fn(data, model): ...", "four functions"),
        ("def model_fn(d): ...\ndef transform_fn(model, body, content_type, accept): ...", "transform"),
        ("def neo_preprocess(p, c): ...\ndef neo_postprocess(r): ...", "Neo"),
        ("class Model:\n    def __init__(self, model_dir): ...\n    def predict(self, data): ...", "class"),
        ("from pathlib import Path as Model\ndef model_fn(d): ...", "four functions"),
        ("class Model: ...\ndef model_fn(d): ...", "four functions"),
        ("class Model: ...\ndef model_fn(d): ...\ndef transform_fn(m, b, c, a): ...", "transform"),
        ("class Model: ...\ndef neo_preprocess(p, c): ...\ndef neo_postprocess(r): ...", "Neo"),
        ("import logging\nhandler = logging.StreamHandler()\ndef model_fn(d): ...", "four functions"),
        (
            "import logging\nhandler = logging.StreamHandler()\ndef model_fn(d): ...\n"
            "def transform_fn(m, b, c, a): ...",
            "transform",
        ),
    ],
)
def test_a_contract_is_found_by_what_the_file_defines(source: str, name: str) -> None:
    assert contracts.find(program("__name__ = 'inference'\n" + source)).name == name


def test_a_logging_handler_beside_the_functions_for_tensorflow_serving_is_none_of_them() -> None:
    source = "import logging\nhandler = logging.StreamHandler()\n"
    pair = "def input_handler(data, context): ...\ndef output_handler(response, context): ..."
    assert list(find_functions(source + pair)) == ["input_handler", "output_handler"]


def test_a_function_that_does_not_tell_its_parameters_is_called_without_a_context() -> None:
    assert find_functions("def model_fn(d): ...\npredict_fn = max")["predict_fn"].takes_context is False


def test_fails_for_functions_of_two_contracts() -> None:
    source = (
        "def model_fn(d): ...\ndef transform_fn(m, b, c, a): ...\ndef input_fn(b, c): ...\ndef output_fn(p, a): ..."
    )
    with pytest.raises(ContractError) as caught:
        contracts.find(program(source))
    assert str(caught.value) == (
        "code/inference.py defines functions of several contracts, input_fn, output_fn (four functions) and "
        "transform_fn (transform); keep those of one."
    )


def test_fails_for_a_file_without_a_contract_and_names_all() -> None:
    with pytest.raises(ContractError) as caught:
        contracts.find(program("def predict(data): ..."))
    assert str(caught.value).splitlines() == [
        "code/inference.py keeps no contract; it must define one of:",
        "four functions: model_fn(model_dir)",
        "transform: model_fn(model_dir) and transform_fn(model, request_body, content_type, accept)",
        "Neo: neo_preprocess(payload, content_type) and neo_postprocess(result)",
        "TensorFlow Serving: handler(data, context)",
        "class: Model(model_dir)",
    ]

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

from serving import contracts
from serving.config import Config
from serving.handler import Program, Request

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "container.md").read_text()
VARIABLE = r"(?:SAGEMAKER|SERVING)_[A-Z_]+"


def test_the_page_names_every_variable_that_the_container_reads_and_no_other() -> None:
    read = set(re.findall(f'"({VARIABLE})"', (ROOT / "container" / "serving" / "config.py").read_text()))
    documented = re.findall(rf"^\| `({VARIABLE})` \|", PAGE, re.MULTILINE)
    assert sorted(documented) == sorted(read)


def test_the_page_names_every_contract_and_every_function() -> None:
    rows = dict(re.findall(r"^\| ([^|]+) \| (.+) \|", PAGE, re.MULTILINE))
    for contract in contracts.CONTRACTS:
        for function in contract.functions:
            assert (
                f"{function.name}(" in rows[contract.name]
                or f"`{function.name}`" in rows[contract.name]
                or (f"class {function.name}" in rows[contract.name])
            )


def test_the_example_of_the_page_is_a_model() -> None:
    (source,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    module = ModuleType("inference")
    exec(source, module.__dict__)  # noqa: S102 - the page's own example
    handler = contracts.load(Program(path=Path("inference.py"), module=module, config=Config.from_env({})))
    answer = handler(Request(body=b"1,2\n3,4", headers={"content-type": "text/csv"}))
    assert handler.batchable
    assert answer.body == b"[6.0,14.0]"

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

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


def test_what_the_page_says_to_type_serves_the_example(start: Any, tmp_path: Path) -> None:
    serve, ask, *_ = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    *prepare, begin = serve.strip().splitlines()
    for name in ("models", "container"):
        (tmp_path / name).symlink_to(ROOT / name)
    subprocess.run(["/bin/sh", "-ec", "\n".join(prepare)], cwd=tmp_path, check=True)
    assert begin.endswith("python -m serving serve")
    assert "SAGEMAKER_BASE_DIR=ml PYTHONPATH=container " in begin
    server = start(base=tmp_path / "ml")
    server.wait_for_ping(200)
    types, body = re.findall(r"'(?:Content-Type: )?(.+?)'", ask)
    assert "setosa" in server.invoke(body.encode(), types).text


def test_the_example_of_the_page_is_a_model() -> None:
    (source,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    module = ModuleType("inference")
    exec(source, module.__dict__)  # noqa: S102 - the page's own example
    handler = contracts.load(Program(path=Path("inference.py"), module=module, config=Config.from_env({})))
    answer = handler(Request(body=b"1,2\n3,4", headers={"content-type": "text/csv"}))
    assert handler.batchable
    assert answer.body == b"[6.0,14.0]"

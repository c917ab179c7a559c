from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sagemaker_hosting

ROOT = Path(__file__).parents[2]
# Who may import what of this repository.
ALLOWED = {
    "app.py": {"stacks", "sagemaker_hosting"},
    "stacks": {"stacks", "sagemaker_hosting"},
    "constructs": {"sagemaker_hosting"},
    "lambda": {"copy_count", "smoke_test"},
    "container": {"serving"},
    "local": {"sagemaker_local"},
}
OURS = set().union(*ALLOWED.values()) | {"app"}


def modules(place: str) -> list[Path]:
    path = ROOT / place
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Return the full names of the modules that a file imports, wherever it does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found.add(node.module)
    return found


def test_every_public_name_can_be_imported_and_no_other() -> None:
    for name in sagemaker_hosting.__all__:
        assert getattr(sagemaker_hosting, name).__name__ == name
    assert sorted(sagemaker_hosting.__all__) == sagemaker_hosting.__all__
    assert dir(sagemaker_hosting) == sagemaker_hosting.__all__
    with pytest.raises(AttributeError, match="has no attribute 'Missing'"):
        _ = sagemaker_hosting.Missing


def test_the_package_is_imported_without_starting_the_cdk() -> None:
    program = "import sagemaker_hosting, sys; sys.exit('aws_cdk' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("place", ALLOWED)
def test_each_part_imports_only_the_parts_it_may(place: str) -> None:
    assert modules(place)
    for path in modules(place):
        assert {name.split(".")[0] for name in imports(path)} & OURS <= ALLOWED[place], path


def test_stacks_use_public_names_alone() -> None:
    for path in [*modules("stacks"), *modules("app.py")]:
        assert not [name for name in imports(path) if name.startswith("sagemaker_hosting.")], path


def test_the_library_calls_no_aws_api() -> None:
    for path in modules("constructs"):
        assert not {name.split(".")[0] for name in imports(path)} & {"boto3", "botocore"}, path


def test_nobody_loads_the_library_a_second_time_through_its_source_root() -> None:
    for place in ("app.py", "stacks", "constructs", "lambda", "container", "local", "models", "tests", "benchmarks"):
        for path in modules(place):
            assert not [name for name in imports(path) if name.startswith("constructs.")], path


def test_source_roots_are_no_packages() -> None:
    packages = [
        ROOT / root / "__init__.py" for root in ("constructs", "lambda", "container", "local", "stacks", "tests")
    ]

    assert not [path for path in packages if path.exists()]
    assert not list((ROOT / "tests").rglob("__init__.py"))
    assert not [path for path in (ROOT / "tests").rglob("*") if path.name in {"constructs", "lambda"}]

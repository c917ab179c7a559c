from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checkout import Checkout, copy_app

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return copy_app(tmp_path)


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the assembly of the app as it is, validated in every way."""
    return copy_app(tmp_path_factory.mktemp("checkout")).synthesize(validate=True)

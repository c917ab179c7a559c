from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest

from library.templates import Inputs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    made = Inputs(tmp_path)
    for directory in (made.model, made.code, made.context, made.payloads):
        directory.mkdir()
    (made.model / "model.txt").write_text("weights")
    (made.code / "inference.py").write_text("def model_fn(model_dir): ...\n")
    (made.context / "Dockerfile").write_text('FROM scratch\nENTRYPOINT ["serve"]\n')
    (made.payloads / "one.csv").write_text("5.1,3.5,1.4,0.2\n")
    (made.payloads / "one.expected.csv").write_text("setosa\n")
    entry = {
        "name": "one",
        "body": "one.csv",
        "content_type": "text/csv",
        "accept": "text/csv",
        "expected": "one.expected.csv",
    }
    (made.payloads / "payloads.json").write_text(json.dumps({"payloads": [entry]}))
    return made


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(analytics_reporting=False), "Stack")

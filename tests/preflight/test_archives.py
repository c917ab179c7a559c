import gzip
import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preflight.preflight_examples import write_asset
from sagemaker_hosting.preflight import Finding, check_template

HASH = "0123456789abcdef" * 4


def check(path: Path, **container: object) -> list[Finding]:
    model = {
        "Type": "AWS::SageMaker::Model",
        "Properties": {
            "ExecutionRoleArn": "arn:aws:iam::111122223333:role/hosting",
            "PrimaryContainer": {
                "Image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1",
                "ModelDataUrl": {
                    "Fn::Sub": f"s3://cdk-hnb659fds-assets-${{AWS::AccountId}}-${{AWS::Region}}/{HASH}.gz"
                },
            }
            | container,
        },
    }
    return check_template({"Resources": {"Model": model}}, assets={HASH: path})


def rules(path: Path) -> set[str]:
    return {one.rule for one in check(path)}


def archive(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as file:
        for member in members:
            file.addfile(member, io.BytesIO(bytes(member.size)))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tarfile.TarInfo:
    one = tarfile.TarInfo(name)
    one.type, one.linkname, one.size = kind, link, size
    return one


def test_an_ordinary_archive_has_no_finding(tmp_path: Path) -> None:
    files = {
        "./model.pt": "weights",
        "./code/inference.py": "import json\n\n\ndef model_fn(model_dir):\n    return model_dir\n",
        "./code/requirements.txt": "numpy>=2,<3  # arrays\n-r more.txt\ntorch @ https://example.com/torch.whl\n",
    }

    assert rules(write_asset(tmp_path / "model.tar.gz", files)) == set()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04", "is not compressed with gzip"),
        (gzip.compress(b"not a tar archive" * 100, mtime=0), "is compressed with gzip but is not a tar archive"),
        (
            gzip.compress(
                member("a", size=2000).tobuf() + b"".join(hashlib.sha256(bytes([one])).digest() for one in range(64))
            )[:1500],
            "ends in the middle",
        ),
    ],
)
def test_fails_for_what_does_not_open(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(content)

    found = check(path)

    assert [one.rule for one in found if one.rule != "archive-empty"] == ["archive-readable"]
    assert reason in found[0].message


@pytest.mark.parametrize(
    "entry",
    [
        member("/etc/passwd"),
        member("../model.json"),
        member("a/../../model.json"),
        member("link", tarfile.SYMTYPE, "/etc/passwd"),
        member("a/link", tarfile.SYMTYPE, "../../etc/passwd"),
        member("link", tarfile.LNKTYPE, "../secret"),
        member("device", tarfile.CHRTYPE),
        member("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda entry: f"{entry.name} {entry.linkname}",
)
def test_fails_for_entries_that_leave_the_archive(tmp_path: Path, entry: tarfile.TarInfo) -> None:
    assert "archive-unsafe-path" in rules(archive(tmp_path / "model.tar.gz", member("model.json"), entry))


@pytest.mark.parametrize(
    "entry",
    [
        member("a/link", tarfile.SYMTYPE, "../model.json"),
        member("link", tarfile.LNKTYPE, "model.json"),
        member("..model.json"),
        member("a", tarfile.DIRTYPE),
    ],
    ids=lambda entry: f"{entry.name} {entry.linkname}",
)
def test_entries_inside_the_archive_are_fine(tmp_path: Path, entry: tarfile.TarInfo) -> None:
    assert rules(archive(tmp_path / "model.tar.gz", member("model.json"), entry)) == set()


@pytest.mark.parametrize("folder", ["1", "code", "export", "model_repository"])
def test_folders_that_frameworks_expect_are_no_nesting(tmp_path: Path, folder: str) -> None:
    files = {f"{folder}/inference.py" if folder == "code" else f"{folder}/model.pb": "def handler(data, context): ..."}

    assert rules(write_asset(tmp_path / "model.tar.gz", files)) == set()


def test_a_bomb_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(member("zeros", size=4 * 2**30).tobuf())
        for _ in range(1024):
            stream.write(bytes(2**20))

    assert rules(path) == {"archive-bomb"}


def test_an_archive_of_very_many_entries_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(member("a").tobuf() * 500_000)

    assert rules(path) == set()


def test_an_archive_in_an_archive_is_not_opened(tmp_path: Path) -> None:
    inner = write_asset(tmp_path / "inner", {"../evil": "x"}).read_bytes()
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as file:
        entry = member("inner.tar.gz", size=len(inner))
        file.addfile(entry, io.BytesIO(inner))

    assert rules(tmp_path / "model.tar.gz") == set()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 2000), value=st.integers(0, 255), packed=st.booleans())
def test_a_damaged_archive_never_raises(tmp_path: Path, *, position: int, value: int, packed: bool) -> None:
    good = bytearray(
        gzip.decompress(write_asset(tmp_path / "good", {"model.json": "{}", "code/inference.py": "x"}).read_bytes())
    )
    data = bytearray(gzip.compress(good)) if packed else good
    data[position % len(data)] = value
    path = tmp_path / "model.tar.gz"
    path.write_bytes(data if packed else gzip.compress(data))

    assert isinstance(check(path), list)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text()
    | st.sampled_from(["(" * 10_000, "x = " + "-" * 5_000 + "1", "\x00", "def f(:", "async def handler(): ..."])
)
def test_any_handler_and_requirements_can_be_read(tmp_path: Path, text: str) -> None:
    files = {"model.json": "{}", "code/inference.py": text or " ", "code/requirements.txt": text or " "}

    assert isinstance(check(write_asset(tmp_path / "model.tar.gz", files)), list)


HANDLERS = [
    ("def model_fn(model_dir): ...", set()),
    ("def model_fn(model_dir, context): ...", set()),
    ("def model_fn(*args): ...", set()),
    ("def model_fn(model_dir, extra, more): ...", {"handler-parameters"}),
    ("def model_fn(): ...", {"handler-parameters"}),
    ("def model_fn(model_dir, *, device): ...", {"handler-parameters"}),
    ("def model_fn(model_dir, *, device='cpu'): ...", set()),
    ("def transform_fn(model, body, content_type, accept): ...", set()),
    ("def transform_fn(model, body): ...", {"handler-parameters"}),
    ("def model_fn(a): ...\ndef transform_fn(a, b, c, d): ...", set()),
    ("def input_fn(a, b): ...\ndef transform_fn(a, b, c, d): ...", {"handler-contract"}),
    ("def neo_preprocess(a, b): ...\ndef neo_postprocess(a): ...", set()),
    ("def handler(data, context): ...", set()),
    ("def handler(data, context): ...\ndef input_handler(a, b): ...\ndef output_handler(a, b): ...", set()),
    ("def output_handler(data, context): ...", {"handler-contract-half"}),
    ("import logging\nhandler = logging.StreamHandler()\ndef model_fn(a): ...\ndef predict_fn(a, b): ...", set()),
    ("from shared import *", set()),
    ("from shared import predict_fn", set()),
    ("predict_fn = lambda data, model: model(data)", set()),
    ("class Predictor: ...", {"handler-contract-missing"}),
    ("class Model:\n    def predict(self, data): ...", set()),
    ("try:\n    import torch\nexcept ImportError:\n    torch = None\n\n\ndef predict_fn(a, b): ...", set()),
    ("if True:\n    def predict_fn(a, b): ...", set()),
]


@pytest.mark.parametrize(("source", "expected"), HANDLERS, ids=[source.splitlines()[-1] for source, _ in HANDLERS])
def test_a_handler_is_judged_by_the_contract_it_defines(tmp_path: Path, source: str, expected: set[str]) -> None:
    assert rules(write_asset(tmp_path / "model.tar.gz", {"model.json": "{}", "code/inference.py": source})) == expected


REQUIREMENTS = [
    "numpy",
    "numpy==2.3.1",
    "numpy >=2, <3",
    "torch[opt]~=2.6 ; python_version > '3.9'",
    "pkg @ https://example.com/pkg-1.0-py3-none-any.whl",
    "git+https://github.com/org/repo@main#egg=pkg",
    "--extra-index-url https://download.pytorch.org/whl/cpu",
    "-e .",
    "./wheels/pkg-1.0-py3-none-any.whl",
    "pkg==1.0 --hash=sha256:abc",
    "# comment",
    "pkg==${VERSION}",
    "pkg==1.0 \\\n    --hash=sha256:abc",
]


@pytest.mark.parametrize("line", REQUIREMENTS)
def test_what_pip_understands_is_fine(tmp_path: Path, line: str) -> None:
    files = {"model.json": "{}", "code/inference.py": "def model_fn(a): ...", "code/requirements.txt": f"{line}\n"}

    assert rules(write_asset(tmp_path / "model.tar.gz", files)) == set()


@pytest.mark.parametrize(
    "line", ["numpy=2.3.1", "numpy 2.3.1", "import numpy", "numpy==", "pip install numpy", "==1.0"]
)
def test_fails_for_what_pip_does_not_understand(tmp_path: Path, line: str) -> None:
    files = {"model.json": "{}", "code/inference.py": "def model_fn(a): ...", "code/requirements.txt": f"{line}\n"}

    assert rules(write_asset(tmp_path / "model.tar.gz", files)) == {"requirements-syntax"}

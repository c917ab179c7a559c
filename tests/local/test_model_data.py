"""Archives that were made to harm: what is extracted stays in its directory, and has a bounded size."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from sagemaker_local.errors import LocalError
from sagemaker_local.model_data import MOST_BYTES, MOST_MEMBERS, fetch_model_data

if TYPE_CHECKING:
    from pathlib import Path


class Bucket:
    """An object of S3, as boto3 downloads it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def download_fileobj(self, _bucket: str, _key: str, target: Any) -> None:
        target.write(self._content)


def member(name: str, content: bytes = b"", **attributes: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info, content


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    with io.BytesIO() as file:
        with tarfile.open(fileobj=file, mode="w:gz") as tar:
            for info, content in members:
                tar.addfile(info, io.BytesIO(content))
        return file.getvalue()


def fetch(content: bytes, tmp_path: Path) -> Path:
    directory = tmp_path / "ml" / "model"
    directory.mkdir(parents=True)
    fetch_model_data(Bucket(content), {"ModelDataUrl": "s3://bucket/model.tar.gz"}, directory)
    return directory


def test_files_folders_and_links_inside_are_extracted(tmp_path: Path) -> None:
    link = member("code/latest.py", type=tarfile.SYMTYPE, linkname="inference.py")
    content = archive(member("model.bin", b"weights"), member("code/inference.py", b"pass"), link)
    directory = fetch(content, tmp_path)
    assert (directory / "model.bin").read_bytes() == b"weights"
    assert (directory / "code" / "latest.py").read_bytes() == b"pass"


def test_an_absolute_path_becomes_one_inside(tmp_path: Path) -> None:
    directory = fetch(archive(member(f"{tmp_path}/outside", b"x")), tmp_path)
    assert not (tmp_path / "outside").exists()
    assert (directory / str(tmp_path).lstrip("/") / "outside").read_bytes() == b"x"


@pytest.mark.parametrize(
    "members",
    [
        [member("../outside", b"x")],
        [member("code/../../../outside", b"x")],
        [member("link", type=tarfile.SYMTYPE, linkname="../../outside")],
        [member("link", type=tarfile.SYMTYPE, linkname="/etc/passwd")],
        [member("link", type=tarfile.LNKTYPE, linkname="../outside")],
        [member("up", type=tarfile.SYMTYPE, linkname=".."), member("up/outside", b"x")],
        [member("device", type=tarfile.CHRTYPE, devmajor=1, devminor=3)],
        [member("device", type=tarfile.BLKTYPE)],
        [member("pipe", type=tarfile.FIFOTYPE)],
    ],
)
def test_fails_for_a_member_that_leaves_the_directory_or_is_no_file(
    tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]]
) -> None:
    (tmp_path / "ml").mkdir()
    with pytest.raises(LocalError, match="must be a gzip-compressed tar archive whose members stay inside it"):
        fetch(archive(member("good", b"x"), *members), tmp_path / "ml")
    assert not list(tmp_path.rglob("outside"))
    assert [path.name for path in tmp_path.rglob("*") if not path.is_file() and not path.is_dir()] == []


def test_fails_for_an_archive_that_would_fill_the_disk_before_it_does(tmp_path: Path) -> None:
    info, _ = member("zeros")
    info.size = MOST_BYTES + 1
    bomb = gzip.compress(info.tobuf() + b"\0" * 1024 * 1024)
    with pytest.raises(LocalError, match=r"model\.tar\.gz unpacks to more than 64 GiB"):
        fetch(bomb, tmp_path)
    assert list((tmp_path / "ml" / "model").iterdir()) == []


def test_fails_for_many_members_that_would_fill_the_disk_together(tmp_path: Path) -> None:
    small, content = member("small", b"x" * 512)
    large, _ = member("large")
    large.size = MOST_BYTES - 100
    bomb = gzip.compress(small.tobuf() + content + large.tobuf() + b"\0" * 1024)
    with pytest.raises(LocalError, match="unpacks to more than 64 GiB"):
        fetch(bomb, tmp_path)


def test_fails_for_more_members_than_a_file_system_should_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_MEMBERS >= 100_000
    monkeypatch.setattr("sagemaker_local.model_data.MOST_MEMBERS", 3)
    with pytest.raises(LocalError, match="has more than 3 members"):
        fetch(archive(*(member(f"{number}") for number in range(4))), tmp_path)


NO_ARCHIVES = {
    "empty": b"",
    "no gzip": b"no archive",
    "no tar": gzip.compress(b"no tar" * 1000),
    "cut off": archive(member("model.bin", os.urandom(100_000)))[:-300],
}


@pytest.mark.parametrize("kind", NO_ARCHIVES)
def test_fails_for_what_is_no_whole_archive(tmp_path: Path, kind: str) -> None:
    with pytest.raises(LocalError, match="must be a gzip-compressed tar archive"):
        fetch(NO_ARCHIVES[kind], tmp_path)

from __future__ import annotations

import gzip
import hashlib
import os
import random
import shutil
import struct
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any

import aws_cdk as cdk
import pytest

from library.templates import small_model
from sagemaker_hosting import ModelData, ValidationError
from sagemaker_hosting.archive import list_files, write_archive
from sagemaker_hosting.archive_cache import ArchiveCache
from sagemaker_hosting.staged_archive import StagedArchive

MIB = 1024 * 1024
RANDOM = random.Random(0)  # noqa: S311  the same data in every run, and no secret


def weights(count: int) -> bytes:
    """Return random normal numbers of 4 bytes, as a network's weights are."""
    return struct.pack(f"<{count}f", *(RANDOM.gauss(0, 1) for _ in range(count)))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a directory of 9 MiB: weights, what cannot be compressed at all, and what can."""
    made = tmp_path / "large"
    (made / "code").mkdir(parents=True)
    (made / "code" / "inference.py").write_text("def model_fn(model_dir): ...\n" * 100_000)
    (made / "layer.bin").write_bytes(weights(800_000))
    (made / "packed.bin").write_bytes(RANDOM.randbytes(3 * MIB + 1))
    (made / "zeros.bin").write_bytes(bytes(5 * MIB))
    (made / "empty").touch()
    return made


def content_of(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as opened:
        return {name: file.read() for name in opened.getnames() if (file := opened.extractfile(name)) is not None}


def files_of(directory: Path) -> dict[PurePosixPath, Path]:
    return list_files("test", "directory", directory)


def staged(directory: Path, folder: Path, cache: ArchiveCache) -> StagedArchive:
    return StagedArchive.of(files_of(directory), folder, what="a test", cache=cache)


def test_an_archive_holds_what_was_packed_whatever_kind_of_data_it_is(directory: Path, tmp_path: Path) -> None:
    archive = tmp_path / "model.tar.gz"
    write_archive(files_of(directory), archive)

    assert content_of(archive) == {str(name): path.read_bytes() for name, path in files_of(directory).items()}


@pytest.mark.parametrize("workers", [2, 3, 8])
def test_the_bytes_do_not_depend_on_the_number_of_processors(directory: Path, tmp_path: Path, workers: int) -> None:
    one, many = tmp_path / "one.tar.gz", tmp_path / "many.tar.gz"

    assert write_archive(files_of(directory), one, workers=1) == write_archive(
        files_of(directory), many, workers=workers
    )
    assert one.read_bytes() == many.read_bytes()


def test_the_digest_is_that_of_the_uncompressed_archive(directory: Path, tmp_path: Path) -> None:
    archive = tmp_path / "model.tar.gz"

    digest = write_archive(files_of(directory), archive)

    assert digest == hashlib.sha256(gzip.decompress(archive.read_bytes())).hexdigest()


def test_the_uncompressed_archive_is_what_tarfile_would_have_written(directory: Path, tmp_path: Path) -> None:
    (directory / ("long" * 30)).write_text("a name of more than 100 characters")
    (directory / "größe.txt").write_text("a name that is not ASCII")
    archive, plain = tmp_path / "model.tar.gz", tmp_path / "model.tar"
    write_archive(files_of(directory), archive)
    with tarfile.open(plain, "w", format=tarfile.PAX_FORMAT) as opened:
        for name, path in files_of(directory).items():
            member = tarfile.TarInfo(str(name))
            member.size = path.stat().st_size
            with path.open("rb") as file:
                opened.addfile(member, file)

    assert gzip.decompress(archive.read_bytes()) == plain.read_bytes()


def test_an_archive_is_one_gzip_member_that_gnu_tar_and_gzip_accept(directory: Path, tmp_path: Path) -> None:
    archive, extracted = tmp_path / "model.tar.gz", tmp_path / "extracted"
    extracted.mkdir()
    write_archive(files_of(directory), archive)

    subprocess.run(["gzip", "--test", archive], check=True)
    subprocess.run(["tar", "--extract", "--gzip", "--file", archive, "--directory", extracted], check=True)
    subprocess.run(["diff", "--recursive", directory, extracted], check=True)


def test_weights_take_no_more_room_than_gzip_gives_them(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    data = weights(1_000_000)
    (tmp_path / "model" / "layer.bin").write_bytes(data)
    archive = tmp_path / "model.tar.gz"
    write_archive(files_of(tmp_path / "model"), archive)

    assert archive.stat().st_size < 1.01 * len(gzip.compress(data, 6))


def test_what_repeats_itself_is_compressed_well_between_weights(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "a.bin").write_bytes(bytes(16 * MIB))
    (tmp_path / "model" / "b.bin").write_bytes(RANDOM.randbytes(2 * MIB))
    archive = tmp_path / "model.tar.gz"
    write_archive(files_of(tmp_path / "model"), archive)

    assert archive.stat().st_size < 5 * MIB


def test_nothing_is_said_of_what_is_packed_in_a_moment(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_archive(files_of(directory), tmp_path / "model.tar.gz")

    assert capsys.readouterr() == ("", "")


def test_what_takes_long_is_reported_on_standard_error_every_few_seconds(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter(range(0, 10_000, 2))
    monkeypatch.setattr("time.monotonic", lambda: next(seconds))
    write_archive(files_of(directory), tmp_path / "model.tar.gz", what="'models/llm'")

    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert 2 < len(lines) < 9
    assert all(line.startswith("Packing 'models/llm': ") and line.endswith(" % of 0.0 GB") for line in lines)


def test_fails_for_a_file_that_grows_while_it_is_packed(tmp_path: Path) -> None:
    with pytest.raises(
        ValidationError, match=r"endless' must not change while it is packed, but it is no longer 0 byt"
    ):
        write_archive({PurePosixPath("endless"): _link(tmp_path / "endless", "/dev/zero")}, tmp_path / "model.tar.gz")


def _link(path: Path, target: str) -> Path:
    path.symlink_to(target)
    return path


def test_an_unchanged_directory_is_packed_once(directory: Path, tmp_path: Path) -> None:
    cache = ArchiveCache(tmp_path / "cache")
    first = staged(directory, tmp_path / "first", cache)
    second = staged(directory, tmp_path / "second", cache)

    assert second.digest == first.digest
    assert second.path.samefile(first.path)


def test_an_archive_in_the_cloud_assembly_is_left_alone(directory: Path, tmp_path: Path) -> None:
    cache = ArchiveCache(tmp_path / "cache")
    before = staged(directory, tmp_path / "cdk.out", cache).path.stat()
    for archive in (tmp_path / "cache").glob("*.tar.gz"):
        archive.unlink()

    assert staged(directory, tmp_path / "cdk.out", cache).path.stat().st_ino == before.st_ino


def test_the_stacks_of_an_app_share_one_archive(directory: Path) -> None:
    app = cdk.App(analytics_reporting=False)
    inodes = []
    for name in ("One", "Two"):
        small = small_model(cdk.Stack(app, name))
        ModelData.from_directory(directory).bind(small, small)
        (archive,) = Path(app.asset_outdir).glob("asset.*.gz")
        inodes.append(archive.stat().st_ino)

    assert inodes[0] == inodes[1]
    assert not list(Path(app.synth().directory).glob(".unfinished*"))


def test_a_change_that_keeps_size_and_time_is_noticed(directory: Path, tmp_path: Path) -> None:
    cache = ArchiveCache(tmp_path / "cache")
    before = staged(directory, tmp_path / "cdk.out", cache)
    path = directory / "zeros.bin"
    status = path.stat()
    with path.open("r+b") as file:
        file.write(b"1")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    after = staged(directory, tmp_path / "cdk.out", cache)

    assert after.digest != before.digest
    assert content_of(after.path)["zeros.bin"][:1] == b"1"


def test_a_change_right_after_packing_is_noticed(directory: Path, tmp_path: Path) -> None:
    cache = ArchiveCache(tmp_path / "cache")
    seen = set()
    for value in range(5):
        (directory / "zeros.bin").write_bytes(bytes([value]) * MIB)
        seen.add(staged(directory, tmp_path / "cdk.out", cache).digest)

    assert len(seen) == 5


def test_a_directory_that_was_only_touched_keeps_its_archive_and_key(directory: Path, tmp_path: Path) -> None:
    cache = ArchiveCache(tmp_path / "cache")
    before = staged(directory, tmp_path / "cdk.out", cache)
    for path in directory.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    after = staged(directory, tmp_path / "cdk.out", cache)

    assert (after.path, after.digest) == (before.path, before.digest)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"digest": 1}', b'{"digest": "x", "size": "y"}', b"\xff"])
def test_a_damaged_entry_of_the_cache_is_as_none(directory: Path, tmp_path: Path, damage: bytes) -> None:
    cache = ArchiveCache(tmp_path / "cache")
    staged(directory, tmp_path / "first", cache)
    for entry in (tmp_path / "cache").glob("*.json"):
        entry.write_bytes(damage)

    assert content_of(staged(directory, tmp_path / "second", cache).path).keys() == {
        str(name) for name in files_of(directory)
    }


@pytest.mark.parametrize("place", ["cache", "cdk.out"])
def test_a_damaged_archive_is_packed_anew(directory: Path, tmp_path: Path, place: str) -> None:
    cache = ArchiveCache(tmp_path / "cache")
    good = staged(directory, tmp_path / "cdk.out", cache).path.read_bytes()
    if place == "cache":
        shutil.rmtree(tmp_path / "cdk.out")
    for archive in (tmp_path / place).glob("*.gz"):
        archive.write_bytes(bytes(archive.stat().st_size))

    assert staged(directory, tmp_path / "cdk.out", cache).path.read_bytes() == good


def test_a_cache_that_cannot_be_written_costs_time_alone(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    archive = staged(directory, tmp_path / "cdk.out", ArchiveCache(tmp_path / "file" / "cache"))

    assert len(content_of(archive.path)) == len(files_of(directory))


def test_processes_that_synthesize_at_the_same_time_do_not_disturb_each_other(directory: Path, tmp_path: Path) -> None:
    cache = ArchiveCache(tmp_path / "cache")
    with ThreadPoolExecutor(4) as pool:
        archives = list(pool.map(lambda _: staged(directory, tmp_path / "cdk.out", cache), range(8)))

    assert len(set(archives)) == 1
    assert len(content_of(archives[0].path)) == len(files_of(directory))
    assert [path.name for path in (tmp_path / "cdk.out").iterdir()] == [archives[0].path.name]


def test_the_cache_gives_up_what_was_not_used_for_longest(tmp_path: Path) -> None:
    cache = ArchiveCache(tmp_path / "cache", most_bytes=5 * MIB)
    for number in range(4):
        (tmp_path / f"model{number}").mkdir()
        (tmp_path / f"model{number}" / "a.bin").write_bytes(RANDOM.randbytes(2 * MIB))
        staged(tmp_path / f"model{number}", tmp_path / "cdk.out", cache)
        staged(tmp_path / "model0", tmp_path / "cdk.out", cache)
    kept = {path.name.removesuffix(".tar.gz") for path in (tmp_path / "cache").glob("*.tar.gz")}

    assert kept == {
        staged(tmp_path / "model0", tmp_path / "cdk.out", cache).digest,
        staged(tmp_path / "model3", tmp_path / "cdk.out", cache).digest,
    }


def test_an_archive_larger_than_the_cache_is_still_found_the_next_time(directory: Path, tmp_path: Path) -> None:
    cache = ArchiveCache(tmp_path / "cache", most_bytes=1)
    first = staged(directory, tmp_path / "first", cache)

    assert staged(directory, tmp_path / "second", cache).path.samefile(first.path)


def test_small_directories_leave_nothing_in_the_cache(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "a.txt").write_text("a")
    staged(tmp_path / "model", tmp_path / "cdk.out", ArchiveCache(tmp_path / "cache"))

    assert not (tmp_path / "cache").exists()


def test_packing_holds_no_file_in_memory(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with (tmp_path / "model" / "sparse.bin").open("wb") as file:
        file.truncate(600 * MIB)
    program = (
        "import re, sys; from pathlib import Path;"
        "from sagemaker_hosting.archive import list_files, write_archive;"
        "write_archive(list_files('', '', Path(sys.argv[1])), Path(sys.argv[2]));"
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    arguments = [sys.executable, "-c", program, str(tmp_path / "model"), str(tmp_path / "model.tar.gz")]
    used = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.splitlines()[-1]

    assert int(used) < 200 * 1024


def test_models_with_the_same_small_directory_pack_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[object] = []

    def counting(*arguments: Any, **named: Any) -> str:
        packed.append(arguments)
        return write_archive(*arguments, **named)

    monkeypatch.setattr("sagemaker_hosting.staged_archive.write_archive", counting)
    files = {PurePosixPath("test.py"): Path(pytest.__file__)}  # a file that has not just been written
    first = StagedArchive.of(files, tmp_path, what="a test")

    assert StagedArchive.of(files, tmp_path, what="a test") == first
    assert len(packed) == 1
    assert StagedArchive.of(files, tmp_path / "elsewhere", what="a test").digest == first.digest
    assert len(packed) == 2

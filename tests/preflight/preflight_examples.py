"""Runs a rule's own examples: the template, the Region named in its comment, and the files of its assets."""

import gzip
import re
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml

from sagemaker_hosting.preflight import Finding, Rule, check_file

_REGION = re.compile(r"# deployed to ([a-z0-9-]+)")


def check_example(rule: Rule, kind: Literal["bad", "good"]) -> list[Finding]:
    """The findings in the rule's bad or good example."""
    text = rule.bad if kind == "bad" else rule.good
    files = rule.bad_assets if kind == "bad" else rule.good_assets
    region = _REGION.search(text)
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        template = directory / "template.yaml"
        template.write_text(text)
        assets = {name: write_asset(directory / name, content) for name, content in files.items()}
        return check_file(template, region=region[1] if region is not None else None, assets=assets)


def write_asset(path: Path, files: Mapping[str, str]) -> Path:
    """Writes what an example says about an asset.

    A build context where there is a Dockerfile, a plain file where the only name is empty, otherwise a gzip-compressed
    tar archive.
    """
    if "Dockerfile" in files:
        for name, content in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(content.lstrip("\n"))
    elif "" in files:
        path.write_text(files[""])
    else:
        with gzip.open(path, "wb") as stream:
            for name, content in files.items():
                _add(stream, name, content)
            stream.write(bytes(2 * tarfile.BLOCKSIZE))
    return path


def _add(stream: gzip.GzipFile, name: str, content: str) -> None:
    """Appends one entry.

    ``-> target`` is a symbolic link, ``0 * n`` are n zeros, and ``claims n`` is the header of a large file without its
    content.
    """
    member = tarfile.TarInfo(name)
    body = content.lstrip("\n").encode()
    match content.split():
        case ["->", target]:
            member.type, member.linkname, body = tarfile.SYMTYPE, target, b""
        case ["0", "*", size]:
            body = bytes(int(size))
        case ["claims", size]:
            body = b""
            member.size = int(size)
    member.size = member.size or len(body)
    stream.write(member.tobuf(tarfile.PAX_FORMAT))
    stream.write(body + bytes(-len(body) % tarfile.BLOCKSIZE))


def load_example(text: str) -> Any:
    """An example's template as plain data, with the short function tags written out."""
    return yaml.load(text, _ExampleLoader)  # noqa: S506  derived from the safe loader


class _ExampleLoader(yaml.SafeLoader):
    pass


def _function(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value = loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else str(node.value)
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": value}


_ExampleLoader.add_multi_constructor("!", _function)

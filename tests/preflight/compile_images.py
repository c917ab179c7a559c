"""Compiles the images that AWS publishes, and their accounts, from the SageMaker Python SDK (Apache-2.0).

``pip download --no-deps 'sagemaker<3'``, then ``python tests/preflight/compile_images.py sagemaker-*.whl`` rewrites
``constructs/sagemaker_hosting/data/images.json``. Tags are put together as ``sagemaker/image_uris.py`` does it.
"""

import json
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from aws_cdk.region_info import RegionInfo

DATA = Path(__file__).parents[2] / "constructs" / "sagemaker_hosting" / "data" / "images.json"
CONFIGURATIONS = "sagemaker/image_uri_config/"

# Name here -> configurations of the SDK, and the processor where the configuration names none.
FRAMEWORKS = {
    "pytorch": {"pytorch": ""},
    "tensorflow": {"tensorflow": ""},
    "mxnet": {"mxnet": ""},
    "huggingface": {"huggingface": "", "huggingface-neuron": "", "huggingface-neuronx": ""},
    "huggingface-llm": {"huggingface-llm": "", "huggingface-llm-neuronx": ""},
    "huggingface-tei": {"huggingface-tei": "", "huggingface-tei-cpu": ""},
    "scikit-learn": {"sklearn": "cpu"},
    "xgboost": {"xgboost": "cpu"},
    "sparkml": {"sparkml-serving": "cpu"},
    "autogluon": {"autogluon": "cpu"},
    "triton": {"sagemaker-tritonserver": ""},
    "djl-lmi": {"djl-lmi": "gpu"},
    "djl-tensorrtllm": {"djl-tensorrtllm": "gpu"},
    "djl-deepspeed": {"djl-deepspeed": "gpu"},
    "djl-neuronx": {"djl-neuronx": "neuronx"},
    "neo-pytorch": {"neo-pytorch": "", "inferentia-pytorch": ""},
    "neo-tensorflow": {"neo-tensorflow": "", "inferentia-tensorflow": ""},
    "neo-mxnet": {"neo-mxnet": "", "inferentia-mxnet": ""},
    "neo-xgboost": {"xgboost-neo": "cpu"},
    "neo-image-classification": {"image-classification-neo": "cpu"},
}
ARM_TAGS = {
    ("sklearn", "1.0-1"): "1.0-1-arm64-cpu-py3",
    ("xgboost", "1.3-1"): "1.3-1-arm64",
    ("xgboost", "1.5-1"): "1.5-1-arm64",
}

# Deep Learning Containers that the SDK does not name:
# https://github.com/aws/deep-learning-containers/blob/master/available_images.md
OTHER_DEEP_LEARNING_CONTAINERS = (
    "pytorch-inference-arm64",
    "pytorch-inference-neuron",
    "pytorch-inference-neuronx",
    "tensorflow-inference-arm64",
)
A_DEEP_LEARNING_CONTAINER = "pytorch-inference"

Accounts = dict[str, str]


@dataclass(frozen=True)
class Entry:
    """What one configuration says of one version."""

    configuration: str
    scope: str
    version: str
    base: str
    python: str
    processors: tuple[str, ...]
    content: dict[str, Any]

    @property
    def accounts(self) -> Accounts:
        """Account in each Region."""
        accounts: Accounts = self.content["registries"]
        return accounts


def entries(configuration: str, content: dict[str, Any]) -> Iterator[Entry]:
    """Every version of every scope of a configuration; one for each Python where there are several."""
    for scope, section in content.items() if "versions" not in content else [("inference", content)]:
        for version, described in section.get("versions", {}).items() if isinstance(section, dict) else ():
            for base, python, one in variants(described):
                processors = tuple(section.get("processors") or one.get("processors") or ())
                pythons = [python] if python else one.get("py_versions") or [""]
                for each in pythons:
                    yield Entry(configuration, scope, version, base, each, processors, one)


def variants(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The base framework or Python that a version is divided by, if it is."""
    if "registries" in described:
        yield "", "", described
        return
    for name, one in described.items():
        if isinstance(one, dict) and "registries" in one:
            yield ("", name, one) if name.startswith("py") and name[2:].isdigit() else (name, "", one)


def rows(entry: Entry, processor_if_none: str) -> Iterator[tuple[str, str]]:
    """Processor and tag of each image."""
    prefix = entry.content.get("tag_prefix", entry.version)
    if entry.base:
        prefix = f"{entry.base.removeprefix('pytorch').removeprefix('tensorflow')}-transformers{entry.version}"
    if entry.scope == "inference_graviton":
        tag = ARM_TAGS.get((entry.configuration, entry.version))
        suffix = f"{entry.content.get('container_version', {}).get('cpu')}-sagemaker"
        yield "graviton", tag or f"{prefix}-cpu-{entry.python}-{suffix}"
        return
    if not entry.processors:
        yield processor_if_none, prefix
    for processor in entry.processors:
        tool = {"huggingface-neuron": "neuron"}.get(entry.configuration) or (
            "neuronx" if entry.configuration.endswith("-neuronx") else ""
        )
        system = entry.content.get("container_version", {}).get(processor, "")
        if entry.configuration in ("huggingface-neuron", "huggingface-neuronx"):
            system = f"{max(entry.content['sdk_versions'], key=_numbers)}-{system}"
        named = "" if entry.configuration == "sagemaker-tritonserver" and processor == "gpu" else tool or processor
        tag = "-".join(part for part in (prefix, named, entry.python, system) if part)
        yield {"neuron": "inferentia", "neuronx": "neuronx"}.get(tool, _PROCESSORS[processor]), tag


_PROCESSORS = {"cpu": "cpu", "gpu": "gpu", "inf": "inferentia", "inf2": "neuronx"}


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers of a version, to compare it with others."""
    digits = "".join(character if character.isdigit() else " " for character in text)
    return tuple(int(number) for number in digits.split())


class Compiler:
    """Collects sets of accounts, which most images share, and the images that refer to them."""

    def __init__(self, configurations: dict[str, dict[str, Any]]) -> None:
        self._configurations = configurations
        self._sets: list[Accounts] = []

    def frameworks(self) -> dict[str, Any]:
        """Framework and version -> processor, Python, base framework, repository, tag, set of accounts."""
        found: dict[str, dict[str, list[list[Any]]]] = {}
        for framework, configurations in FRAMEWORKS.items():
            versions: dict[str, list[list[Any]]] = {}
            for configuration, processor_if_none in configurations.items():
                for entry in entries(configuration, self._configurations[configuration]):
                    if entry.scope not in ("inference", "inference_graviton"):
                        continue
                    versions.setdefault(entry.version, []).extend(
                        [processor, entry.python, entry.base, entry.content["repository"], tag, self._set(entry)]
                        for processor, tag in rows(entry, processor_if_none)
                    )
            found[framework] = dict(sorted(versions.items(), key=lambda item: _numbers(item[0])))
        return {
            f"{framework} {version}": images
            for framework, versions in found.items()
            for version, images in versions.items()
        }

    def repositories(self) -> dict[str, Accounts]:
        """Accounts of every repository, whatever version and scope; that of no name holds for what is not listed.

        All Deep Learning Containers are in the same accounts; what the CDK knows of them is added.
        """
        found: dict[str, Accounts] = {}
        for configuration, content in self._configurations.items():
            for entry in entries(configuration, content):
                found.setdefault(entry.content["repository"], {}).update(entry.accounts)
        deep_learning: Accounts = {}
        marker = found[A_DEEP_LEARNING_CONTAINER]["us-west-2"]
        names = [name for name, accounts in found.items() if accounts.get("us-west-2") == marker]
        for name in names:
            deep_learning.update(found[name])
        for region in RegionInfo.regions:
            if region.dlc_repository_account is not None:
                deep_learning.setdefault(region.name, region.dlc_repository_account)
        return {**found, **dict.fromkeys([*names, *OTHER_DEEP_LEARNING_CONTAINERS, ""], deep_learning)}

    def sets(self) -> list[Accounts]:
        """The sets that were referred to."""
        return self._sets

    def index(self, accounts: Accounts) -> int:
        """Number of a set of accounts."""
        ordered = dict(sorted(accounts.items()))
        if ordered not in self._sets:
            self._sets.append(ordered)
        return self._sets.index(ordered)

    def _set(self, entry: Entry) -> int:
        return self.index(entry.accounts)


def compile_images(wheel: Path) -> str:
    """The data file."""
    with zipfile.ZipFile(wheel) as opened:
        configurations = {
            name.removeprefix(CONFIGURATIONS).removesuffix(".json"): json.loads(opened.read(name))
            for name in sorted(opened.namelist())
            if name.startswith(CONFIGURATIONS) and name.endswith(".json")
        }
    compiler = Compiler(configurations)
    frameworks = compiler.frameworks()
    repositories = {name: compiler.index(accounts) for name, accounts in sorted(compiler.repositories().items())}
    version = wheel.name.split("-")[1]
    sections = {
        "source": {
            "url": f"https://pypi.org/project/sagemaker/{version}/",
            "version": version,
            "aws-cdk-lib": metadata.version("aws-cdk-lib"),
            "date": datetime.now(UTC).date().isoformat(),
        },
        "columns": ["processor", "python", "base framework", "repository", "tag", "accounts"],
        "images": frameworks,
        "repositories": repositories,
        "accounts": {str(number): accounts for number, accounts in enumerate(compiler.sets())},
    }
    return "{\n" + ",\n".join(f' "{name}": {_section(section)}' for name, section in sections.items()) + "\n}\n"


def _section(section: object) -> str:
    if not isinstance(section, dict):
        return json.dumps(section)
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in section.items()) + "\n }"


if __name__ == "__main__":
    DATA.write_text(compile_images(Path(sys.argv[1])))

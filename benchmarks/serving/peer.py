"""A server of the comparison, as `peers/<name>/peer.toml` declares it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "peers"
CONTAINER = "container"
BASELINE = "documents"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """How a server is started.

    Attributes:
        name: What `--servers` calls it.
        title: What the tables call it.
        folder: Where its program is.
        command: What is run; `process.Place` has the values for what stands in braces.
        environment: Variables that it gets on top of ours, with the same values in braces.
        ping: The path that answers 200 once it is ready.
        invocations: The path of a prediction.
        models: The models that it serves.
        needs: Programs that must be installed.
        scales: Whether it has a number of workers.
        program: The folder of the container's program, which may be that of another revision.
    """

    name: str
    title: str
    folder: Path
    command: tuple[str, ...]
    ping: str
    invocations: str
    models: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    scales: bool = True
    program: Path = ROOT / "container"

    @classmethod
    def declared(cls, path: Path) -> list[Self]:
        """The servers of a declaration: the same program, differently configured."""
        declaration = tomllib.loads(path.read_text())
        return [cls._of(name, declaration | own, path.parent) for name, own in declaration["servers"].items()]

    @classmethod
    def _of(cls, name: str, declaration: Mapping[str, Any], folder: Path) -> Self:
        common = tomllib.loads((folder / "peer.toml").read_text()).get("environment", {})
        return cls(
            name=name,
            title=declaration["title"],
            folder=folder,
            command=tuple(declaration["command"]),
            ping=declaration["ping"],
            invocations=declaration["invocations"],
            models=tuple(declaration["models"]),
            needs=tuple(declaration.get("needs", ())),
            scales=declaration.get("scales", True),
            environment=common | declaration["environment"],
        )

    def at(self, revision: str, program: Path) -> "Peer":
        """The container's program of another revision."""
        return replace(self, name=revision, title=revision, program=program)

    @property
    def requirements(self) -> tuple[Path, ...]:
        """What its environment has, besides what the models need."""
        if self.folder.name == CONTAINER:
            return (self.program / "requirements" / "server.txt",)
        return (self.folder / "requirements.txt",)


def all_peers() -> dict[str, Peer]:
    """Every server, the documents' stack first and the container last."""
    order = (BASELINE, "flask", "sagemaker_inference", "mlserver", "litserve", "bentoml", "mosec", CONTAINER)
    return {peer.name: peer for name in order for peer in Peer.declared(PEERS / name / "peer.toml")}

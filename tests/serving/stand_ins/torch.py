"""Stands in for PyTorch with SageMaker Neo's extension: what the script for compiled models calls, on numpy."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import mean_colour
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

for _name in ("nn", "nn.parallel", "optim", "utils", "utils.data", "utils.data.distributed"):
    sys.modules[f"torch.{_name}"] = ModuleType(f"torch.{_name}")

_neo: list[str] = []


class Tensor:
    """An array."""

    def __init__(self, values: Any) -> None:
        self._values = np.asarray(values)

    def to(self, device: str) -> Tensor:
        assert device == "cpu"
        return self

    def cpu(self) -> Tensor:
        return self

    def unsqueeze(self, axis: int) -> Tensor:
        return Tensor(np.expand_dims(self._values, axis))

    def numpy(self) -> Any:
        return self._values


class Network:
    """What `torch.jit.load` gives."""

    def __init__(self, weights: Any) -> None:
        self._weights = weights

    def to(self, device: str) -> Network:
        assert device == "cpu"
        return self

    def forward(self, pictures: Tensor) -> Tensor:
        return Tensor(mean_colour.probabilities(self._weights, pictures.numpy()))

    __call__ = forward


@contextmanager
def _config(model_dir: str, neo_runtime: bool) -> Iterator[None]:
    assert neo_runtime is True
    _neo.append(model_dir)
    yield
    _neo.pop()


def _load(path: str) -> Network:
    assert _neo, "a compiled model is loaded within torch.neo.config"
    return Network(mean_colour.load(path))


def device(kind: str) -> str:
    return kind


def is_tensor(value: object) -> bool:
    return isinstance(value, Tensor)


cuda = SimpleNamespace(is_available=lambda: False)
jit = SimpleNamespace(load=_load)
neo = SimpleNamespace(config=_config)

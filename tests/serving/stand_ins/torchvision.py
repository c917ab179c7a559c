"""Stands in for torchvision: the transforms that turn a picture into a tensor."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PIL import Image


class Compose:
    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self._transforms = transforms

    def __call__(self, value: Any) -> Any:
        for transform in self._transforms:
            value = transform(value)
        return value


class Resize:
    def __init__(self, size: int) -> None:
        self._size = size

    def __call__(self, image: Image.Image) -> Image.Image:
        factor = self._size / min(image.size)
        return image.resize((round(image.width * factor), round(image.height * factor)))


class CenterCrop:
    def __init__(self, size: int) -> None:
        self._size = size

    def __call__(self, image: Image.Image) -> Image.Image:
        left, top = (image.width - self._size) // 2, (image.height - self._size) // 2
        return image.crop((left, top, left + self._size, top + self._size))


class ToTensor:
    def __call__(self, image: Image.Image) -> Tensor:
        return Tensor(np.asarray(image).transpose(2, 0, 1) / 255)


class Normalize:
    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        self._mean, self._std = (np.array(values)[:, None, None] for values in (mean, std))

    def __call__(self, picture: Tensor) -> Tensor:
        return Tensor((picture.numpy() - self._mean) / self._std)


transforms: Any = ModuleType("torchvision.transforms")
for _class in (Compose, Resize, CenterCrop, ToTensor, Normalize):
    setattr(transforms, _class.__name__, _class)
sys.modules["torchvision.transforms"] = transforms

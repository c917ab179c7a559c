"""Draws pictures of what is recycled: sheets and balls of paper, glass bottles, plastic bottles.

Each picture differs in shape, colour, size, place, rotation, background, light, sharpness and noise, and has been
through JPEG as a camera's would. The same generator of numbers draws the same picture.

Drawing happens in the object's own coordinates: `s` across and `t` down, in shares of the picture's height, turned
about the object's middle. What an object is at a point follows from `s` and `t`, so nothing is rotated or scaled later.
"""

import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

CLASSES = ("glass_bottle", "paper", "plastic_bottle")
SIZE = 96

Plane = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Layer:
    """An object: what colour it has at each point, and how much of it covers what is behind.

    Attributes:
        colour: Height x width x 3, 0 to 1; more than 1 shines.
        cover: Height x width, 0 to 1.
    """

    colour: Plane
    cover: Plane


def jpeg(rng: np.random.Generator, label: str) -> bytes:
    """Draw a picture of a class of `CLASSES`, as the JPEG file of a camera."""
    file = io.BytesIO()
    Image.fromarray(_picture(rng, label)).save(file, "JPEG", quality=int(rng.integers(60, 93)))
    return file.getvalue()


def _picture(rng: np.random.Generator, label: str) -> Pixels:
    angle = rng.choice([0.0, math.pi / 2, math.pi], p=[0.6, 0.3, 0.1]) + rng.uniform(-0.5, 0.5)
    s, t = _coordinates(rng.uniform(0.42, 0.58, 2), angle)
    layer = _DRAWN[label](rng, s, t)
    scene = _background(rng)
    offset = rng.integers(-5, 6, 2)
    shadow = np.roll(_blurred(layer.cover, 4), offset, axis=(0, 1)) * rng.uniform(0.1, 0.5)
    scene *= (1 - shadow)[..., None]
    scene += (layer.colour - scene) * layer.cover[..., None]
    scene *= rng.uniform(0.65, 1.2) * rng.uniform(0.92, 1.08, 3)
    scene *= 1 + _smooth(rng, 3, 0.15)[..., None]
    scene += rng.standard_normal(scene.shape) * rng.uniform(0.0, 0.03)
    pixels = np.round(scene.clip(0, 1) * 255).astype(np.uint8)
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.BoxBlur(rng.uniform(0, 1.0))))


def _coordinates(middle: Plane, angle: float) -> tuple[Plane, Plane]:
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    x, y = x - middle[0], y - middle[1]
    return x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)


def _background(rng: np.random.Generator) -> Plane:
    base = rng.uniform(0.15, 0.9) + rng.uniform(-0.15, 0.15, 3)
    scene = np.full((SIZE, SIZE, 3), base)
    scene += _smooth(rng, int(rng.integers(3, 9)), rng.uniform(0.02, 0.12))[..., None]
    kind = rng.random()
    s, t = _coordinates(rng.uniform(0, 1, 2), rng.uniform(0, math.pi))
    if kind < 0.3:  # boards of a table
        board = np.floor(t * rng.uniform(4, 10)).astype(np.int64)
        scene += rng.uniform(-0.08, 0.08, 40)[board % 40][..., None]
        scene += (np.sin(s * rng.uniform(3, 9) + t * rng.uniform(60, 160)) * 0.03)[..., None]
    elif kind < 0.5:  # the edge of the table in front of a wall
        scene += np.where(t > 0, 1.0, 0.0)[..., None] * rng.uniform(-0.3, 0.3, 3)
    return scene


def _paper(rng: np.random.Generator, s: Plane, t: Plane) -> Layer:
    colour = rng.uniform(0.75, 0.97) * (1 - rng.uniform(0, 0.14) * np.array([0.1, 0.35, 1.0]))
    if rng.random() < 0.3:
        shade, cover = _ball(rng, s, t)
    else:
        shade, cover = _sheet(rng, s, t)
    return Layer(colour=shade[..., None] * colour, cover=cover)


def _sheet(rng: np.random.Generator, s: Plane, t: Plane) -> tuple[Plane, Plane]:
    width, height = rng.uniform(0.18, 0.3), rng.uniform(0.24, 0.36)
    s = s * (1 + t * rng.uniform(-0.5, 0.5)) + t * rng.uniform(-0.15, 0.15)  # seen from an angle
    cover = _soft(np.minimum(width - abs(s), height - abs(t)))
    shade = np.ones_like(s)
    if rng.random() < 0.7:  # print
        line = t * rng.uniform(18, 45)
        number = np.floor(line).astype(np.int64)
        end = rng.uniform(0.3, 0.85, 64)[number % 64] * width
        word = rng.random((64, 64))[number % 64, np.floor(s * rng.uniform(20, 60)).astype(np.int64) % 64] < 0.8
        printed = (line - number < rng.uniform(0.3, 0.55)) & (s < end) & (s > -0.85 * width) & word
        shade -= printed * (abs(t) < 0.88 * height) * rng.uniform(0.15, 0.75)
    for _ in range(rng.integers(0, 4)):  # folds
        angle = rng.uniform(0, math.pi)
        beyond = s * math.cos(angle) + t * math.sin(angle) - rng.uniform(-0.15, 0.15)
        shade += np.where(beyond > 0, 1, -1) * rng.uniform(0.01, 0.06) - 0.1 * _bump(beyond, 0.006)
    return shade, cover


def _ball(rng: np.random.Generator, s: Plane, t: Plane) -> tuple[Plane, Plane]:
    corners = np.sort(rng.uniform(-math.pi, math.pi, 14))
    radius = np.interp(np.arctan2(t, s), corners, rng.uniform(0.2, 0.32, 14), period=2 * math.pi)
    slopes = rng.uniform(-2.2, 2.2, (9, 2))
    facets = [across * s + down * t + rng.uniform(-0.15, 0.15) for across, down in slopes]
    shade = 0.76 + 0.24 * np.sin(np.maximum.reduce(facets) * rng.uniform(9, 18))
    return shade, _soft(radius - np.hypot(s, t))


def _glass_bottle(rng: np.random.Generator, s: Plane, t: Plane) -> Layer:
    length, width = rng.uniform(0.36, 0.46), rng.uniform(0.085, 0.14)
    neck, shoulder = rng.uniform(-0.45, 0.0), rng.uniform(0.1, 0.3)
    profile = [(-1.0, 0.3), (-0.93, 0.38), (-0.9, 0.3), (neck, 0.34), (neck + shoulder, 1), (0.93, 1), (1, 0.85)]
    u, down, cover = _turned(s, t, length, [(at * length, share * width) for at, share in profile])
    tint = np.array([[0.12, 0.34, 0.14], [0.3, 0.45, 0.15], [0.36, 0.18, 0.06], [0.25, 0.12, 0.05], [0.62, 0.72, 0.7]])[
        rng.integers(0, 5)
    ] * rng.uniform(0.8, 1.2)
    # Thick walls: dark towards the edges, with one or two narrow and bright reflections.
    shade = 1.1 - 0.65 * abs(u) ** 4
    shine = rng.uniform(0.4, 0.9) * _bump(u - rng.uniform(-0.65, 0.65), rng.uniform(0.06, 0.13))
    shine += rng.uniform(0, 0.5) * _bump(u - rng.uniform(-0.8, 0.8), 0.05)
    colour = shade[..., None] * tint + (shine * (abs(down) < 0.92))[..., None]
    see_through = rng.uniform(0.1, 0.45) * (1 - abs(u) ** 3)
    return _labelled(
        rng,
        Layer(colour=colour, cover=cover * (1 - see_through)),
        band=(down > neck + shoulder + 0.1) & (down < rng.uniform(0.6, 0.85)) & (abs(u) < rng.uniform(0.7, 0.97)),
        cap=(down < -0.93) & (rng.random() < 0.6),
        shade=shade,
    )


def _plastic_bottle(rng: np.random.Generator, s: Plane, t: Plane) -> Layer:
    length, width = rng.uniform(0.34, 0.46), rng.uniform(0.1, 0.16)
    neck, shoulder = rng.uniform(-0.82, -0.7), rng.uniform(0.18, 0.42)
    profile = [(-1.0, 0.4), (-0.86, 0.4), (-0.85, 0.34), (neck, 0.36), (neck + shoulder, 1), (0.92, 0.97), (1, 0.75)]
    dented = s + rng.uniform(0, 0.02) * np.sin(t * rng.uniform(8, 20) + rng.uniform(0, 6))
    u, down, cover = _turned(dented, t, length, [(at * length, share * width) for at, share in profile])
    rings = np.sin(down * rng.uniform(16, 34)) * (down > neck + shoulder)
    clear = rng.random() < 0.7
    tint = rng.uniform(0.7, 0.92) * np.array([rng.uniform(0.8, 1), rng.uniform(0.92, 1), 1.0])
    if not clear:
        tint = rng.uniform(0.15, 0.95, 3)
    # Thin walls: pale, with wide and soft reflections that the rings of the wall break up.
    shade = 0.95 - 0.3 * abs(u) ** 3 + rings * rng.uniform(0.06, 0.18)
    shine = rng.uniform(0.15, 0.5) * _bump(u - rng.uniform(-0.6, 0.6), rng.uniform(0.12, 0.3)) * (1 + 0.6 * rings)
    colour = shade[..., None] * tint + shine[..., None]
    see_through = rng.uniform(0.25, 0.6) * (1 - abs(u) ** 4) * clear
    middle, half = rng.uniform(-0.1, 0.3), rng.uniform(0.12, 0.3)
    return _labelled(
        rng,
        Layer(colour=colour, cover=cover * (1 - see_through)),
        band=abs(down - middle) < half,
        cap=(down < -0.85) & (rng.random() < 0.85),
        shade=shade,
    )


def _turned(s: Plane, t: Plane, length: float, profile: list[tuple[float, float]]) -> tuple[Plane, Plane, Plane]:
    """A body of revolution: how far from its axis (-1 to 1), how far down (-1 to 1), and its cover."""
    at, half_widths = zip(*profile, strict=True)
    width = np.interp(t, at, half_widths)
    cover = _soft(np.minimum(width - abs(s), length - abs(t)))
    return (s / width).clip(-1, 1), t / length, cover


def _labelled(
    rng: np.random.Generator,
    layer: Layer,
    *,
    band: npt.NDArray[np.bool_],
    cap: npt.NDArray[np.bool_],
    shade: Plane,
) -> Layer:
    """The bottle with its cap, and in two of three cases its label."""
    colour, cover = layer.colour.copy(), layer.cover.copy()
    places = [cap, band & (rng.random() < 0.65)]
    for place in places:
        colour[place] = shade[place][:, None] * rng.uniform(0.1, 0.95, 3)
        cover[place] = (layer.cover[place] > 0) * 1.0
    return Layer(colour=colour, cover=cover)


def _soft(distance: Plane) -> Plane:
    """1 inside, 0 outside, and in between along the edge, a pixel wide."""
    return (distance * SIZE + 0.5).clip(0, 1)


def _bump(distance: Plane, width: float) -> Plane:
    return np.exp(-((distance / width) ** 2))


def _smooth(rng: np.random.Generator, points: int, strength: float) -> Plane:
    """A plane that varies slowly: random numbers on a coarse grid, and straight lines between them."""
    at = np.linspace(0, points - 1, SIZE)
    weights = (1 - abs(at[:, None] - np.arange(points))).clip(0)
    return np.asarray(weights @ (rng.standard_normal((points, points)) * strength) @ weights.T)


def _blurred(plane: Plane, radius: int) -> Plane:
    image = Image.fromarray(np.round(plane * 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.BoxBlur(radius))) / 255


_DRAWN: dict[str, Callable[[np.random.Generator, Plane, Plane], Layer]] = {
    "glass_bottle": _glass_bottle,
    "paper": _paper,
    "plastic_bottle": _plastic_bottle,
}

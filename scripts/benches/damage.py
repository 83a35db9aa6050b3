"""What happens to a label between the printer and a stranger's telephone, drawn onto a clean picture of it.

Every kind of damage takes a grey picture of a label (0 black, 255 white), the square that its code and the
white around it fill, and a generator of random numbers, and returns what a camera would see. The same seed
does the same to another design. How hard each kind hits is spread from "hardly" to "beyond repair", so that
a table of shares says where a design gives up, not that it works on a clean print.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]
_Plane: TypeAlias = NDArray[np.float32]

_TABLE_TOP = 95
"""The grey of what the label lies on."""


@dataclass(frozen=True)
class Print:
    """A clean picture of a label, and where its code is: left, top and side of the square in pixels, with
    the white around the code."""

    picture: Picture
    left: int
    top: int
    side: int


def _ground(height: int, width: int, rng: Generator) -> _Plane:
    """A cloth or a blanket: soft patches, never plain."""
    coarse = rng.normal(_TABLE_TOP, 22, (max(2, height // 40), max(2, width // 40))).astype(np.float32)
    plane: _Plane = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    return plane


def _seen_through(
    clean: Print, matrix: NDArray[np.float64], size: tuple[int, int], rng: Generator, softness: float = 0.45
) -> _Plane:
    """The label moved by `matrix` (label's pixels to camera's) onto a ground of `size` (width, height)."""
    width, height = size
    # What is made smaller is softened first, as a lens and a sensor do; else lines would drop out.
    shrink = max(1.0, 1 / max(math.sqrt(abs(np.linalg.det(matrix[:2, :2]))), 1e-6))
    soft = cv2.GaussianBlur(clean.picture, (0, 0), max(softness * shrink, 0.01))
    label = cv2.warpPerspective(soft, matrix, size, flags=cv2.INTER_LINEAR).astype(np.float32)
    cover = np.full(clean.picture.shape, 255, np.uint8)
    mask = cv2.warpPerspective(cover, matrix, size, flags=cv2.INTER_LINEAR).astype(np.float32) / 255
    plane: _Plane = label * mask + _ground(height, width, rng) * (1 - mask)
    return plane


def _held(
    clean: Print, rng: Generator, across: float, *, tilt: float = 0, turn: float | None = None
) -> _Plane:
    """A camera's picture in which the code is `across` pixels wide before tilting, turned a little, and
    tilted by `tilt` degrees about an axis of any direction."""
    turn = rng.uniform(-25, 25) if turn is None else turn
    scale = across / clean.side
    centre = np.array([clean.left + clean.side / 2, clean.top + clean.side / 2])
    height, width = int(across * 1.9), int(across * 1.9)
    matrix = _onto(centre, scale, math.radians(turn), math.radians(tilt), rng.uniform(0, 2 * math.pi), across)
    middle = np.array(
        [[1, 0, width / 2 + rng.uniform(-8, 8)], [0, 1, height / 2 + rng.uniform(-8, 8)], [0, 0, 1.0]]
    )
    return _seen_through(clean, middle @ matrix, (width, height), rng)


def _onto(
    centre: NDArray[np.float64], scale: float, turn: float, tilt: float, axis: float, across: float
) -> NDArray[np.float64]:
    """Label's pixels to camera's pixels about the middle, for a camera three code widths away."""
    away = 3 * across
    to_middle = np.array([[1, 0, -centre[0]], [0, 1, -centre[1]], [0, 0, 1.0]])
    sized = np.diag([scale, scale, 1.0])
    turned = np.array(
        [[math.cos(turn), -math.sin(turn), 0], [math.sin(turn), math.cos(turn), 0], [0, 0, 1.0]]
    )
    along = np.array([math.cos(axis), math.sin(axis)])
    cross = np.array([-along[1], along[0]])
    # Across the axis the plane leans away: shorter by the cosine, further off by the sine.
    lean = np.outer(along, along) + np.outer(cross, cross) * math.cos(tilt)
    depth = cross * math.sin(tilt) / away
    tilted = np.array([[lean[0, 0], lean[0, 1], 0], [lean[1, 0], lean[1, 1], 0], [depth[0], depth[1], 1.0]])
    whole: NDArray[np.float64] = tilted @ turned @ sized @ to_middle
    return whole


def _shot(plane: _Plane, rng: Generator, noise: float = 3, quality: int = 88) -> Picture:
    """What comes out of an ordinary camera: a little noise, and JPEG."""
    noisy = plane + rng.normal(0, noise, plane.shape).astype(np.float32)
    return _jpeg(np.clip(noisy, 0, 255).astype(np.uint8), quality)


def _jpeg(picture: Picture, quality: int) -> Picture:
    _, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)


def _usual_size(rng: Generator) -> float:
    """Across how many pixels the code stands in an ordinary frame, held at arm's length or nearer."""
    return float(rng.uniform(120, 260))


def tilt(clean: Print, rng: Generator) -> Picture:
    """Seen from the side, to 50 degrees, about any axis."""
    return _shot(_held(clean, rng, rng.uniform(60, 160), tilt=rng.uniform(20, 50)), rng)


def curl(clean: Print, rng: Generator) -> Picture:
    """Round a cylinder, upright or lying, as on a full bag: the code covers 50 to 150 degrees of it."""
    angle = math.radians(rng.uniform(40, 130))
    side, centre = clean.side, np.array([clean.left + clean.side / 2, clean.top + clean.side / 2])
    radius = side / angle
    reach = int(1.4 * side)
    rows, columns = np.mgrid[0:reach, 0:reach].astype(np.float32)
    across, down = columns - reach / 2, rows - reach / 2
    inside = np.abs(across) < radius * 0.995
    along = radius * np.arcsin(np.clip(across / radius, -0.995, 0.995))
    # The far sides of the cylinder are further from the camera, and look a little smaller.
    back = radius - np.sqrt(np.maximum(radius**2 - across**2, 0))
    stretch = 1 + back / (3 * side)
    lifted = down * stretch
    if rng.random() < 0.5:
        from_x, from_y = along + centre[0], lifted + centre[1]
    else:
        from_x, from_y = lifted + centre[0], along + centre[1]
    rolled = cv2.remap(
        clean.picture,
        from_x.astype(np.float32),
        from_y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=_TABLE_TOP,
    )
    shade = 0.45 + 0.55 * np.sqrt(np.maximum(1 - (across / radius) ** 2, 0))
    lit = np.where(inside, rolled * shade, _TABLE_TOP).astype(np.uint8)
    edge = (reach - side) // 2
    return _shot(_held(Print(lit, edge, edge, side), rng, _usual_size(rng)), rng)


def blur(clean: Print, rng: Generator) -> Picture:
    """Out of focus, or moved while the shutter was open."""
    across = _usual_size(rng)
    plane = _held(clean, rng, across)
    if rng.random() < 0.5:
        return _shot(cv2.GaussianBlur(plane, (0, 0), across * rng.uniform(0.003, 0.016)), rng)
    length = max(2, int(across * rng.uniform(0.01, 0.045)))
    path: _Plane = np.zeros((length, length), np.float32)
    path[length // 2, :] = 1
    turned = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), rng.uniform(0, 180), 1)
    path = cv2.warpAffine(path, turned, (length, length))
    return _shot(cv2.filter2D(plane, -1, path / max(path.sum(), 1e-6)), rng)


def noise(clean: Print, rng: Generator) -> Picture:
    """A small sensor at its most sensitive: grain of a pixel or more, and pixels that are stuck."""
    plane = _held(clean, rng, _usual_size(rng))
    grain = rng.normal(0, 1, plane.shape).astype(np.float32)
    if rng.random() < 0.5:  # what a camera's colour grid and its own softening make of it
        grain = cv2.GaussianBlur(grain, (0, 0), 0.7)
        grain /= grain.std()
    plane += rng.uniform(15, 70) * grain
    stuck = rng.random(plane.shape)
    share = rng.uniform(0, 0.03)
    plane[stuck < share / 2] = 0
    plane[stuck > 1 - share / 2] = 255
    return _shot(plane, rng)


def low_light(clean: Print, rng: Generator) -> Picture:
    """A corridor at night: few photons, a torch from one side, an amplifier that lifts its own noise too."""
    plane = _held(clean, rng, _usual_size(rng))
    height, width = plane.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    direction = rng.uniform(0, 2 * math.pi)
    ramp = (columns / width - 0.5) * math.cos(direction) + (rows / height - 0.5) * math.sin(direction)
    light = np.clip(1 + ramp * rng.uniform(0.4, 1.5), 0.12, None)
    photons = rng.uniform(4, 60)
    caught: _Plane = np.asarray(rng.poisson(np.clip(plane / 255 * light * photons, 0, None)), np.float32)
    caught += rng.normal(0, 0.9, plane.shape).astype(np.float32)
    level = rng.uniform(40, 170)
    return _jpeg(np.clip(caught / photons * level, 0, 255).astype(np.uint8), 80)


def glare(clean: Print, rng: Generator) -> Picture:
    """A lamp in the plastic window: a stripe across the code that is white, with a veil beside it."""
    across = _usual_size(rng)
    plane = _held(clean, rng, across)
    height, width = plane.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    direction = rng.uniform(0, math.pi)
    beside = (columns - width / 2) * math.cos(direction) + (rows - height / 2) * math.sin(direction)
    beside = np.abs(beside - rng.uniform(-0.35, 0.35) * across)
    half = across * rng.uniform(0.003, 0.045)
    burnt = np.clip(1.1 - (beside - half) / (0.25 * half + 1), 0, 1.2)
    veil = rng.uniform(0.1, 0.5) * np.exp(-((beside / (3 * half + 1)) ** 2))
    return _shot(np.minimum(plane * (1 - np.clip(veil, 0, 1)) + 255 * (veil + burnt), 255), rng)


def jpeg(clean: Print, rng: Generator) -> Picture:
    """Sent on by a messenger that squeezes pictures hard, and squeezed once more."""
    picture = _shot(_held(clean, rng, rng.uniform(70, 170)), rng, quality=int(rng.integers(8, 40)))
    return _jpeg(picture, int(rng.integers(3, 22)))


def low_resolution(clean: Print, rng: Generator) -> Picture:
    """From across the room, or by an old tablet: the code is 42 to 110 pixels wide."""
    picture = _shot(_held(clean, rng, rng.uniform(42, 110)), rng, quality=92)
    if rng.random() < 0.5:
        return picture
    bigger = rng.uniform(1.5, 3)
    return np.asarray(cv2.resize(picture, None, fx=bigger, fy=bigger, interpolation=cv2.INTER_CUBIC))


def torn_or_stained(clean: Print, rng: Generator) -> Picture:
    """5 to 20 % of the code is gone: an edge or a corner torn off, or tea, ink or worse spilt or splashed."""
    wanted = rng.uniform(0.05, 0.20) * clean.side**2
    torn = rng.random() < 0.25
    lost = _torn(clean, wanted, rng) if torn else _stained(clean, wanted, rng)
    dark = rng.uniform(30, 140)
    thick = 1.0 if torn else rng.uniform(0.6, 1.0)
    hurt = clean.picture * (1 - thick * lost) + dark * thick * lost
    damaged = Print(np.clip(hurt, 0, 255).astype(np.uint8), clean.left, clean.top, clean.side)
    return _shot(_held(damaged, rng, _usual_size(rng)), rng)


def _torn(clean: Print, wanted: float, rng: Generator) -> _Plane:
    """A ragged line beyond which the paper is missing, on whichever side, moved in until enough is lost."""
    height, width = clean.picture.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    direction = rng.uniform(0, 2 * math.pi)
    rag = _patches(clean, rng, 0.06) * 0.05 * clean.side
    depth = (columns - clean.left - clean.side / 2) * math.cos(direction)
    depth += (rows - clean.top - clean.side / 2) * math.sin(direction)
    depth += rag
    code = depth[clean.top : clean.top + clean.side, clean.left : clean.left + clean.side]
    edge = np.quantile(code, 1 - wanted / code.size)
    plane: _Plane = (depth > edge).astype(np.float32)
    return plane


def _stained(clean: Print, wanted: float, rng: Generator) -> _Plane:
    """One large blot to two dozen drops anywhere on the code, whose edges run."""
    height, width = clean.picture.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    wet = np.full((height, width), -9.0, np.float32)
    for _ in range(int(np.exp(rng.uniform(0, np.log(24))))):
        x = clean.left + clean.side * rng.uniform(0.02, 0.98)
        y = clean.top + clean.side * rng.uniform(0.02, 0.98)
        size = clean.side * np.exp(rng.uniform(np.log(0.3), np.log(1.5)))
        wet = np.maximum(wet, -np.hypot(columns - x, rows - y) / size)
    wet += _patches(clean, rng, 0.12) * 0.03
    code = wet[clean.top : clean.top + clean.side, clean.left : clean.left + clean.side]
    edge = np.quantile(code, 1 - wanted / code.size)
    plane: _Plane = cv2.GaussianBlur((wet > edge).astype(np.float32), (0, 0), 1.5).astype(np.float32)
    return plane


def _patches(clean: Print, rng: Generator, grain: float) -> _Plane:
    """Smooth random hills, -1 to 1 or so, `grain` code widths across."""
    height, width = clean.picture.shape
    step = max(2.0, grain * clean.side)
    coarse = rng.normal(0, 0.6, (int(height / step) + 2, int(width / step) + 2)).astype(np.float32)
    plane: _Plane = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    return plane


def faded(clean: Print, rng: Generator) -> Picture:
    """A thermal print that lay in the sun: pale in patches, with lines where the head's dots are dead."""
    ink = 1 - clean.picture.astype(np.float32) / 255
    left = rng.uniform(0.12, 0.6)
    ink *= np.clip(left + 0.35 * left * _patches(clean, rng, 0.35), 0.02, 1)
    for _ in range(int(rng.integers(0, 10))):
        at = int(clean.left + clean.side * rng.random())
        ink[:, at : at + int(rng.integers(1, max(2, clean.side // 90)))] = 0
    paper = rng.uniform(205, 250)
    aged = Print(
        np.clip(paper * (1 - 0.94 * ink), 0, 255).astype(np.uint8), clean.left, clean.top, clean.side
    )
    return _shot(_held(aged, rng, _usual_size(rng)), rng, noise=rng.uniform(2, 9))


KINDS: dict[str, Callable[[Print, Generator], Picture]] = {
    "tilt to 50 degrees": tilt,
    "curl round a cylinder": curl,
    "blur": blur,
    "noise": noise,
    "low light": low_light,
    "glare stripe": glare,
    "JPEG": jpeg,
    "low resolution": low_resolution,
    "5-20 % torn or stained": torn_or_stained,
    "faded thermal print": faded,
}

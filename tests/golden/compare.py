"""Golden pictures on disk and how far a drawn one may be from them.

Owns: the files, the tolerance, the conversion to RGB (the standard's equations, not the program's). Refuses: deciding that a change
is right; `python -m tests.golden.make NAME` writes what somebody has looked at.

A sample that is off by one in Cb shows as 2 in blue, so 3 in a channel is one sample in a plane; and only few pixels may differ at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from render.draw.evaluate import Evaluator
from render.graph.build import build
from render.graph.node import Frame, Layer, Mix
from render.graph.request import Request
from render.picture import Planes
from tests.golden.cases import CASES, HEIGHT, WIDTH, Case
from tests.render.draw.pictures import fonts
from tests.render.films import FRAME, rgb_of

FOLDER = Path(__file__).parent / "pictures"
MOST_OFF = 3
MOST_PIXELS = 0.01


def node_of(case: Case) -> Frame:
    return build(case.view, case.number * FRAME, Request(WIDTH, HEIGHT))


def draw(node: Frame, case: Case) -> Any:
    """RGB bytes (height, width, 3) of a node."""
    return rgb_bytes(Evaluator(case.patterns, fonts=fonts()).evaluate(node))


def rgb_bytes(picture: Planes) -> Any:
    blue, red = (np.kron(plane, np.ones((2, 2), plane.dtype)) for plane in (picture.u, picture.v))
    return np.clip(np.rint(rgb_of(picture.y, blue, red)), 0, 255).astype(np.uint8)


def read(name: str) -> Any:
    pixels = cv2.imread(str(FOLDER / f"{name}.png"), cv2.IMREAD_COLOR)
    assert pixels is not None, f"there is no golden picture {name}; draw it with python -m tests.golden.make {name} and look at it"
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


def write(name: str, pixels: Any) -> None:
    FOLDER.mkdir(exist_ok=True)
    cv2.imwrite(str(FOLDER / f"{name}.png"), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 9])


def difference(one: Any, other: Any) -> str:
    """What is wrong, in words; empty where the pictures count as equal."""
    if one.shape != other.shape:
        return f"sizes differ: {one.shape} and {other.shape}"
    off = np.abs(one.astype(int) - other.astype(int)).max(axis=2)
    share = float((off > 0).mean())
    if off.max() > MOST_OFF:
        row, column = np.unravel_index(int(off.argmax()), off.shape)
        return f"off by {off.max()} at row {row}, column {column}; {share:.2%} of pixels differ"
    return f"{share:.2%} of pixels differ" if share > MOST_PIXELS else ""


def planted(node: Frame) -> dict[str, Frame]:
    """The same picture with one small fault each: moved by a pixel, fainter by a fiftieth."""
    return {"moved": _each(node, _moved), "fainter": _each(node, _fainter)}


def _each(node: Frame, change: Any) -> Frame:
    last = node.layers[-1]
    return Frame(node.width, node.height, node.format, (*node.layers[:-1], change(last)))


def _moved(layer: Layer | Mix) -> Layer | Mix:
    assert isinstance(layer, Layer)
    place = type(layer.place)(**{**{name: getattr(layer.place, name) for name in layer.place.__struct_fields__}, "x": layer.place.x + 1})
    return Layer(layer.content, place, layer.opacity, layer.blend_mode)


def _fainter(layer: Layer | Mix) -> Layer | Mix:
    assert isinstance(layer, Layer)
    return Layer(layer.content, layer.place, layer.opacity * 0.98, layer.blend_mode)


__all__ = ["CASES", "difference", "draw", "node_of", "planted", "read", "write"]

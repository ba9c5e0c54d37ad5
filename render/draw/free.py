"""Pictures at free places: turned, at fractions of a pixel, or across the chroma grid.

Owns: resampling planes through an affine map with the format's chroma siting, and soft edges. Refuses: scaling by more than a
few pixels; the picture pool has already made the picture as large as it will be.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from render.cache.budget import ByteBudget
from render.draw.buffers import Buffers
from render.draw.layer import AlphaLayer, Rect, left_margin, to_chroma, to_integers
from render.draw.strokes import Opaque, Stroke, under
from render.draw.window import seen_of
from render.graph.node import Place
from render.picture import PictureFormat, Plane, Planes

Box = tuple[float, float, float, float]
"""Left, top, width and height in output pixels, before rotation."""


@dataclass(slots=True, frozen=True)
class Edge:
    """Where a placed box is seen: the rectangle, and its alpha at luma and chroma size; None where it covers `rect` whole."""

    rect: Rect
    luma: Plane | None
    chroma: Plane | None


EdgeCache = ByteBudget[tuple[Box, float, float, float, int, int, PictureFormat], Edge]


def edge_of(box: Box, place: Place, frame: tuple[int, int], fmt: PictureFormat, cache: EdgeCache) -> Edge | None:
    """The visible part of a box turned about `place`'s point, with soft edges; None when it misses the frame."""
    key = (box, place.x, place.y, place.rotation, *frame, fmt)
    known = cache.get(key)
    if known is not None:
        return known
    quad = [_turned(x, y, place) for x, y in _corners(box)]
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    bounds = Rect(math.floor(min(xs)), math.floor(min(ys)), math.ceil(max(xs)), math.ceil(max(ys))).within(*frame)
    if bounds.is_empty:
        return None
    grown = bounds.on_grid(fmt)
    rect = grown.within(*frame)
    alpha = _coverage(box, place, frame, grown, fmt)
    edge = Edge(rect, None, None)
    if alpha.min() < fmt.opaque:
        margin = left_margin(fmt)
        luma = to_integers(alpha[: rect.height, margin : margin + rect.width], fmt)
        edge = Edge(rect, luma, to_integers(to_chroma(alpha, fmt), fmt))
    cache.put(key, edge, 256 if edge.luma is None or edge.chroma is None else edge.luma.nbytes + edge.chroma.nbytes)
    return edge


def place_freely(picture: Planes, box: Box, place: Place, edge: Edge, buffers: Buffers) -> Stroke:
    """Planes that fill `box` (part of the placed picture, before rotation), resampled to where `edge` shows them."""
    fmt = picture.format
    back = _frame_to_picture(box, place, picture.width, picture.height)
    luma, chroma = _luma_map(back, edge.rect), _chroma_map(back, edge.rect, fmt)
    height, width = edge.rect.height, edge.rect.width
    chroma_width, chroma_height = fmt.planes.chroma_size(width, height)
    if picture.alpha is None:
        moved = Planes(
            _warp(picture.y, luma, width, height, buffers),
            _warp(picture.u, chroma, chroma_width, chroma_height, buffers),
            _warp(picture.v, chroma, chroma_width, chroma_height, buffers),
            fmt,
        )
        if edge.luma is None or edge.chroma is None:
            return Opaque(moved, edge.rect.left, edge.rect.top)
        return under(moved, edge.luma, edge.chroma, edge.rect)
    return _with_alpha(picture, picture.alpha, luma, chroma, edge, buffers)


def _with_alpha(
    picture: Planes, alpha: Plane, luma: NDArray[np.float64], chroma: NDArray[np.float64], edge: Edge, buffers: Buffers
) -> AlphaLayer:
    # Colours are multiplied by alpha before they are mixed with their neighbours, or hidden colours would bleed.
    fmt = picture.format
    share = 1.0 / fmt.opaque
    height, width = edge.rect.height, edge.rect.width
    chroma_width, chroma_height = fmt.planes.chroma_size(width, height)
    small = cv2.resize(np.ascontiguousarray(alpha), picture.u.shape[::-1], interpolation=cv2.INTER_AREA)
    rows = [(cv2.multiply(picture.y, alpha, scale=share), luma), (alpha, luma)]
    rows += [(cv2.multiply(plane, small, scale=share), chroma) for plane in (picture.u, picture.v)] + [(small, chroma)]
    sizes = [(width, height)] * 2 + [(chroma_width, chroma_height)] * 3
    y, a, u, v, c = (_warp(plane, back, *size, buffers) for (plane, back), size in zip(rows, sizes, strict=True))
    if edge.luma is not None and edge.chroma is not None:
        y, a = (cv2.multiply(plane, edge.luma, scale=share) for plane in (y, a))
        u, v, c = (cv2.multiply(plane, edge.chroma, scale=share) for plane in (u, v, c))
    return AlphaLayer(edge.rect, y, u, v, a, c, fmt)


def _warp(plane: Plane, back: NDArray[np.float64], width: int, height: int, buffers: Buffers) -> Plane:
    target = buffers.take((height, width), plane.dtype)
    cv2.warpAffine(
        plane, back, (width, height), dst=target, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return target


def _coverage(box: Box, place: Place, frame: tuple[int, int], rect: Rect, fmt: PictureFormat) -> NDArray[np.float32]:
    """How much of each pixel of `rect`, widened to the left by the chroma filter's margin, the turned box covers, in alpha
    samples: a picture of the box in a transparent border, resampled like the planes."""
    left, top, right, bottom = seen_of(box, place, frame)
    # Edges that the frame does not show may as well be near: the picture of the box stays small.
    left, top = max(box[0], left - 4), max(box[1], top - 4)
    right, bottom = min(box[0] + box[2], right + 4), min(box[1] + box[3], bottom + 4)
    width, height = right - left, bottom - top
    # What is thinner than a pixel covers a part of one.
    share = min(1.0, width) * min(1.0, height)
    left, top = left - max(0.0, 1.0 - width) / 2, top - max(0.0, 1.0 - height) / 2
    width, height = max(1.0, width), max(1.0, height)
    columns, rows = round(width), round(height)
    whole = np.zeros((rows + 2, columns + 2), np.float32)
    whole[1:-1, 1:-1] = share * fmt.opaque
    back = _frame_to_picture((left, top, width, height), place, columns, rows)
    margin = left_margin(fmt)
    wider = Rect(rect.left - margin, rect.top, rect.right, rect.bottom)
    index = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.0, 0.0, 1.0]]) @ np.vstack([_luma_map(back, wider), [0.0, 0.0, 1.0]])
    return cv2.warpAffine(
        whole, index[:2], (wider.width, wider.height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_CONSTANT
    )


def _corners(box: Box) -> list[tuple[float, float]]:
    left, top, width, height = box
    return [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]


def _turned(x: float, y: float, place: Place) -> tuple[float, float]:
    turn = math.radians(place.rotation)
    across, down = x - place.x, y - place.y
    return (
        place.x + across * math.cos(turn) - down * math.sin(turn),
        place.y + across * math.sin(turn) + down * math.cos(turn),
    )


def _frame_to_picture(box: Box, place: Place, width: int, height: int) -> NDArray[np.float64]:
    """3×3 map of continuous frame coordinates to continuous coordinates of the picture (0 to width, 0 to height)."""
    turn = math.radians(place.rotation)
    cos, sin = math.cos(turn), math.sin(turn)
    to_pivot = np.array([[1.0, 0.0, -place.x], [0.0, 1.0, -place.y], [0.0, 0.0, 1.0]])
    unturn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    across, down = width / box[2], height / box[3]
    to_box = np.array([[across, 0.0, (place.x - box[0]) * across], [0.0, down, (place.y - box[1]) * down], [0.0, 0.0, 1.0]])
    return to_box @ unturn @ to_pivot


def _luma_map(back: NDArray[np.float64], rect: Rect) -> NDArray[np.float64]:
    # Sample i of a row has its middle at i + 1/2.
    grid = np.array([[1.0, 0.0, rect.left + 0.5], [0.0, 1.0, rect.top + 0.5], [0.0, 0.0, 1.0]])
    index = np.array([[1.0, 0.0, -0.5], [0.0, 1.0, -0.5], [0.0, 0.0, 1.0]])
    return (index @ back @ grid)[:2]


def _chroma_map(back: NDArray[np.float64], rect: Rect, fmt: PictureFormat) -> NDArray[np.float64]:
    # Chroma sample i lies over luma column i·2 (its middle, + 1/2) and between luma rows i·2 and i·2 + 1.
    across, down = 1 << fmt.planes.chroma_w, 1 << fmt.planes.chroma_h
    middle = down / 2
    grid = np.array([[across, 0.0, rect.left + 0.5], [0.0, down, rect.top + middle], [0.0, 0.0, 1.0]])
    index = np.array([[1 / across, 0.0, -0.5 / across], [0.0, 1 / down, -middle / down], [0.0, 0.0, 1.0]])
    return (index @ back @ grid)[:2]

"""How much of a picture has to be decoded and scaled for what is seen of it.

Owns: the size asked of the picture pool, and cutting enlarged pictures down to their visible part. Refuses: decoding.

Without it a clip enlarged a thousandfold would be scaled to a million pixels across, of which the frame shows a thousand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from editor_core.schema import Crop
from render.graph.node import Place, Source

_WORTHWHILE = 1.5
"""A picture is cut to its visible part when it has this many times as many pixels as that and as the frame."""
_MOST = 2
"""Longest edge of a cut picture, in longer edges of the frame."""
_LONGEST = 32000
"""OpenCV resamples pictures of at most 32767 pixels across."""
_EDGE = 2
"""Pixels kept around the visible part, of the source or of the frame, whichever are larger: for the scaler's taps, soft edges, and the
chroma samples beyond the edge that those at it are mixed with."""


@dataclass(slots=True, frozen=True)
class Window:
    """`crop` of the source, scaled to `width` × `height` pixels, fills `box` (left, top, width, height, before rotation)."""

    crop: Crop
    width: int
    height: int
    box: tuple[float, float, float, float]


def window_of(source: Source, place: Place, frame: tuple[int, int]) -> Window | None:
    """The part of a source to ask for, or None when the frame shows nothing of it."""
    box = place.box
    if box[2] <= 0 or box[3] <= 0:
        return None
    seen = seen_of(box, place, frame)
    if seen[2] <= seen[0] or seen[3] <= seen[1]:
        return None
    area = box[2] * box[3]
    visible = (seen[2] - seen[0]) * (seen[3] - seen[1])
    too_long = max(box[2], box[3]) > _MOST * max(frame)
    if too_long or (area > _WORTHWHILE * visible and area > _WORTHWHILE * frame[0] * frame[1]):
        return _cut(source, place, seen, frame)
    return Window(place.crop, max(1, round(box[2])), max(1, round(box[3])), box)


def seen_of(box: tuple[float, float, float, float], place: Place, frame: tuple[int, int]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the smallest part of the box, before rotation, that holds all of it that the frame shows."""
    turn = math.radians(-place.rotation)
    cos, sin = (1.0, 0.0) if not place.rotation % 360.0 else (math.cos(turn), math.sin(turn))
    corners = [(0.0, 0.0), (frame[0], 0.0), (frame[0], frame[1]), (0.0, frame[1])]
    xs = [place.x + (x - place.x) * cos - (y - place.y) * sin for x, y in corners]
    ys = [place.y + (x - place.x) * sin + (y - place.y) * cos for x, y in corners]
    left, top, width, height = box
    return max(left, min(xs)), max(top, min(ys)), min(left + width, max(xs)), min(top + height, max(ys))


def _cut(source: Source, place: Place, seen: tuple[float, float, float, float], frame: tuple[int, int]) -> Window:
    # In source pixels: where the picture lies, what the clip's crop leaves, what is seen.
    across, down = place.width / source.width, place.height / source.height
    origin_x, origin_y = place.x - place.anchor_x * place.width, place.y - place.anchor_y * place.height
    turned = bool(place.rotation % 360.0)
    left, right = _even((seen[0] - origin_x) / across, (seen[2] - origin_x) / across, place.crop.left, place.crop.right, source.width,
                        across, turned)
    top, bottom = _even((seen[1] - origin_y) / down, (seen[3] - origin_y) / down, place.crop.top, place.crop.bottom, source.height,
                        down, turned)
    box = (origin_x + left * across, origin_y + top * down, (right - left) * across, (bottom - top) * down)
    crop = Crop(left / source.width, top / source.height, (source.width - right) / source.width, (source.height - bottom) / source.height)
    # A few pixels enlarged hundreds of times are scaled in part here and for the rest where they are placed.
    most = min(_MOST * max(frame), _LONGEST)
    return Window(crop, min(most, max(1, round(box[2]))), min(most, max(1, round(box[3]))), box)


def _even(first: float, last: float, before: float, after: float, length: int, scale: float, turned: bool) -> tuple[int, int]:
    """Whole even source pixels around a stretch, within what the clip's own crop leaves; no more than it where they end with it, unless
    the picture is turned."""
    least, most = round(before * length), length - round(after * length)
    whole_first, whole_last = round(first / 2) * 2, round(last / 2) * 2
    if turned or abs(first - whole_first) > 1e-6 or abs(last - whole_last) > 1e-6:
        edge = math.ceil(_EDGE / max(min(1.0, scale), _EDGE / length))
        whole_first = (math.floor(first) - edge) // 2 * 2
        whole_last = -(-(math.ceil(last) + edge) // 2) * 2
    start = min(max(least, whole_first), most - 1)
    return start, max(start + 1, min(most, whole_last))

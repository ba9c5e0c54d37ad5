"""Where a clip's picture lies in the frame, and what dragging a handle makes of it.

Owns: the geometry of position, anchor, scale, rotation and crop in project pixels. Refuses: widgets, and pixels of pictures.

A point (u, v) of the clip's own picture, as fractions, lies at position + R(rotation) · S(scale) · ((u, v) - anchor) · size, where
`size` is the picture's size at scale 1 and R turns clockwise (y points down).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from editor_core.schema import Clip, Crop, MediaReference, Point, Scale, Timeline

Vec = tuple[float, float]
CORNERS: tuple[Vec, ...] = ((0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0), (0.0, 1.0), (0.0, 0.5))
"""Handles as fractions of the visible part, clockwise from the top left; odd ones are edges."""
_LEAST = 0.001
_MOST = 1000.0
_LEFT = 0.01


@dataclass(frozen=True)
class Placement:
    """A picture in the frame: `x`, `y` is the anchor's place in project pixels, `width` and `height` the size at scale 1."""

    x: float
    y: float
    width: float
    height: float
    anchor: Vec = (0.5, 0.5)
    scale: Vec = (1.0, 1.0)
    rotation: float = 0.0
    crop: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    def at(self, u: float, v: float) -> Vec:
        """The project pixel of a point of the whole picture."""
        dx = (u - self.anchor[0]) * self.width * self.scale[0]
        dy = (v - self.anchor[1]) * self.height * self.scale[1]
        turn = math.radians(self.rotation)
        return (self.x + dx * math.cos(turn) - dy * math.sin(turn), self.y + dx * math.sin(turn) + dy * math.cos(turn))

    def visible(self, u: float, v: float) -> Vec:
        """A point of what the crop leaves, as a point of the whole picture."""
        left, top, right, bottom = self.crop
        return left + u * (1 - left - right), top + v * (1 - top - bottom)

    def handle(self, number: int) -> Vec:
        """The project pixel of a handle of `CORNERS`."""
        return self.at(*self.visible(*CORNERS[number]))

    def outline(self) -> list[Vec]:
        """The four corners of the visible part, clockwise from the top left."""
        return [self.handle(n) for n in (0, 2, 4, 6)]

    def middle(self) -> Vec:
        return self.at(*self.visible(0.5, 0.5))

    def contains(self, x: float, y: float) -> bool:
        """Whether a project pixel lies on the visible part."""
        corners = self.outline()
        sides = [(bx - ax) * (y - ay) - (by - ay) * (x - ax)
                 for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True)]
        return all(s >= 0 for s in sides) or all(s <= 0 for s in sides)

    # ---- dragging -----------------------------------------------------------------------------------------------

    def moved(self, dx: float, dy: float) -> Placement:
        return replace(self, x=self.x + dx, y=self.y + dy)

    def stretched(self, number: int, x: float, y: float, *, free: bool, centred: bool) -> Placement:
        """With a handle dragged to a project pixel. The opposite handle stays, or with `centred` the anchor.

        Corners keep the shape unless `free`; edges change one side only. Sides do not turn over: the least scale is 0.001.
        """
        cu, cv = self.visible(*CORNERS[number])
        ou, ov = self.anchor if centred else self.visible(*CORNERS[(number + 4) % 8])
        ox, oy = self.at(ou, ov)
        along, across = self._turned_back(x - ox, y - oy)
        wide, high = (cu - ou) * self.width, (cv - ov) * self.height
        sx, sy = self.scale
        if number % 2:
            if abs(wide) > 1e-6 and CORNERS[number][0] != 0.5:
                sx = along / wide
            elif abs(high) > 1e-6:
                sy = across / high
        elif free:
            sx = along / wide if abs(wide) > 1e-6 else sx
            sy = across / high if abs(high) > 1e-6 else sy
        else:
            was = (wide * sx, high * sy)
            square = was[0] ** 2 + was[1] ** 2
            factor = (along * was[0] + across * was[1]) / square if square > 1e-9 else 1.0
            factor = max(factor, _LEAST / min(sx, sy))
            sx, sy = sx * factor, sy * factor
        made = replace(self, scale=(_bounded(sx), _bounded(sy)))
        now = made.at(ou, ov)
        return made.moved(ox - now[0], oy - now[1])

    def cropped(self, number: int, x: float, y: float) -> Placement:
        """With the sides of a handle cut back (or given again) to a project pixel; what else is seen stays where it is. A hundredth of
        the picture is always left."""
        along, across = self._turned_back(x - self.x, y - self.y)
        u = self.anchor[0] + along / (self.width * self.scale[0])
        v = self.anchor[1] + across / (self.height * self.scale[1])
        left, top, right, bottom = self.crop
        side, level = CORNERS[number]
        if side == 0:
            left = min(max(0.0, u), 1 - right - _LEFT)
        elif side == 1:
            right = min(max(0.0, 1 - u), 1 - left - _LEFT)
        if level == 0:
            top = min(max(0.0, v), 1 - bottom - _LEFT)
        elif level == 1:
            bottom = min(max(0.0, 1 - v), 1 - top - _LEFT)
        return replace(self, crop=(left, top, right, bottom))

    def turned(self, x: float, y: float, from_x: float, from_y: float, *, steps: bool) -> Placement:
        """Turned around the anchor as a drag from one project pixel to another says; `steps` holds it to 15 degrees."""
        angle = math.degrees(math.atan2(y - self.y, x - self.x) - math.atan2(from_y - self.y, from_x - self.x))
        rotation = self.rotation + (angle + 180) % 360 - 180
        rotation = round(rotation / 15) * 15 if steps else round(rotation, 1)
        return replace(self, rotation=float(rotation))

    def properties(self, before: Placement) -> dict[str, object]:
        """The clip properties in which this differs from `before`, as `clip.set` takes them, rounded to what matters."""
        found: dict[str, object] = {}
        if (self.x, self.y) != (before.x, before.y):
            found["position"] = [round(self.x, 2), round(self.y, 2)]
        if self.scale != before.scale:
            found["scale"] = [round(self.scale[0], 5), round(self.scale[1], 5)]
        if self.rotation != before.rotation:
            found["rotation"] = round(self.rotation, 2)
        if self.crop != before.crop:
            found["crop"] = dict(zip(("left", "top", "right", "bottom"), (round(share, 4) for share in self.crop), strict=True))
        return found

    def _turned_back(self, dx: float, dy: float) -> Vec:
        turn = math.radians(-self.rotation)
        return dx * math.cos(turn) - dy * math.sin(turn), dx * math.sin(turn) + dy * math.cos(turn)


def _bounded(scale: float) -> float:
    return min(_MOST, max(_LEAST, scale))


def fitted(width: float, height: float, timeline: Timeline) -> Vec:
    """Size at scale 1: fitted inside the frame, shape kept."""
    fit = min(timeline.width / max(1.0, width), timeline.height / max(1.0, height))
    return width * fit, height * fit


def placement_of(clip: Clip, asset: MediaReference | None, timeline: Timeline, text_size: Vec = (0.0, 0.0)) -> Placement | None:
    """Where a picture clip lies. `text_size` is the size of a title's words at scale 1. None for what has no picture."""
    if clip.kind == "video":
        if asset is None or asset.video is None:
            return None
        width, height = fitted(*asset.video.shown_size, timeline)
    elif clip.kind == "solid":
        width, height = float(timeline.width), float(timeline.height)
    elif clip.kind == "title":
        width, height = text_size
    else:
        return None
    where = clip.position or Point(timeline.width / 2, timeline.height / 2)
    crop: Crop = clip.crop
    scale: Scale = clip.scale
    return Placement(where.x, where.y, max(1.0, width), max(1.0, height), (clip.anchor.x, clip.anchor.y), (scale.x, scale.y),
                     clip.rotation, (crop.left, crop.top, crop.right, crop.bottom))


def snapped(placement: Placement, timeline: Timeline, reach: float) -> tuple[Placement, tuple[float | None, float | None]]:
    """Moved so that its middle or an edge falls on the frame's middle or edge, where one is within `reach` project pixels.

    Also gives the x and the y of the guides.
    """
    corners = placement.outline()
    middle = placement.middle()
    moves: list[tuple[float, float | None]] = []
    for axis, size in ((0, timeline.width), (1, timeline.height)):
        values = [middle[axis], min(c[axis] for c in corners), max(c[axis] for c in corners)]
        best = min(((target - value, target) for value, targets in zip(values, ((size / 2,), (0.0, size), (0.0, size)), strict=True)
                    for target in targets), key=lambda pair: abs(pair[0]))
        moves.append(best if abs(best[0]) <= reach else (0.0, None))
    return placement.moved(moves[0][0], moves[1][0]), (moves[0][1], moves[1][1])

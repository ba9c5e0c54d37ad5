"""The frame being composed, on planes.

Owns: copying, blending and filling rectangles of Y, Cb and Cr, and when a copy is needed at all. Refuses: knowing what is drawn.

A canvas begins empty (black). A picture that covers it whole is taken as it is, without a copy; the first stroke on top of
borrowed planes goes to planes of the canvas's own.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from render.draw.buffers import Buffers
from render.draw.layer import AlphaLayer, Rect
from render.picture import PictureFormat, Plane, Planes


class Canvas:
    """A width × height frame of a format. `touched` is the rectangle drawn on since it was made or forked, or None."""

    def __init__(self, width: int, height: int, fmt: PictureFormat, buffers: Buffers) -> None:
        self.width = width
        self.height = height
        self.format = fmt
        self.touched: Rect | None = None
        self._buffers = buffers
        self._planes: Planes | None = None
        self._owned = False

    @property
    def frame(self) -> Rect:
        return Rect(0, 0, self.width, self.height)

    def fork(self) -> Canvas:
        """Another canvas that shows the same so far; neither sees what is drawn on the other afterwards."""
        twin = Canvas(self.width, self.height, self.format, self._buffers)
        twin._planes = self._planes
        self._owned = False
        return twin

    def finish(self) -> Planes:
        """The picture. The canvas must not be drawn on afterwards."""
        return self._own() if self._planes is None else self._planes

    def backdrop(self) -> Planes:
        """What has been drawn so far; read it, do not write it."""
        return self._own() if self._planes is None else self._planes

    def place(self, picture: Planes, left: int, top: int, opacity: float = 1.0) -> None:
        """Lays opaque planes at a place on the chroma grid, cut to the frame, at an opacity of 0 to 1."""
        whole = Rect(left, top, left + picture.width, top + picture.height)
        rect = whole.within(self.width, self.height)
        if rect.is_empty:
            return
        self._touch(rect)
        part = picture
        if rect != whole:
            part = _cut(picture, Rect(rect.left - left, rect.top - top, rect.right - left, rect.bottom - top))
        if opacity >= 1.0 and rect == self.frame:
            self._planes, self._owned = part, False
        elif rect == self.frame and self._planes is not None:
            self._replace(part, opacity, self._planes)
        else:
            for source, target in self._pairs(part, rect):
                if opacity >= 1.0:
                    np.copyto(target, source)
                else:
                    cv2.addWeighted(source, opacity, target, 1.0 - opacity, 0.0, dst=target)

    def fill(self, samples: tuple[int, int, int], rect: Rect, opacity: float = 1.0) -> None:
        """One colour over a rectangle on the chroma grid, cut to the frame."""
        inside = rect.within(self.width, self.height)
        if inside.is_empty:
            return
        self._touch(inside)
        own = self._fresh() if opacity >= 1.0 and inside == self.frame else self._own()
        for sample, plane, part in zip(samples, (own.y, own.u, own.v), self._parts(inside), strict=True):
            target = plane[part]
            if opacity >= 1.0:
                target[...] = sample
            else:
                cv2.addWeighted(target, 1.0 - opacity, target, 0.0, sample * opacity, dst=target)

    def lay(self, layer: AlphaLayer, opacity: float = 1.0) -> None:
        """Blends a layer by its alpha times an opacity of 0 to 1."""
        if opacity <= 0.0:
            return
        self._touch(layer.rect)
        own = self._own()
        opaque = self.format.opaque
        rows = ((layer.y, layer.luma_alpha), (layer.u, layer.chroma_alpha), (layer.v, layer.chroma_alpha))
        for (samples, alpha), plane, part in zip(rows, (own.y, own.u, own.v), self._parts(layer.rect), strict=True):
            target = plane[part]
            hidden = self._buffers.take(target.shape, target.dtype)
            cv2.multiply(target, alpha, dst=hidden, scale=opacity / opaque)
            cv2.subtract(target, hidden, dst=target)
            if opacity >= 1.0:
                cv2.add(target, samples, dst=target)
            else:
                cv2.addWeighted(target, 1.0, samples, opacity, 0.0, dst=target)

    def dissolve(self, first: Canvas, second: Canvas, progress: float) -> None:
        """Becomes `first` × (1 - progress) + `second` × progress, where both are forks of this canvas."""
        touched = Rect(0, 0, 0, 0).union(first.touched).union(second.touched)
        if touched.is_empty:
            return
        touched = touched.on_grid(self.format).within(self.width, self.height)
        self._touch(touched)
        before, after = first.backdrop(), second.backdrop()
        if touched == self.frame:
            self._planes = before
            self._replace(after, progress, before)
            return
        own = self._own()
        for plane, one, two, part in zip(_three(own), _three(before), _three(after), self._parts(touched), strict=True):
            target = plane[part]
            cv2.addWeighted(two[part], progress, one[part], 1.0 - progress, 0.0, dst=target)

    def _touch(self, rect: Rect) -> None:
        self.touched = rect.union(self.touched)

    def _replace(self, over: Planes, opacity: float, under: Planes) -> None:
        # The whole frame is written, so the result goes straight to fresh planes (or in place when they are ours).
        target = under if self._owned else self._fresh()
        for plane, one, two in zip(_three(target), _three(over), _three(under), strict=True):
            cv2.addWeighted(one, opacity, two, 1.0 - opacity, 0.0, dst=plane)
        self._planes, self._owned = target, True

    def _fresh(self) -> Planes:
        if not (self._owned and self._planes is not None):
            self._planes, self._owned = self._buffers.planes(self.format, self.width, self.height), True
        return self._planes

    def _own(self) -> Planes:
        if self._owned and self._planes is not None:
            return self._planes
        borrowed = self._planes
        own = self._buffers.planes(self.format, self.width, self.height)
        if borrowed is None:
            for plane, sample in zip(_three(own), self.format.black, strict=True):
                plane[...] = sample
        else:
            for plane, source in zip(_three(own), _three(borrowed), strict=True):
                np.copyto(plane, source)
        self._planes, self._owned = own, True
        return own

    def _parts(self, rect: Rect) -> tuple[tuple[slice, slice], ...]:
        chroma = rect.chroma(self.format)
        return rect.luma(), chroma, chroma

    def _pairs(self, part: Planes, rect: Rect) -> list[tuple[Plane, Plane]]:
        own = self._own()
        return [(source, plane[index]) for source, plane, index in zip(_three(part), _three(own), self._parts(rect), strict=True)]


def _three(planes: Planes) -> tuple[Plane, Plane, Plane]:
    return planes.y, planes.u, planes.v


def _cut(picture: Planes, rect: Rect) -> Planes:
    chroma = rect.chroma(picture.format)
    alpha = None if picture.alpha is None else picture.alpha[rect.luma()]
    return replace(
        picture, y=picture.y[rect.luma()], u=picture.u[chroma], v=picture.v[chroma], alpha=alpha, native=None
    )

"""Between decoded frames, planes and RGBA, with the right matrix, range and siting on both sides.

Owns: scaling, cropping, rotating and pixel-format conversion by swscale with its accurate flags; planes as views on
libav's frames. Refuses: guessing that a conversion is needed when it is not: equal planes are handed over as they are.

swscale runs with accurate rounding and full chroma interpolation: its default 4:2:0 to RGB errs by 3 of 255.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from numpy.typing import NDArray

from render.media.colour import SWS_MATRIX, SourceColour, source_colour
from render.picture import PictureFormat, Plane, PlaneFormat, Planes

ACCURATE = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}

Box = tuple[int, int, int, int]
"""left, top, width and height in pixels."""


class Converter:
    """Turns frames of one use into planes of what is asked. Keeps its swscale contexts between frames; not for two threads."""

    def __init__(self, threads: int = 1) -> None:
        """`threads` are swscale's own; 1 where several films are decoded at once, 0 for as many as there are cores."""
        self._threads = threads
        self._scalers: dict[tuple[Any, ...], VideoReformatter] = {}

    def planes(self, frame: Any, width: int, height: int, fmt: PictureFormat, *, rotation: int = 0, box: Box | None = None) -> Planes:
        """The upright picture, or the part of it inside `box`, scaled to `width` × `height` in `fmt`.

        `rotation` is degrees clockwise that make it upright; `box` is in upright source pixels. Frames that already are
        what is asked come back as views with `native` set, without a copy.
        """
        colour = source_colour(frame)
        target = fmt.planes.alpha_name if has_alpha(frame) else fmt.planes.name
        if rotation:
            frame = self._turned(frame, colour, rotation)
        if box is not None and box != (0, 0, frame.width, frame.height):
            frame = self._cut(frame, colour, box)
        if (frame.width, frame.height) == (width, height) and _same(frame, colour, target, fmt):
            return view(frame, fmt)
        return view(self._scaled(frame, colour, width, height, target, fmt), fmt)

    def rgba(self, frame: Any, width: int, height: int, *, rotation: int = 0) -> NDArray[np.uint8]:
        """The upright picture as uint8 (height, width, 4) RGBA with straight alpha, in memory of its own."""
        colour = source_colour(frame)
        if rotation:
            frame = self._turned(frame, colour, rotation)
        out = self._reformat(frame, colour, width, height, "rgba", 0, ColorRange.JPEG.value)
        return view_packed(out, 4).copy()

    def _scaled(self, frame: Any, colour: SourceColour, width: int, height: int, target: str, fmt: PictureFormat) -> Any:
        full = ColorRange.JPEG if fmt.full_range else ColorRange.MPEG
        return self._reformat(frame, colour, width, height, target, SWS_MATRIX[fmt.matrix], full.value)

    def _reformat(self, frame: Any, colour: SourceColour, width: int, height: int, target: str, matrix: int, full: int) -> Any:
        key = (frame.width, frame.height, frame.format.name, width, height, target, colour, matrix, full)
        scaler = self._scalers.get(key)
        if scaler is None:
            if len(self._scalers) >= 8:
                self._scalers.clear()
            scaler = self._scalers[key] = VideoReformatter()
        out = scaler.reformat(
            frame, width, height, target,
            src_colorspace=frame.colorspace if colour.rgb else colour.matrix, dst_colorspace=matrix or None,
            src_color_range=colour.colour_range, dst_color_range=full, interpolation=ACCURATE, threads=self._threads,
        )
        out.pict_type = 0
        return out

    def _turned(self, frame: Any, colour: SourceColour, rotation: int) -> Any:
        """The frame rotated, by way of 4:4:4 so that chroma keeps its place: turning a 4:2:0 plane would move its siting."""
        deep = max(component.bits for component in frame.format.components) > 8
        alpha = has_alpha(frame)
        if frame.format.is_rgb:
            layout = "gbrap" if alpha else "gbrp"
            layout += "16le" if deep else ""
        else:
            layout = "yuva444p" if alpha else "yuv444p"
            layout += "16le" if deep else ""
        full = colour.colour_range
        whole = self._reformat(frame, colour, frame.width, frame.height, layout, 0 if colour.rgb else colour.matrix, full)
        width, height = (whole.height, whole.width) if rotation in (90, 270) else (whole.width, whole.height)
        turned = VideoFrame(width, height, layout)
        for source, target in zip(whole.planes, turned.planes, strict=True):
            depth = 2 if deep else 1
            cv2.rotate(plane_view(source, depth), _TURNS[rotation], dst=plane_view(target, depth))
        turned.colorspace, turned.color_range = frame.colorspace, frame.color_range
        turned.color_primaries, turned.color_trc = frame.color_primaries, frame.color_trc
        return turned

    def _cut(self, frame: Any, colour: SourceColour, box: Box) -> Any:
        """The part of a frame inside `box`, copied. Odd edges of subsampled chroma go by way of 4:4:4."""
        left, top, width, height = box
        step_w, step_h = chroma_steps(frame)
        if left % step_w or top % step_h or is_packed(frame):
            deep = max(component.bits for component in frame.format.components) > 8
            layout = ("gbrap" if has_alpha(frame) else "gbrp") if frame.format.is_rgb else ("yuva444p" if has_alpha(frame) else "yuv444p")
            frame = self._reformat(
                frame, colour, frame.width, frame.height, layout + ("16le" if deep else ""), 0 if colour.rgb else colour.matrix,
                colour.colour_range,
            )
            step_w = step_h = 1
        part = VideoFrame(width, height, frame.format.name)
        depth = 2 if frame.format.components[0].bits > 8 else 1
        for index, (source, target) in enumerate(zip(frame.planes, part.planes, strict=True)):
            across, down = (step_w, step_h) if index in (1, 2) else (1, 1)
            into = plane_view(target, depth)
            x, y = left // across, top // down
            np.copyto(into, plane_view(source, depth)[y : y + into.shape[0], x : x + into.shape[1]])
        part.colorspace, part.color_range = frame.colorspace, frame.color_range
        part.color_primaries, part.color_trc = frame.color_primaries, frame.color_trc
        return part


def _same(frame: Any, colour: SourceColour, target: str, fmt: PictureFormat) -> bool:
    """True where the frame's samples already are what is asked for."""
    name = frame.format.name.replace("yuvj", "yuv")
    full = colour.colour_range == ColorRange.JPEG.value
    return name == target and not colour.rgb and SWS_MATRIX[fmt.matrix] == colour.matrix and full == fmt.full_range


def has_alpha(frame: Any) -> bool:
    """True where the pixel format carries transparency."""
    return frame.format.name == "pal8" or any(component.is_alpha for component in frame.format.components)


def is_packed(frame: Any) -> bool:
    """True where one plane holds several components, or where samples are not whole little-endian bytes."""
    return len(frame.planes) != len(frame.format.components) or frame.format.is_bit_stream or frame.format.is_big_endian


def chroma_steps(frame: Any) -> tuple[int, int]:
    """Luma pixels for one chroma sample, across and down."""
    form = frame.format
    if form.is_rgb or len(form.components) < 3:
        return 1, 1
    return -(-form.width // form.chroma_width()), -(-form.height // form.chroma_height())


def plane_view(plane: Any, depth: int) -> Plane:
    """A 2-D view on a libav plane whose samples are `depth` bytes; rows may run backwards."""
    dtype = np.dtype(np.uint8 if depth == 1 else np.uint16)
    stride = int(plane.line_size)
    offset = 0 if stride >= 0 else (plane.height - 1) * -stride
    return np.ndarray((plane.height, plane.width), dtype, plane, offset, (stride, depth))


def view_packed(frame: Any, channels: int) -> NDArray[np.uint8]:
    """A (height, width, channels) view on an 8-bit packed frame."""
    plane = frame.planes[0]
    return np.ndarray((frame.height, frame.width, channels), np.uint8, plane, 0, (plane.line_size, channels, 1))


def view(frame: Any, fmt: PictureFormat) -> Planes:
    """Planes as views on a frame that has just this format, with `native` set."""
    depth = 1 if fmt.planes.depth <= 8 else 2
    views = [plane_view(plane, depth) for plane in frame.planes]
    return Planes(views[0], views[1], views[2], fmt, views[3] if len(views) > 3 else None, frame)


def to_frame(planes: Planes) -> Any:
    """A libav frame with these samples, tagged. `native` if there is one, else a copy."""
    if planes.native is not None:
        return planes.native
    layout: PlaneFormat = planes.format.planes
    name = layout.name if planes.alpha is None else layout.alpha_name
    frame = VideoFrame(planes.width, planes.height, name)
    sources = [planes.y, planes.u, planes.v] + ([] if planes.alpha is None else [planes.alpha])
    for source, target in zip(sources, frame.planes, strict=True):
        np.copyto(plane_view(target, layout.dtype.itemsize), source)
    tag(frame, planes.format)
    return frame


def tag(frame: Any, fmt: PictureFormat) -> None:
    """Write matrix and range into a frame's own tags."""
    frame.colorspace = {"bt709": 1, "bt601": 6, "bt2020": 9}[fmt.matrix]
    frame.color_range = ColorRange.JPEG.value if fmt.full_range else ColorRange.MPEG.value


def to_rgb(planes: Planes, scaler: Converter | None = None) -> NDArray[np.uint8]:
    """A picture as uint8 (height, width, 4) RGBA, straight alpha, 255 where the planes have none."""
    frame = to_frame(planes)
    if planes.native is not None:
        tag(frame, planes.format)
    return (scaler or Converter()).rgba(frame, planes.width, planes.height)


def from_rgba(rgba: NDArray[np.uint8], fmt: PictureFormat, *, opaque: bool = False, scaler: Converter | None = None) -> Planes:
    """Planes in `fmt` of uint8 (height, width, 4) RGBA with straight alpha; with `opaque`, alpha is dropped."""
    height, width = rgba.shape[:2]
    frame = VideoFrame(width, height, "rgb0" if opaque else "rgba")
    np.copyto(view_packed(frame, 4), rgba)
    frame.color_range = ColorRange.JPEG.value
    return (scaler or Converter()).planes(frame, width, height, fmt)

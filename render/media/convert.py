"""Between decoded frames, planes and RGBA, with the right matrix, range and siting on both sides.

Owns: scaling, cropping, rotating and pixel-format conversion by swscale with its accurate flags; HDR goes by way of `tone`.
Refuses: guessing that a conversion is needed when it is not: equal planes are handed over as they are.

swscale runs with accurate rounding and full chroma interpolation: its default 4:2:0 to RGB errs by 3 of 255. Packed RGB is
made from planar RGB, for which swscale has fast code with those flags (eight times faster, the same samples).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from numpy.typing import NDArray

from render.media.colour import SWS_MATRIX, SourceColour, source_colour
from render.media.frames import bit_depth, chroma_steps, copy_tags, has_alpha, is_planar, packed_view, plane_view, tag, to_frame, view
from render.media.matrix import rematrix
from render.media.tone import FORMAT, ToneMapper, is_high_range
from render.picture import PictureFormat, Planes

ACCURATE = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
_FULL, _LIMITED = ColorRange.JPEG.value, ColorRange.MPEG.value
_MOST_SCALERS = 8

Box = tuple[int, int, int, int]
"""left, top, width and height in pixels."""


class Converter:
    """Turns frames of one use into what is asked. Keeps its swscale contexts between frames; not for two threads."""

    def __init__(self, threads: int = 1) -> None:
        """`threads` are swscale's own; 1 where several films are decoded at once, 0 for as many as there are cores."""
        self._threads = threads
        self._scalers: dict[tuple[Any, ...], VideoReformatter] = {}
        self._tone: ToneMapper | None = None

    def planes(self, frame: Any, width: int, height: int, fmt: PictureFormat, *, rotation: int = 0, box: Box | None = None) -> Planes:
        """The upright picture, or the part of it inside `box`, scaled to `width` × `height` in `fmt`.

        `rotation` is degrees clockwise that make it upright; `box` is in upright source pixels. Frames that already are
        what is asked come back as views with `native` set, without a copy.
        """
        frame = self._standard(frame, None if rotation or box else (width, height))
        colour = source_colour(frame)
        target = fmt.planes.alpha_name if has_alpha(frame) else fmt.planes.name
        frame = self._placed(frame, colour, width, height, rotation, box)
        if (frame.width, frame.height) == (width, height) and _same(frame, colour, target, fmt):
            return view(frame, fmt)
        if colour.rgb or SWS_MATRIX[fmt.matrix] == colour.matrix or colour.name is None:
            return view(self._scaled(frame, colour, width, height, target, fmt), fmt)
        own = PictureFormat(fmt.planes, colour.name, fmt.full_range)
        if not ((frame.width, frame.height) == (width, height) and _same(frame, colour, target, own)):
            frame = self._scaled(frame, colour, width, height, target, own)
        return rematrix(view(frame, own), fmt.matrix)

    def rgba(self, frame: Any, width: int, height: int, *, rotation: int = 0, box: Box | None = None) -> NDArray[np.uint8]:
        """The same as uint8 (height, width, 4) RGBA with straight alpha, in memory of its own."""
        frame = self._standard(frame, None if rotation or box else (width, height))
        colour = source_colour(frame)
        frame = self._placed(frame, colour, width, height, rotation, box)
        layout = "gbrap" if has_alpha(frame) else "gbrp"
        planar = self._reformat(frame, colour, width, height, layout, 0, _FULL)
        parts = [plane_view(plane, 1) for plane in planar.planes]
        alpha = parts[3] if len(parts) > 3 else np.full((height, width), 255, np.uint8)
        return cv2.merge([parts[2], parts[0], parts[1], alpha])

    def _standard(self, frame: Any, size: tuple[int, int] | None) -> Any:
        """A frame in PQ or HLG as one of BT.709 in RGB, at `size` where that is smaller; any other as it is."""
        if not is_high_range(frame) or has_alpha(frame):
            return frame
        width, height = size if size is not None and size[0] * size[1] < frame.width * frame.height else (frame.width, frame.height)
        if self._tone is None:
            self._tone = ToneMapper()
        rgb = self._reformat(frame, source_colour(frame), width, height, FORMAT, 0, _FULL)
        return self._tone.mapped(rgb, int(frame.color_trc))

    def _placed(self, frame: Any, colour: SourceColour, width: int, height: int, rotation: int, box: Box | None) -> Any:
        """The frame upright and cropped; its size is what is asked only where that comes cheaper."""
        if rotation:
            size = (width, height) if box is None else (frame.width, frame.height)
            if box is not None and rotation in (90, 270):
                size = size[::-1]
            frame = self._turned(frame, colour, rotation, *size)
        if box is not None and box != (0, 0, frame.width, frame.height):
            frame = self._cut(frame, colour, box)
        return frame

    def _scaled(self, frame: Any, colour: SourceColour, width: int, height: int, target: str, fmt: PictureFormat) -> Any:
        return self._reformat(frame, colour, width, height, target, SWS_MATRIX[fmt.matrix], _FULL if fmt.full_range else _LIMITED)

    def _reformat(self, frame: Any, colour: SourceColour, width: int, height: int, target: str, matrix: int, full: int) -> Any:
        key = (frame.width, frame.height, frame.format.name, width, height, target, colour, matrix, full)
        scaler = self._scalers.get(key)
        if scaler is None:
            if len(self._scalers) >= _MOST_SCALERS:
                self._scalers.clear()
            scaler = self._scalers[key] = VideoReformatter()
        out = scaler.reformat(
            frame, width, height, target,
            src_colorspace=frame.colorspace if colour.rgb else colour.matrix, dst_colorspace=matrix or None,
            src_color_range=colour.colour_range, dst_color_range=full, interpolation=ACCURATE, threads=self._threads,
        )
        out.pict_type = 0
        return out

    def _separate(self, frame: Any, colour: SourceColour, width: int, height: int) -> Any:
        """The frame with a whole plane for each component and its own matrix and range."""
        layout = ("gbrap" if has_alpha(frame) else "gbrp") if colour.rgb else ("yuva444p" if has_alpha(frame) else "yuv444p")
        layout += "16le" if bit_depth(frame) > 8 else ""
        made = self._reformat(frame, colour, width, height, layout, colour.matrix, colour.colour_range)
        if made is not frame:
            copy_tags(frame, made)
        return made

    def _turned(self, frame: Any, colour: SourceColour, rotation: int, width: int, height: int) -> Any:
        """The frame rotated, `width` × `height` afterwards, by way of 4:4:4: turning a 4:2:0 plane would move its siting."""
        lying = (height, width) if rotation in (90, 270) else (width, height)
        whole = self._separate(frame, colour, *lying)
        turned = VideoFrame(width, height, whole.format.name)
        depth = 2 if bit_depth(whole) > 8 else 1
        for source, target in zip(whole.planes, turned.planes, strict=True):
            cv2.rotate(plane_view(source, depth), _TURNS[rotation], dst=plane_view(target, depth))
        copy_tags(frame, turned)
        return turned

    def _cut(self, frame: Any, colour: SourceColour, box: Box) -> Any:
        """The part of a frame inside `box`, copied. Odd edges of subsampled chroma go by way of 4:4:4."""
        left, top, width, height = box
        step_w, step_h = chroma_steps(frame)
        if left % step_w or top % step_h or not is_planar(frame):
            frame = self._separate(frame, colour, frame.width, frame.height)
            step_w = step_h = 1
        part = VideoFrame(width, height, frame.format.name)
        depth = 2 if bit_depth(frame) > 8 else 1
        for index, (source, target) in enumerate(zip(frame.planes, part.planes, strict=True)):
            across, down = (step_w, step_h) if index in (1, 2) else (1, 1)
            into = plane_view(target, depth)
            x, y = left // across, top // down
            np.copyto(into, plane_view(source, depth)[y : y + into.shape[0], x : x + into.shape[1]])
        copy_tags(frame, part)
        return part


def _same(frame: Any, colour: SourceColour, target: str, fmt: PictureFormat) -> bool:
    """True where the frame's samples already are what is asked for."""
    name = frame.format.name.replace("yuvj", "yuv")
    full = colour.colour_range == _FULL
    return name == target and not colour.rgb and SWS_MATRIX[fmt.matrix] == colour.matrix and full == fmt.full_range


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
    np.copyto(packed_view(frame, 4), rgba)
    frame.color_range = _FULL
    return (scaler or Converter()).planes(frame, width, height, fmt)

"""libav's frames as numpy arrays and back.

Owns: views on planes, questions about pixel formats, frames made of planes. Refuses: changing any sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from render.picture import PictureFormat, Plane, PlaneFormat, Planes

_MATRIX_TAGS = {"bt709": 1, "bt601": 6, "bt2020": 9}


def has_alpha(frame: Any) -> bool:
    """True where the pixel format carries transparency."""
    return frame.format.name == "pal8" or any(component.is_alpha for component in frame.format.components)


def bit_depth(frame: Any) -> int:
    """Bits of the deepest component."""
    return max(component.bits for component in frame.format.components)


def is_planar(frame: Any) -> bool:
    """True where each component is a plane of whole little-endian samples of one or two bytes."""
    form = frame.format
    odd = form.is_bit_stream or form.is_big_endian or form.has_palette
    return not odd and len(frame.planes) == len(form.components) and bit_depth(frame) <= 16


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


def packed_view(frame: Any, channels: int) -> NDArray[np.uint8]:
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


def borrowed(planes: Planes) -> Any | None:
    """A frame on the planes' own memory, or None where numpy cannot lend it (read-only, odd sizes, columns with gaps).

    Only for encoders that have copied the picture when their call returns.
    """
    if planes.alpha is not None or planes.width % 2 or planes.height % 2:
        return None
    try:
        return VideoFrame.from_dlpack((planes.y, planes.u, planes.v), format=planes.format.planes.name)
    except (BufferError, ValueError, TypeError, NotImplementedError):
        return None


def tag(frame: Any, fmt: PictureFormat) -> None:
    """Write matrix and range into a frame's own tags."""
    frame.colorspace = _MATRIX_TAGS[fmt.matrix]
    frame.color_range = ColorRange.JPEG.value if fmt.full_range else ColorRange.MPEG.value


def copy_tags(source: Any, target: Any) -> None:
    """Carry colour tags over to a frame made of another."""
    target.colorspace, target.color_range = source.colorspace, source.color_range
    target.color_primaries, target.color_trc = source.color_primaries, source.color_trc

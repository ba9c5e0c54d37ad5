"""From records and a time to the picture that they mean.

Owns: which layers a frame has, where they lie and how opaque they are. Refuses: pixels, files, and any state: the same
snapshot, time and request always give an equal node.

The frame at timeline time t shows of each clip the media at `source start + (t - clip start)`; the picture pool turns that
into the last source frame at or before it. Fades and transitions take the middle of a frame: of n frames, frame k counts as
(k + 1/2) / n of the way, so that a fade and its reverse mirror each other.
"""

from __future__ import annotations

import msgspec

from editor_core.document.view import View
from editor_core.schema import Clip, Crop, MediaReference, Point, Timeline
from render.graph.node import Content, Frame, Generated, Layer, Mix, Place, Slate, Source, Style
from render.graph.request import Request
from render.graph.stack import Joint, Lane, lanes

_EDGE_TOLERANCE = 1e-3
"""Output pixels by which a picture may miss a frame edge and still count as covering it."""
CAPTION_LINE = 0.93
"""Where the lower edge of captions stands, as a share of the frame's height."""


def build(view: View, ticks: int, request: Request) -> Frame:
    """The node of the frame shown at timeline time `ticks` (rounded down to a frame). Pure; raises nothing for a valid document.

    Layers that cannot be seen (outside the frame, wholly transparent, under one that covers everything) are left out.
    """
    timeline = view.timeline
    ticks = ticks // timeline.rate.ticks_per_frame * timeline.rate.ticks_per_frame
    layers: list[Layer | Mix] = []
    for lane in (*lanes(view, "video"), *lanes(view, "caption")):
        layer = _lane_layer(view, timeline, lane, ticks, request)
        if layer is None:
            continue
        if covers(layer, request):
            layers.clear()
        layers.append(layer)
    if layers:
        layers[0] = _on_nothing(layers[0])
    return Frame(request.width, request.height, request.format, tuple(layers))


def covers(layer: Layer | Mix, request: Request) -> bool:
    """Whether nothing below a layer can be seen through or beside it."""
    if isinstance(layer, Mix):
        return layer.first is not None and layer.second is not None and covers(layer.first, request) and covers(layer.second, request)
    if layer.opacity < 1.0 or layer.blend_mode != "normal" or layer.place.rotation % 360.0 or not _is_opaque(layer.content):
        return False
    left, top, width, height = layer.place.box
    return (
        left <= _EDGE_TOLERANCE
        and top <= _EDGE_TOLERANCE
        and left + width >= request.width - _EDGE_TOLERANCE
        and top + height >= request.height - _EDGE_TOLERANCE
    )


def _is_opaque(content: Content) -> bool:
    if isinstance(content, Source):
        return not content.alpha
    return isinstance(content, Slate) or (content.kind == "solid" and len(content.style.color) == 7)


def _on_nothing(layer: Layer | Mix) -> Layer | Mix:
    # Against nothing there is nothing to blend with: the lowest picture shows as it is, whatever its blend mode.
    if isinstance(layer, Layer):
        return layer if layer.blend_mode == "normal" else msgspec.structs.replace(layer, blend_mode="normal")
    sides = {name: _on_nothing(side) for name in ("first", "second") if (side := getattr(layer, name)) is not None}
    return msgspec.structs.replace(layer, **sides)


def _lane_layer(view: View, timeline: Timeline, lane: Lane, ticks: int, request: Request) -> Layer | Mix | None:
    joint = lane.joint_at(ticks)
    if joint is not None:
        return _mix(view, timeline, joint, lane, ticks, request)
    found = lane.between(ticks, ticks + 1)
    # Clips of one track overlap only in a draft; the one that starts last is on top.
    return _layer(view, timeline, found[-1], lane, ticks, request) if found else None


def _mix(view: View, timeline: Timeline, joint: Joint, lane: Lane, ticks: int, request: Request) -> Layer | Mix | None:
    frame = timeline.rate.ticks_per_frame
    progress = (2 * ((ticks - joint.start) // frame) + 1) / (2 * (joint.duration // frame))
    first, second = (_layer(view, timeline, clip, lane, ticks, request) for clip in (joint.first, joint.second))
    if first is None and second is None:
        return None
    return Mix(joint.kind, progress, first, second)


def _layer(view: View, timeline: Timeline, clip: Clip, lane: Lane, ticks: int, request: Request) -> Layer | None:
    opacity = clip.opacity * _fade(clip, lane, ticks, timeline.rate.ticks_per_frame)
    if not clip.enabled or opacity <= 0.0:
        return None
    scale_x, scale_y = request.width / timeline.width, request.height / timeline.height
    content, crop = _content(view, timeline, clip, ticks, scale_x, scale_y, lane.use_of(clip))
    place = _place(timeline, clip, content, crop, scale_x, scale_y)
    if _is_outside(place, request):
        return None
    return Layer(content, place, opacity, clip.blend_mode)


def _fade(clip: Clip, lane: Lane, ticks: int, frame: int) -> float:
    level = 1.0
    if clip.fade_in and clip.id not in lane.heads:
        level *= _ramp(ticks - clip.start, clip.fade_in, frame)
    if clip.fade_out and clip.id not in lane.tails:
        level *= _ramp(clip.end - frame - ticks, clip.fade_out, frame)
    return level


def _ramp(distance: int, length: int, frame: int) -> float:
    frames = max(1, round(length / frame))
    return min(1.0, max(0.0, (2 * (distance // frame) + 1) / (2 * frames)))


def _content(
    view: View, timeline: Timeline, clip: Clip, ticks: int, scale_x: float, scale_y: float, use: int
) -> tuple[Content, Crop]:
    if clip.kind != "video":
        return generated(clip, timeline.width, timeline.height, scale_x * clip.scale.x, scale_y * clip.scale.y), clip.crop
    media = view.find(MediaReference, clip.asset)
    if media is None:
        return Slate("Media missing", clip.name or clip.asset), clip.crop
    if media.video is None:
        return Slate("No picture in this media", media.name), clip.crop
    width, height = media.video.shown_size
    source = clip.source_range.start + ticks - clip.start
    return Source(
        asset=media.id,
        hash=media.hash,
        name=media.name,
        ticks=0 if media.still else source,
        width=width,
        height=height,
        alpha=media.video.alpha,
        use=use,
    ), _whole_pixels(clip.crop, width, height)


def generated(clip: Clip, frame_width: int, frame_height: int, scale_x: float = 1.0, scale_y: float = 1.0) -> Generated:
    """What a title, solid or caption shows, in a frame of that size (project pixels)."""
    return Generated(clip.kind, clip.text, _style(clip), frame_width, frame_height, scale_x, scale_y)


def _style(clip: Clip) -> Style:
    return Style(
        font=clip.font,
        font_size=clip.font_size,
        font_weight=clip.font_weight,
        italic=clip.italic,
        align=clip.align,
        color=clip.color,
        stroke_color=clip.stroke_color,
        stroke_width=clip.stroke_width,
        shadow_color=clip.shadow_color,
        shadow_blur=clip.shadow_blur,
        shadow_x=clip.shadow_offset.x,
        shadow_y=clip.shadow_offset.y,
    )


def _whole_pixels(crop: Crop, width: int, height: int) -> Crop:
    """The crop moved to even source pixels, where 4:2:0 footage can be cut without resampling; at least two stay."""
    if crop == Crop():
        return crop
    left, right = _even_edges(crop.left, crop.right, width)
    top, bottom = _even_edges(crop.top, crop.bottom, height)
    return Crop(left / width, top / height, right / width, bottom / height)


def _even_edges(before: float, after: float, length: int) -> tuple[int, int]:
    first = min(2 * round(before * length / 2), max(0, length - 2) // 2 * 2)
    last = min(2 * round((1.0 - after) * length / 2), length) if after else length
    return first, length - max(last, min(first + 2, length))


def _place(timeline: Timeline, clip: Clip, content: Content, crop: Crop, scale_x: float, scale_y: float) -> Place:
    position = clip.position
    x = (timeline.width / 2 if position is None else position.x) * scale_x
    y = (timeline.height / 2 if position is None else position.y) * scale_y
    width, height = _size(timeline, clip, content, scale_x, scale_y)
    anchor = clip.anchor
    if clip.kind == "caption" and position is None:
        # Captions stand on a line near the lower edge unless somebody has put them elsewhere.
        y, anchor = timeline.height * scale_y * CAPTION_LINE, Point(anchor.x, 1.0)
    return Place(x, y, width, height, anchor.x, anchor.y, clip.rotation, crop)


def _size(timeline: Timeline, clip: Clip, content: Content, scale_x: float, scale_y: float) -> tuple[float, float]:
    if isinstance(content, Generated) and content.kind != "solid":
        return 0.0, 0.0
    frame_width, frame_height = timeline.width * scale_x, timeline.height * scale_y
    width, height = frame_width, frame_height
    if isinstance(content, Source):
        fit = min(timeline.width / content.width, timeline.height / content.height)
        width, height = content.width * fit * scale_x, content.height * fit * scale_y
    if clip.scale.x == clip.scale.y == 1.0 and (width, height) != (frame_width, frame_height):
        # A fitted picture keeps to the chroma grid: at most two pixels off its shape, and no resampling of edges.
        width, height = _on_grid(width, frame_width), _on_grid(height, frame_height)
    return width * clip.scale.x, height * clip.scale.y


def _on_grid(length: float, frame: float) -> float:
    # Centred, its edges are then an even number of pixels from the frame's.
    return max(min(frame, 2.0), frame - 4 * round((frame - length) / 4))


def _is_outside(place: Place, request: Request) -> bool:
    if place.rotation % 360.0 or not place.width:
        return False
    left, top, width, height = place.box
    return left >= request.width or top >= request.height or left + width <= 0 or top + height <= 0

"""The timeline in words and as JSON, for `proeditor show`.

Owns: the outline a person reads and the dictionary a program reads. Refuses: files and printing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from editor_core.document import View
from editor_core.edits.wording import called, lane, length, one_line
from editor_core.schema import Clip, Collection, Marker, MediaReference, Track, Transition, field_types
from editor_core.timing import TICKS_PER_SECOND, Rate, format_timecode

Named = TypeVar("Named", MediaReference, Collection)

_LOOKS = ("position", "anchor", "scale", "rotation", "crop", "opacity", "blend_mode")
_LEVELS = ("gain_db", "pan")
_SWITCHES = ("muted", "solo", "locked", "hidden")
_DEFAULTS = Clip(id="", track="", kind="video", start=0, source_range=(0, 0))  # type: ignore[arg-type]


def outline(view: View) -> str:
    """The main timeline as indented text: tracks as they lie on screen, clips by time, markers, media."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: View) -> Iterator[str]:
    line = view.timeline
    rate = line.rate
    title = f"{view.project.name} · {line.name}" if view.project.name else line.name
    yield f"{one_line(title)}   {line.width}×{line.height}, {rate} fps, {line.audio_rate} Hz, {format_timecode(view.end(), rate)}"
    for track in _as_on_screen(view):
        switches = [name for name in _SWITCHES if getattr(track, name)]
        level = [f"{track.gain_db:+g} dB"] if track.gain_db else []
        yield ""
        yield "  ".join([lane(view, track), *switches, *level])
        yield from _clips(view, track)
    markers = sorted(view.of_kind(Marker), key=lambda marker: (marker.start, marker.id))
    if markers:
        yield ""
        yield "Markers"
        for marker in markers:
            tail = f" {length(marker.duration, rate)}" if marker.duration else ""
            yield f"  {format_timecode(marker.start, rate)}{tail}  {one_line(marker.text) or '(no text)'}  [{marker.color}]  {marker.id}"
    yield ""
    yield "Media"
    assets = _by_name(view, MediaReference)
    for asset in assets:
        yield f"  {one_line(asset.name)}  {describe(asset, rate)}  {asset.id}"
    if not assets:
        yield "  none yet; `proeditor import` takes files in"


def _clips(view: View, track: Track) -> Iterator[str]:
    rate = view.timeline.rate
    clips = view.clips_on(track.id)
    joins = {transition.from_clip: transition for transition in view.transitions_on(track.id)}
    width = max((len(called(view, clip)) for clip in clips), default=0)
    for clip in clips:
        words = [f"  {format_timecode(clip.start, rate)} – {format_timecode(clip.end, rate)}", called(view, clip).ljust(min(width, 40))]
        if clip.asset:
            words.append(f"from {format_timecode(clip.source_range.start, rate)}")
        elif clip.name:
            words.append(clip.kind)
        words.extend(_differences(clip, rate))
        yield "  ".join([*words, clip.id])
        if clip.id in joins:
            yield f"      {joins[clip.id].kind} {length(joins[clip.id].duration, rate)}  {joins[clip.id].id}"
    if not clips:
        yield "  empty"


def _differences(clip: Clip, rate: Rate) -> Iterator[str]:
    """What is not as a new clip has it."""
    if not clip.enabled:
        yield "off"
    for name in _LEVELS if clip.is_sound else _LOOKS:
        value = getattr(clip, name)
        if value != getattr(_DEFAULTS, name):
            yield f"{name} {_short(value)}"
    for name in ("fade_in", "fade_out"):
        if getattr(clip, name):
            yield f"{name} {length(getattr(clip, name), rate)}"
    if clip.label:
        yield f"label {one_line(clip.label)}"


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, msgspec.Struct):
        return "(" + ", ".join(f"{getattr(value, name):g}" for name in value.__struct_fields__) + ")"
    return str(value)


def describe(asset: MediaReference, rate: Rate) -> str:
    """What an asset is, in a few words: `1920×1080 25 fps h264, stereo 48000 Hz aac, 00:00:10:00`."""
    words: list[str] = []
    if asset.video is not None:
        width, height = asset.video.shown_size
        speed = "" if asset.still else f" {'about ' if asset.video.variable else ''}{asset.video.rate.fps:.4g} fps"
        words.append(f"{width}×{height}{speed} {asset.video.codec}")
    for stream in asset.audio:
        layout = stream.layout or {1: "mono", 2: "stereo"}.get(stream.channels, f"{stream.channels} channels")
        words.append(f"{layout} {stream.sample_rate} Hz {stream.codec}")
    words.append("still" if asset.still else format_timecode(asset.duration, rate))
    return ", ".join(words)


def _as_on_screen(view: View) -> list[Track]:
    """Captions, video from the top down, audio from A1 down."""
    return [*reversed(view.tracks("caption")), *reversed(view.tracks("video")), *view.tracks("audio")]


def as_json(view: View) -> dict[str, Any]:
    """The main timeline as plain values.

    Times are ticks, with the timecode beside them under `…_timecode`. Tracks are in stacking order: video from V1 up, audio from A1
    down, captions; each has its clips and transitions by time. Clips have every property, default or not. Copies of one cut say the same.
    """
    line = view.timeline
    rate = line.rate
    return {
        "project": {"id": view.project.id, "name": view.project.name},
        "timeline": {
            "id": line.id, "name": line.name, "width": line.width, "height": line.height, "rate": str(rate), "fps": rate.fps,
            "audio_rate": line.audio_rate, "ticks_per_second": TICKS_PER_SECOND, **_time("duration", view.end(), rate),
        },
        "tracks": [_track(view, track, index) for peers in (view.tracks("video"), view.tracks("audio"), view.tracks("caption"))
                   for index, track in enumerate(peers)],
        "markers": [{**_every(marker), **_time("start", marker.start, rate), **_time("duration", marker.duration, rate)}
                    for marker in sorted(view.of_kind(Marker), key=lambda marker: (marker.start, marker.id))],
        "assets": [{**_every(asset), "asset": asset.id, **_time("duration", asset.duration, rate)}
                   for asset in _by_name(view, MediaReference)],
        "collections": [{"collection": one.id, "name": one.name,
                         "assets": [asset.id for asset in _by_name(view, MediaReference) if asset.collection == one.id]}
                        for one in _by_name(view, Collection)],
    }


def _by_name(view: View, kind: type[Named]) -> list[Named]:
    """Records of a kind in an order that is the same in every copy of the project: each keeps them as they came to it."""
    return sorted(view.of_kind(kind), key=lambda one: (one.name, one.id))


def _track(view: View, track: Track, index: int) -> dict[str, Any]:
    return {**_every(track), "track": track.id, "label": view.track_label(track), "index": index,
            "clips": [_clip(view, clip) for clip in view.clips_on(track.id)],
            "transitions": sorted((_transition(view, t) for t in view.transitions_on(track.id)), key=lambda t: (t["at"], t["id"]))}


def _clip(view: View, clip: Clip) -> dict[str, Any]:
    rate = view.timeline.rate
    asset = view.find(MediaReference, clip.asset) if clip.asset else None
    partners = sorted(one.id for one in view.linked(clip) if one.id != clip.id)
    return {**_every(clip), "clip": clip.id, "title": called(view, clip), "media": asset.name if asset is not None else None,
            "linked": partners, **_time("start", clip.start, rate), **_time("end", clip.end, rate),
            **_time("duration", clip.duration, rate), **_time("source_start", clip.source_range.start, rate),
            **_time("source_duration", clip.source_range.duration, rate), **_time("fade_in", clip.fade_in, rate),
            **_time("fade_out", clip.fade_out, rate)}


def _transition(view: View, transition: Transition) -> dict[str, Any]:
    rate = view.timeline.rate
    first = view.find(Clip, transition.from_clip)
    cut = first.end if first is not None else 0
    return {**_every(transition), "transition": transition.id, "from": transition.from_clip, "to": transition.to_clip,
            **_time("at", cut, rate), **_time("duration", transition.duration, rate)}


def _every(record: Any) -> dict[str, Any]:
    """All fields of a record, defaults too, but for the deleted flag."""
    return {name: msgspec.to_builtins(getattr(record, name)) for name in field_types(type(record)) if name != "deleted"}


def _time(name: str, ticks: int, rate: Rate) -> dict[str, Any]:
    return {name: ticks, f"{name}_timecode": format_timecode(ticks, rate)}

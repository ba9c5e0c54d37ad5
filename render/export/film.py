"""What a worker is told of a film: the records that a range needs, and where their media lies.

Owns: cutting a snapshot down to a range, the plain form of it, the content key of a range. Refuses: media; nothing here opens a file.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from editor_core.document import Document, Snapshot, View
from editor_core.schema import AnyRecord, Clip, MediaReference, Record, Track, TrackKind, Transition

Locations = Mapping[str, Path | Sequence[Path]]
"""Asset id to the file, or the files, best first, that hold it on this machine."""

MADE_BY = 1
"""Raised by one whenever the same records would be rendered or stored differently, so that old stretches are not taken for new."""

_UNSEEN = frozenset({"name", "label", "group", "link"})
_OUTSIDE = frozenset({"type", "id", "track", "start", "source_range", "asset", "enabled"})
_encoder = msgspec.msgpack.Encoder(order="deterministic")
_decoder = msgspec.msgpack.Decoder(list[AnyRecord])


def locate(locations: Locations, asset: str) -> Path | None:
    """The first file of an asset that is there, or None."""
    known = locations.get(asset)
    candidates = () if known is None else (known,) if isinstance(known, (str, Path)) else known
    return next((path for path in map(Path, candidates) if path.is_file()), None)


def excerpt(view: View, start: int, end: int, kinds: Iterable[TrackKind]) -> list[Record]:
    """The records that decide what `[start, end)` ticks look or sound like on tracks of these kinds, whole and unchanged.

    Clips of a transition go with it even where the transition lies outside: a joined clip has no fade of its own at the joint.
    """
    frame = view.timeline.rate.ticks_per_frame
    clips: dict[str, Clip] = {}
    joined: list[Transition] = []
    tracks: list[Track] = [track for kind in kinds for track in view.tracks(kind)]
    for track in tracks:
        clips.update((clip.id, clip) for clip in view.clips_on(track.id) if clip.start < end and clip.end > start)
        for transition in view.transitions_on(track.id):
            first, second = view.find(Clip, transition.from_clip), view.find(Clip, transition.to_clip)
            if first is None or second is None:
                continue
            reach = transition.duration + frame
            touched = second.start - reach < end and second.start + reach > start
            if touched or first.id in clips or second.id in clips:
                joined.append(transition)
    for transition in joined:
        for clip_id in (transition.from_clip, transition.to_clip):
            clips[clip_id] = view.get(Clip, clip_id)
    assets = dict.fromkeys(clip.asset for clip in clips.values() if clip.asset)
    media = [found for asset in assets if (found := view.find(MediaReference, asset)) is not None]
    return [view.project, view.timeline, *tracks, *media, *clips.values(), *joined]


def encode(records: Iterable[Record]) -> bytes:
    """Records as a worker takes them."""
    return msgspec.msgpack.encode(list(records))


def decode(records: bytes) -> Snapshot:
    """The snapshot of such records. Raises msgspec.ValidationError."""
    return Document(_decoder.decode(records)).snapshot


def used_assets(records: Iterable[Record]) -> dict[str, list[Clip]]:
    """Assets that enabled clips among these records use, with those clips."""
    used: dict[str, list[Clip]] = {}
    for record in records:
        if isinstance(record, Clip) and record.asset and record.enabled:
            used.setdefault(record.asset, []).append(record)
    return used


def content_key(records: Sequence[Record], span: tuple[int, int], locations: Locations, making: Any) -> str:
    """16 hexadecimal digits that stay the same as long as `span` (ticks) and the way of making it give the same bytes.

    `records` is the excerpt of the span. Names, labels and links are left out, and of clips outside the span all but what decides
    whether a transition to one inside holds. Size and time of change of every media file are part of it; `making` is whatever plain
    value says how the span is made.
    """
    inside = _inside(records, *span)
    plain = [_shown(record, record.id in inside) for record in records]
    plain.sort(key=lambda record: (str(record["type"]), str(record["id"])))
    used = used_assets(record for record in records if record.id in inside)
    files = {asset: _stat(locate(locations, asset)) for asset in sorted(used)}
    return hashlib.blake2b(_encoder.encode((MADE_BY, _versions(), plain, files, making)), digest_size=8).hexdigest()


def _inside(records: Sequence[Record], start: int, end: int) -> set[str]:
    """Ids of clips that are seen or heard in `[start, end)` ticks, in a transition too, and of their media."""
    clips = {record.id: record for record in records if isinstance(record, Clip)}
    seen = {clip.id for clip in clips.values() if clip.start < end and clip.end > start}
    for record in records:
        if isinstance(record, Transition):
            cut = clips[record.to_clip].start
            if cut - record.duration < end and cut + record.duration > start:
                seen |= {record.from_clip, record.to_clip}
    return seen | {clips[clip].asset for clip in seen}


def _shown(record: Record, inside: bool) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(record)
    if isinstance(record, Clip):
        return {name: value for name, value in plain.items() if name not in _UNSEEN and (inside or name in _OUTSIDE)}
    if isinstance(record, MediaReference):
        kept = {name: value for name, value in plain.items() if name not in ("full_hash", "warnings")}
        return kept if inside else {"type": plain["type"], "id": plain["id"]}
    return plain


def _stat(path: Path | None) -> list[int] | None:
    if path is None:
        return None
    try:
        known = path.stat()
    except OSError:
        return None
    return [known.st_size, known.st_mtime_ns]


@functools.cache  # it reads files of each package, and each stretch asks
def _versions() -> list[str]:
    return [_version(name) for name in ("av", "skia-python", "opencv-python-headless", "numpy", "soxr")]


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""

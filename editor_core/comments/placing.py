"""Where in the film a comment stands, then and now.

Owns: making an anchor from a moment or a clip, and finding the moment again after re-cutting. Refuses: changing the film.

A comment follows the clip it was made on, and past that its source: after a split or a replacement by the same media it stands where
that moment of the source is shown now. Where that was cut away it stands at the nearest end of its clip; where the clip is gone, and
its source with it, at its last known time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from editor_core.comments.acts import Anchor
from editor_core.document.view import View
from editor_core.schema import Clip, Track

Following = Literal["timeline", "clip", "trimmed", "removed"]


class Place(msgspec.Struct, frozen=True):
    """`start` and `duration` in timeline ticks now. `following`: `timeline` (pinned to no clip), `clip` (where its moment is shown now),
    `trimmed` (cut away, at the nearest end of its clip), `removed` (last known time). `clip` is the clip it stands on now, or empty."""

    start: int
    duration: int = 0
    clip: str = ""
    following: Following = "timeline"


def anchor_at(view: View, start: int, duration: int = 0) -> Anchor:
    """An anchor at a moment: on the topmost enabled picture there, else on sound; on the timeline alone where nothing is."""
    clip = clip_under(view, start)
    return Anchor(start=start, duration=duration) if clip is None else anchor_on(clip, start, duration)


def anchor_on(clip: Clip, start: int | None = None, duration: int = 0, *, pinned: bool = False) -> Anchor:
    """An anchor on a clip, at a time of the timeline within it (its start)."""
    at = clip.start if start is None else start
    source = max(0, clip.source_range.start + at - clip.start)
    return Anchor(start=at, duration=duration, clip=clip.id, asset=clip.asset, source=source, pinned=pinned)


def clip_under(view: View, ticks: int) -> Clip | None:
    """The clip whose picture is seen at a time, or whose sound is heard where there is no picture."""
    above: list[Track] = [*reversed(view.tracks("video")), *view.tracks("audio")]
    for track in above:
        clip = view.clip_at(track.id, ticks)
        if clip is not None and clip.enabled and not track.hidden:
            return clip
    return None


class Uses:
    """Live clips by the media they show, made when first asked for."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._by_asset: dict[str, list[Clip]] | None = None

    def of(self, asset: str) -> list[Clip]:
        """Clips of an asset in the order they were made."""
        if self._by_asset is None:
            self._by_asset = {}
            for clip in self._view.of_kind(Clip):
                if clip.asset:
                    self._by_asset.setdefault(clip.asset, []).append(clip)
        return self._by_asset.get(asset, [])


def place(anchor: Anchor, view: View, uses: Uses | None = None) -> Place:
    """Where a comment stands now. `uses` is shared between the comments of one look at a view."""
    if not anchor.clip:
        return Place(anchor.start, anchor.duration)
    clip = view.find(Clip, anchor.clip)
    if clip is not None and (anchor.pinned or _shows(clip, anchor.source)):
        return _on(clip, anchor)
    found = _another(anchor, clip, uses or Uses(view))
    if found is not None:
        return _on(found, anchor)
    if clip is None:
        return Place(anchor.start, anchor.duration, "", "removed")
    late = anchor.source >= clip.source_range.start + clip.duration
    return Place(max(clip.start, clip.end - 1) if late else clip.start, 0, clip.id, "trimmed")


def _shows(clip: Clip, source: int) -> bool:
    return clip.source_range.start <= source < clip.source_range.start + clip.duration


def _on(clip: Clip, anchor: Anchor) -> Place:
    offset = anchor.source - clip.source_range.start
    start = clip.start + (min(max(0, offset), max(0, clip.duration - 1)))
    return Place(start, anchor.duration, clip.id, "clip")


def _another(anchor: Anchor, clip: Clip | None, uses: Uses) -> Clip | None:
    """Another clip that shows the same moment of the same media: of the same kind and track if one is, then the nearest in time."""
    if not anchor.asset:
        return None
    found = [c for c in uses.of(anchor.asset) if _shows(c, anchor.source)]
    if clip is not None:
        found = [c for c in found if c.kind == clip.kind] or found
    return min(found, key=lambda c: (clip is not None and c.track != clip.track, abs(c.start + anchor.source - c.source_range.start
                                                                                - anchor.start), c.id), default=None)


def places(anchors: Mapping[bytes, Anchor], view: View) -> dict[bytes, Place]:
    """Where several comments stand now."""
    uses = Uses(view)
    return {key: place(anchor, view, uses) for key, anchor in anchors.items()}

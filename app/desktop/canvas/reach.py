"""What a key press in the timeline is about.

Owns: which clips and tracks an action means, from selection, playhead and target tracks. Refuses: running commands.
"""

from __future__ import annotations

from typing import Any

from editor_core.document import Snapshot
from editor_core.schema import Clip, Track


def selected(bench: Any) -> list[Clip]:
    """The selected clips that are there, in timeline order."""
    view: Snapshot = bench.snapshot
    found = [clip for i in bench.selection.clips if (clip := view.find(Clip, i)) is not None]
    return sorted(found, key=lambda clip: (clip.start, clip.id))


def target_tracks(bench: Any, kind: str | None = None) -> list[Track]:
    """Target tracks that are not locked, pictures from the top down, then sound from A1 down."""
    view: Snapshot = bench.snapshot
    wanted = set(bench.targets.tracks)
    tracks = [t for t in view.tracks() if t.id in wanted and not t.locked and kind in (None, t.kind)]
    pictures = [t for t in tracks if t.kind != "audio"]
    return [*reversed(pictures), *(t for t in tracks if t.kind == "audio")]


def under_playhead(bench: Any) -> list[Clip]:
    """What the playhead stands on: selected clips there, else clips on target tracks, else on any unlocked track."""
    at = bench.transport.ticks
    chosen = [clip for clip in selected(bench) if clip.start <= at < clip.end]
    if chosen:
        return chosen
    view: Snapshot = bench.snapshot
    for tracks in (target_tracks(bench), [t for t in reversed(view.tracks()) if not t.locked]):
        found = [clip for t in tracks if (clip := view.clip_at(t.id, at)) is not None]
        if found:
            return found
    return []


def one_per_link(clips: list[Clip]) -> list[Clip]:
    """The first clip of each linked family: a command brings the others along."""
    seen: set[str] = set()
    found = []
    for clip in clips:
        if clip.link and clip.link in seen:
            continue
        seen.add(clip.link)
        found.append(clip)
    return found


def subject(bench: Any) -> list[Clip]:
    """The selected clips, else those under the playhead."""
    return selected(bench) or under_playhead(bench)

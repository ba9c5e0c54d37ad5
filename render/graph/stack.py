"""Which clips count at a time: tracks that are shown, clips that cover a time, cuts with a transition.

Owns: the switches of tracks (hidden, solo), and the range of a transition in frames. Refuses: geometry, levels, pixels.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache

import msgspec

from editor_core.document.view import Snapshot, View
from editor_core.schema import Clip, Track, TrackKind, Transition
from editor_core.schema.transition import TransitionKind
from editor_core.timeline.effective import effective
from editor_core.timing import Rate, round_to_frame


class Joint(msgspec.Struct, frozen=True):
    """A transition with its clips: it covers `[start, start + duration)` ticks, whole frames around the cut."""

    kind: TransitionKind
    first: Clip
    second: Clip
    start: int
    duration: int

    @property
    def end(self) -> int:
        return self.start + self.duration


def as_drawn(view: View) -> View:
    """The effective timeline of a snapshot, computed once for each; a draft, which changes, is taken as it is."""
    return _effective(view) if isinstance(view, Snapshot) else view


@lru_cache(maxsize=4)
def _effective(view: Snapshot) -> Snapshot:
    return effective(view)[0]


def shown_tracks(view: View, kind: TrackKind) -> list[Track]:
    """Tracks of a kind from V1 up or A1 down: none that are hidden, and only the soloed ones when any of the kind is."""
    tracks = [track for track in view.tracks(kind) if not track.hidden]
    return [track for track in tracks if track.solo] or tracks


def span_of(transition: Transition, cut: int, rate: Rate) -> tuple[int, int]:
    """Start and end in ticks of a transition centred on `cut`, each rounded to frames, at least one frame long."""
    start = round_to_frame(cut - transition.duration // 2, rate)
    end = round_to_frame(cut - transition.duration // 2 + transition.duration, rate)
    return start, max(end, start + rate.ticks_per_frame)


def joints(view: View, track: Track) -> tuple[Joint, ...]:
    """The transitions of a track whose two clips still touch and are enabled; others count for nothing."""
    found: list[Joint] = []
    rate = view.timeline.rate
    for transition in view.transitions_on(track.id):
        first, second = view.find(Clip, transition.from_clip), view.find(Clip, transition.to_clip)
        if first is None or second is None or first.end != second.start or not first.track == second.track == track.id:
            continue
        if not (first.enabled and second.enabled):
            continue
        start, end = span_of(transition, second.start, rate)
        found.append(Joint(transition.kind, first, second, start, end - start))
    return tuple(found)


def clips_between(view: View, track: Track, start: int, end: int) -> tuple[Clip, ...]:
    """Clips of a track that touch `[start, end)` ticks, by start."""
    clips = view.clips_on(track.id)
    last = bisect_left(clips, end, key=lambda clip: clip.start)
    first = max(0, bisect_right(clips, start, hi=last, key=lambda clip: clip.start) - 1)
    return tuple(clip for clip in clips[first:last] if clip.end > start)

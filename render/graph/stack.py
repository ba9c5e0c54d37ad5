"""Which clips count at a time: tracks that are shown, clips that cover a time, cuts with a transition.

Owns: the switches of tracks (hidden, solo), the range of a transition in frames, and the decoder that each clip is read with.
Refuses: geometry, levels, pixels.

What depends on the records alone is worked out once for a snapshot, not once a frame.
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


class Lane(msgspec.Struct, frozen=True):
    """A track that is shown or heard: its clips by start, its joints, and which clips have one at their head or tail (by id).

    `number` counts the timeline's tracks of the kind from the bottom, shown or not; `turned` are the clips read with the second
    of the lane's two decoders of their file.
    """

    track: Track
    number: int
    clips: tuple[Clip, ...]
    joints: tuple[Joint, ...]
    heads: dict[str, Joint]
    tails: dict[str, Joint]
    turned: frozenset[str]

    def joint_at(self, ticks: int) -> Joint | None:
        """The transition that covers a time."""
        for joint in self.joints:
            if joint.start <= ticks < joint.end:
                return joint
        return None

    def between(self, start: int, end: int) -> tuple[Clip, ...]:
        """Clips that touch `[start, end)` ticks, by start."""
        last = bisect_left(self.clips, end, key=lambda clip: clip.start)
        first = max(0, bisect_right(self.clips, start, hi=last, key=lambda clip: clip.start) - 1)
        return tuple(clip for clip in self.clips[first:last] if clip.end > start)

    def use_of(self, clip: Clip) -> int:
        """Which decoder of its file a clip is read with: always the same for a clip, shared by those that follow each other on
        a track, another for each track and for the two sides of a transition between parts of one file."""
        return 2 * self.number + (clip.id in self.turned)


def span_of(transition: Transition, cut: int, rate: Rate) -> tuple[int, int]:
    """Start and end in ticks of a transition centred on `cut`, each rounded to frames, at least one frame long."""
    start = round_to_frame(cut - transition.duration // 2, rate)
    end = round_to_frame(cut - transition.duration // 2 + transition.duration, rate)
    return start, max(end, start + rate.ticks_per_frame)


def lanes(view: View, kind: TrackKind) -> tuple[Lane, ...]:
    """The tracks of a kind that are shown, from V1 up or A1 down, of the effective timeline: none that is hidden, and only the
    soloed ones when any is. A draft, which changes, is taken as it is and looked through each time."""
    return _known_lanes(view, kind) if isinstance(view, Snapshot) else _lanes(view, kind)


@lru_cache(maxsize=4)
def _effective(view: Snapshot) -> Snapshot:
    return effective(view)[0]


@lru_cache(maxsize=12)
def _known_lanes(view: Snapshot, kind: TrackKind) -> tuple[Lane, ...]:
    return _lanes(_effective(view), kind)


def _lanes(view: View, kind: TrackKind) -> tuple[Lane, ...]:
    numbered = [(number, track) for number, track in enumerate(view.tracks(kind)) if not track.hidden]
    shown = [(number, track) for number, track in numbered if track.solo] or numbered
    return tuple(_lane(view, number, track) for number, track in shown)


def _lane(view: View, number: int, track: Track) -> Lane:
    found = _joints(view, track)
    clips = view.clips_on(track.id)
    return Lane(
        track,
        number,
        clips,
        found,
        {joint.second.id: joint for joint in found},
        {joint.first.id: joint for joint in found},
        _turned(clips, found),
    )


def _joints(view: View, track: Track) -> tuple[Joint, ...]:
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
    return tuple(sorted(found, key=lambda joint: joint.start))


def _turned(clips: tuple[Clip, ...], found: tuple[Joint, ...]) -> frozenset[str]:
    """Clips after an odd number of transitions between parts of their own file."""
    within = {joint.second.id: joint.second.asset for joint in found if joint.first.asset == joint.second.asset}
    if not within:
        return frozenset()
    turns: dict[str, bool] = {}
    turned: set[str] = set()
    for clip in clips:
        if clip.id in within:
            turns[clip.asset] = not turns.get(clip.asset, False)
        if turns.get(clip.asset):
            turned.add(clip.id)
    return frozenset(turned)

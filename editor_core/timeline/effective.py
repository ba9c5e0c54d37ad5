"""The effective timeline: what is drawn when merged records do not fit together.

Owns: a pure rule from records to a timeline without overlaps or orphans, and the attention list of what it had to decide.
Refuses: writing anything back; a person decides, by commands.

A local edit cannot break the rules of `document.integrity`, but a merge can: two people put clips on the same place, one removes a
track on which the other works, both join the same cut. The rule is the same on every machine:

- where clips overlap, the one that starts later covers the other, which ends there; of two that start together the one with the
  greater id is seen;
- a clip that cannot lie where it is (track gone or of another kind, no length, before the media's start) is left out;
- fades that together are longer than their clip are shortened;
- a transition whose clips no longer touch is left out, one of several on a cut stays (the least id), one with too few handles is
  shortened, and each lies on the track of its clips (nothing to decide: somebody moved them while somebody else joined them).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Literal

import msgspec

from editor_core.document import Snapshot
from editor_core.document.integrity import breaches, fits
from editor_core.document.view import by_start
from editor_core.edits.shape import fitted_fades
from editor_core.edits.transition import longest, reach
from editor_core.edits.wording import called, length
from editor_core.schema import Clip, MediaReference, Record, Track, Transition
from editor_core.timing import TimeRange, floor_to_frame

MOST_UNDER = 16
"""A file may say that thousands lie in one place: a list of all pairs would be millions."""

AttentionKind = Literal["overlap", "orphan", "media", "range", "fades", "transition"]


class Attention(msgspec.Struct, frozen=True):
    """One thing that a person should look at: the records concerned, when on the timeline (ticks), and a sentence."""

    kind: AttentionKind
    records: tuple[str, ...]
    at: int
    message: str


def effective(view: Snapshot) -> tuple[Snapshot, tuple[Attention, ...]]:
    """The timeline as drawn, and what needs attention, by time. The snapshot itself, and nothing, where all fits (as a rule)."""
    if not any(True for _ in breaches(view)) and not any(clip.fade_in + clip.fade_out > clip.duration for clip in view.of_kind(Clip)):
        return view, _missing_media(view)
    notes: list[Attention] = []
    rows = {track.id: _row(view, track, notes) for track in view.tracks()}
    clips = {clip.id: clip for row in rows.values() for clip in row}
    for clip in view.of_kind(Clip):
        if clip.track not in rows:
            notes.append(Attention("orphan", (clip.id,), clip.start, f"{called(view, clip)} lies on a track that was removed"))
    drawn = _with(view, clips, rows, {})
    transitions = _transitions(drawn, view.of_kind(Transition), notes)
    notes.extend(_missing_media(drawn))
    return _with(view, clips, rows, transitions), tuple(sorted(notes, key=lambda note: (note.at, note.records)))


def _row(view: Snapshot, track: Track, notes: list[Attention]) -> tuple[Clip, ...]:
    """The clips of one track that can be drawn, none over another."""
    usable: list[Clip] = []
    for clip in view.clips_on(track.id):
        reason = _unusable(view, clip, track)
        if reason:
            notes.append(Attention("orphan" if "track" in reason else "range", (clip.id,), clip.start, reason))
            continue
        usable.append(_fitted(view, clip, notes))
    seen: list[Clip] = []
    notes.extend(Attention("overlap", (under.id, over.id), over.start,
                           f"{called(view, over)} lies over {called(view, under)} on {view.track_label(track)}")
                 for under, over in _one_over_another(usable))
    for clip, following in zip_longest(usable, usable[1:]):
        if following is None or clip.end <= following.start:
            seen.append(clip)
        elif following.start > clip.start:
            kept = following.start - clip.start
            fade_in, fade_out = fitted_fades(kept, clip.fade_in, clip.fade_out)
            seen.append(msgspec.structs.replace(clip, source_range=TimeRange(clip.source_range.start, kept), fade_in=fade_in,
                                                fade_out=fade_out))
    return by_start(seen)


def _one_over_another(clips: Iterable[Clip]) -> Iterator[tuple[Clip, Clip]]:
    """Pairs that share time, of clips in the order of their starts: also where a short one lies between them, which ends before the
    later one begins. A clip is told with the `MOST_UNDER` nearest below it."""
    under: list[Clip] = []
    for clip in clips:
        under = [one for one in under if one.end > clip.start][-MOST_UNDER:]
        for one in under:
            yield one, clip
        under.append(clip)


def _unusable(view: Snapshot, clip: Clip, track: Track) -> str:
    if not fits(clip, track):
        return f"{called(view, clip)} ({clip.kind}) cannot lie on {'an' if track.kind == 'audio' else 'a'} {track.kind} track"
    if clip.duration <= 0:
        return f"{called(view, clip)} has no length"
    if clip.source_range.start < 0:
        return f"{called(view, clip)} starts before its media does"
    return ""


def _fitted(view: Snapshot, clip: Clip, notes: list[Attention]) -> Clip:
    if clip.fade_in + clip.fade_out <= clip.duration:
        return clip
    notes.append(Attention("fades", (clip.id,), clip.start, f"The fades of {called(view, clip)} are longer than it is"))
    fade_in, fade_out = fitted_fades(clip.duration, clip.fade_in, clip.fade_out)
    return msgspec.structs.replace(clip, fade_in=fade_in, fade_out=fade_out)


def _missing_media(view: Snapshot) -> tuple[Attention, ...]:
    return tuple(Attention("media", (clip.id,), clip.start, f"{called(view, clip)} uses media that was removed from the project")
                 for clip in view.of_kind(Clip) if clip.kind in ("video", "audio") and view.find(MediaReference, clip.asset) is None)


def _transitions(view: Snapshot, transitions: Iterable[Transition], notes: list[Attention]) -> dict[str, Transition]:
    """The transitions that can be drawn, each no longer than its handles. `view` has the clips as drawn, and no transition."""
    rate = view.timeline.rate
    kept: dict[str, Transition] = {}
    cuts: set[tuple[str, str]] = set()
    for transition in sorted(transitions, key=lambda one: one.id):
        first, second = view.find(Clip, transition.from_clip), view.find(Clip, transition.to_clip)
        ids = (transition.id, transition.from_clip, transition.to_clip)
        if first is None or second is None or first.track != second.track or first.end != second.start:
            at = second.start if second is not None else first.end if first is not None else 0
            notes.append(Attention("transition", ids, at, "A transition joins clips that no longer touch"))
            continue
        if (first.id, second.id) in cuts:
            notes.append(Attention("transition", ids, second.start, "There is more than one transition on a cut"))
            continue
        most = longest(reach(view, first, second), rate)
        if most < transition.duration:
            notes.append(Attention("transition", ids, second.start, f"A transition has media for {length(most, rate)} only"))
        if most:
            duration = min(transition.duration, floor_to_frame(most, rate))
            kept[transition.id] = msgspec.structs.replace(transition, duration=duration, track=first.track)
            cuts.add((first.id, second.id))
    return kept


def _with(view: Snapshot, clips: dict[str, Clip], rows: dict[str, tuple[Clip, ...]], transitions: dict[str, Transition]) -> Snapshot:
    """A snapshot with these clips and transitions and no others."""
    left_out = {r.id for kind in (Clip, Transition) for r in view.of_kind(kind)} - clips.keys() - transitions.keys()
    records: dict[str, Record] = {i: r for i, r in view.records.items() if i not in left_out}
    return Snapshot.of({**records, **clips, **transitions}.values(), view.revision)

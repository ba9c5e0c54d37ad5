"""What is heard when: the timeline's sound as a flat list of pieces.

Owns: which clips sound, from where to where, how loud, with which fades. Refuses: samples; mixing is `render.audio`.
"""

from __future__ import annotations

import msgspec

from editor_core.document.view import View
from editor_core.schema import Clip, MediaReference
from render.graph.stack import Lane, lanes


class SoundPiece(msgspec.Struct, frozen=True, array_like=True):
    """One stretch of one sound stream on the timeline. All times are ticks.

    It covers `[start, start + duration)` of the timeline and plays the media from `source_start` (media time at `start`; may
    be negative or run past the end, which is silence). `stream` counts the file's sound streams from 0; `channel` is 0 for all
    of its channels, mixed down, or the one that is heard alone on both sides, from 1. `gain_db` is clip and track together,
    `pan` -1 (left) to 1 (right).
    `fade_in` and `fade_out` are lengths from its ends, 0 for none. `lead` and `tail` are the lengths of cross-fades at its
    ends, reaching into the handles and already part of the covered range: there the level follows sin and cos of a quarter
    turn (equal power), and no fade of its own acts.
    """

    clip: str
    asset: str
    stream: int
    source_start: int
    start: int
    duration: int
    gain_db: float
    pan: float
    fade_in: int
    fade_out: int
    lead: int = 0
    tail: int = 0
    channel: int = 0

    @property
    def end(self) -> int:
        return self.start + self.duration


def sound_plan(view: View, start: int, end: int) -> tuple[SoundPiece, ...]:
    """Every piece that sounds somewhere in `[start, end)` ticks, whole (not cut to the range), in timeline order.

    Muted tracks, tracks that are not soloed while others are, disabled clips and clips whose media the project does not know
    are left out.
    """
    pieces: list[SoundPiece] = []
    for lane in lanes(view, "audio"):
        if lane.track.muted:
            continue
        reach = max((joint.duration for joint in lane.joints), default=0)
        for clip in lane.between(start - reach, end + reach):
            piece = _piece(view, lane, clip)
            if piece is not None and piece.start < end and piece.end > start:
                pieces.append(piece)
    return tuple(sorted(pieces, key=lambda piece: (piece.start, piece.clip)))


def _piece(view: View, lane: Lane, clip: Clip) -> SoundPiece | None:
    media = view.find(MediaReference, clip.asset)
    if not clip.enabled or media is None or not media.audio:
        return None
    stream = clip.stream - 1 if clip.stream <= len(media.audio) else 0
    head, tail = lane.heads.get(clip.id), lane.tails.get(clip.id)
    start = clip.start if head is None else head.start
    end = clip.end if tail is None else tail.end
    return SoundPiece(
        clip=clip.id,
        asset=clip.asset,
        stream=stream,
        source_start=clip.source_range.start - (clip.start - start),
        start=start,
        duration=end - start,
        gain_db=clip.gain_db + lane.track.gain_db,
        pan=clip.pan,
        fade_in=0 if head else min(clip.fade_in, clip.duration),
        fade_out=0 if tail else min(clip.fade_out, clip.duration),
        lead=head.duration if head else 0,
        tail=tail.duration if tail else 0,
        channel=clip.channel if clip.channel <= media.audio[stream].channels else 0,
    )

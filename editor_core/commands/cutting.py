"""Commands that cut clips and take them away.

Owns: `clip.split`, `clip.trim`, `clip.lift`, `clip.extract`, `clip.close_gap`. Refuses: placing and moving.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from editor_core.commands.context import ClipId, ClipIds, Context, Time, TrackName
from editor_core.commands.registry import Args, CommandError, command
from editor_core.edits import trim as trims
from editor_core.edits.extract import close_gap as close_gap_edit
from editor_core.edits.extract import extract as extract_edit
from editor_core.edits.lanes import open_tracks
from editor_core.edits.lift import lift as lift_edit
from editor_core.edits.partners import with_linked
from editor_core.edits.split import split as split_edit
from editor_core.edits.wording import amount, called, several
from editor_core.edits.wording import at as at_words
from editor_core.schema import Clip, Track

Linked = Annotated[bool, Meta(description="linked picture and sound go along (false: only what is named)")]


class Split(Args, frozen=True):
    at: Time
    clips: Annotated[list[str], Meta(description="ids of clips; left out: every clip at that time on unlocked tracks")] | None = None
    linked: Linked = True


class SplitResult(msgspec.Struct, frozen=True):
    """`clips` are the new right halves; `clip` is the first of them."""

    clip: str
    clips: list[str]


class Trim(Args, frozen=True):
    clip: ClipId
    edge: Literal["head", "tail"]
    to: Annotated[int | str, Meta(description="the time on the timeline to which the edge goes")]
    ripple: Annotated[bool, Meta(description="everything later moves along; a head then stays where it is")] = False
    linked: Linked = True


class Named(Args, frozen=True):
    clips: ClipIds
    linked: Linked = True


class Gap(Args, frozen=True):
    track: TrackName
    at: Time


class Held(msgspec.Struct, frozen=True):
    """`held` are the labels of tracks that stayed as they were, because something on them was in the way."""

    held: list[str]


@command("clip.split", "Split", menu="Clip", icon="scissors")
def split(ctx: Context, args: Split) -> SplitResult:
    """Cuts clips in two at a time: the named ones with their linked ones, or every clip there on the unlocked tracks. The right halves
    are new clips, linked among themselves."""
    draft = ctx.draft
    if args.clips is not None:
        given = with_linked(draft, ctx.clips(args.clips), args.linked)
        at = ctx.time(args.at, "at") if all(clip.is_sound for clip in given) else ctx.frame_time(args.at, "at")
        for clip in ctx.clips(args.clips):
            if not clip.start < at < clip.end:
                raise CommandError(f"{called(draft, clip)} has no frame to cut at {at_words(at, ctx.rate)}; it lies from "
                                   f"{at_words(clip.start, ctx.rate)} to {at_words(clip.end, ctx.rate)}")
    else:
        at = ctx.frame_time(args.at, "at")
        given = [clip for track in open_tracks(draft) for clip in draft.clips_between(track.id, at, at + 1)]
    right = split_edit(draft, given, at)
    if not right:
        raise CommandError(f"There is no clip to cut at {at_words(at, ctx.rate)} on an unlocked track")
    ctx.label = f"Split {several(draft, right)} at {at_words(at, ctx.rate)}"
    return SplitResult(right[0].id, [clip.id for clip in right])


@command("clip.trim", "Trim", menu="", icon="pe-trim-in")
def trim(ctx: Context, args: Trim) -> Held:
    """Moves an edge of a clip to a time, with the edges of linked clips that lie at the same time. Refused beyond the media, or where
    another clip is in the way. With `ripple` everything later on the unlocked tracks moves along; a track where something is in the way
    stays, unless linked picture and sound would part, and is named in the result."""
    clip = ctx.clip(args.clip)
    to = ctx.time(args.to, "to", least=None if args.ripple else 0)
    only_sound = all(one.is_sound for one in (ctx.draft.linked(clip) if args.linked else [clip]))
    if not only_sound:
        to = ctx.frame_time(args.to, "to", least=None if args.ripple else 0)
    held: list[Track] = []
    if args.ripple:
        held = trims.ripple_trim(ctx.draft, clip, args.edge, to, linked=args.linked)
    else:
        trims.trim(ctx.draft, clip, args.edge, to, linked=args.linked)
    now = ctx.draft.get(Clip, clip.id)
    verb = "Ripple trim" if args.ripple else "Trim"
    ctx.label = f"{verb} {called(ctx.draft, clip)}, {amount(now.duration - clip.duration, ctx.rate)}"
    return _held(ctx, held)


@command("clip.lift", "Remove, leave gap", menu="Clip", icon="pe-lift")
def lift(ctx: Context, args: Named) -> None:
    """Removes clips with their linked ones; what comes later stays where it is."""
    clips = ctx.clips(args.clips)
    ctx.label = f"Lift {several(ctx.draft, clips)}"
    lift_edit(ctx.draft, clips, linked=args.linked)


@command("clip.extract", "Ripple delete", menu="Clip", icon="pe-extract")
def extract(ctx: Context, args: Named) -> Held:
    """Removes clips with their linked ones and closes the gap. The tracks they lay on always close; later clips on the other unlocked
    tracks come along by the same amount. A track where something is in the way (music that runs on) stays as it is and is named in the
    result, unless that would part linked picture and sound: then nothing is done, and the message names what is in the way."""
    clips = ctx.clips(args.clips)
    ctx.label = f"Extract {several(ctx.draft, clips)}"
    return _held(ctx, extract_edit(ctx.draft, clips, linked=args.linked))


@command("clip.close_gap", "Close gap", menu="Clip")
def close_gap(ctx: Context, args: Gap) -> Held:
    """Closes the gap on a track at a time. Other unlocked tracks follow as in `clip.extract`."""
    at, track = ctx.time(args.at, "at"), ctx.track(args.track)
    held = close_gap_edit(ctx.draft, track, at)
    ctx.label = f"Close gap at {at_words(at, ctx.rate)}"
    return _held(ctx, held)


def _held(ctx: Context, tracks: list[Track]) -> Held:
    return Held([ctx.draft.track_label(track) for track in tracks])

"""Commands that move clips and say what belongs together.

Owns: `clip.move`, `clip.nudge`, `clip.link`, `clip.unlink`, `clip.group`, `clip.ungroup`. Refuses: cutting.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from editor_core.commands.context import ClipIds, Context
from editor_core.commands.registry import Args, CommandError, command
from editor_core.edits import link as links
from editor_core.edits.landing import NEW
from editor_core.edits.move import move as move_edit
from editor_core.edits.partners import only_sound
from editor_core.edits.wording import amount, called, several
from editor_core.schema import Track
from editor_core.timing import round_to_frame

Distance = Annotated[int | str, Meta(description="a distance as a time; negative is earlier")]
Mode = Annotated[
    Literal["refuse", "overwrite", "insert"],
    Meta(description="clips in the way: refuse the move, overwrite them, or insert and push everything later along"),
]
Linked = Annotated[bool, Meta(description="linked picture and sound go along (false: only what is named)")]


class Move(Args, frozen=True):
    clips: ClipIds
    by: Distance | None = None
    to: Annotated[int | str, Meta(description="where the earliest of the clips shall start; the others keep their distance")] | None = None
    track: Annotated[str, Meta(description='where the first clip of the track\'s kind shall lie: an id, label or name, or "new" for a '
                               "track past the last one")] | None = None
    mode: Mode = "refuse"
    linked: Linked = True


class Nudge(Args, frozen=True):
    clips: ClipIds
    frames: Annotated[int, Meta(description="frames to the right; negative is to the left")] = 1
    linked: Linked = True


class Named(Args, frozen=True):
    clips: ClipIds


class Moved(msgspec.Struct, frozen=True):
    """`clips` are all that moved, linked ones included."""

    clips: list[str]


@command("clip.move", "Move", menu="")
def move(ctx: Context, args: Move) -> Moved:
    """Moves clips with their linked ones by a distance, to a time, to another track, or both. From several tracks clips keep their
    distance in tracks, and tracks are made past the last one. Linked sound keeps its track if that is free, else goes to the first free
    one. A move onto another clip is refused, unless `mode` says otherwise."""
    clips = ctx.clips(args.clips)
    if args.by is not None and args.to is not None:
        raise CommandError("clip.move: say `by` or `to`, not both")
    if args.by is None and args.to is None and args.track is None:
        raise CommandError("clip.move: say `by`, `to` or `track`")
    track = None if args.track is None else NEW if args.track == NEW else ctx.editable(ctx.track(args.track))
    first = min(clip.start for clip in clips)
    by = 0
    if args.by is not None:
        by = ctx.time(args.by, "by", least=None)
    elif args.to is not None:
        by = ctx.time(args.to, "to") - first
    if args.mode == "insert" or not only_sound(ctx.draft, clips, args.linked):
        by = round_to_frame(first + by, ctx.rate) - first if any(not c.is_sound and c.start == first for c in clips) \
            else round_to_frame(by, ctx.rate)
    moved = move_edit(ctx.draft, clips, by, track, mode=args.mode, linked=args.linked)
    lead = next(clip for clip in moved if clip.id == clips[0].id)
    where = f" to {ctx.draft.track_label(ctx.draft.get(Track, lead.track))}" if track is not None else ""
    ctx.label = f"Move {several(ctx.draft, clips)}{where}" + (f", {amount(by, ctx.rate)}" if by else "")
    return Moved([clip.id for clip in moved])


@command("clip.nudge", "Nudge", menu="")
def nudge(ctx: Context, args: Nudge) -> Moved:
    """Moves clips by frames, over what is in the way."""
    clips = ctx.clips(args.clips)
    by = args.frames * ctx.rate.ticks_per_frame
    moved = move_edit(ctx.draft, clips, by, mode="overwrite", linked=args.linked)
    ctx.label = f"Nudge {several(ctx.draft, clips)}, {amount(by, ctx.rate)}"
    return Moved([clip.id for clip in moved])


@command("clip.link", "Link", menu="Clip", icon="link")
def link(ctx: Context, args: Named) -> None:
    """Links clips, such as a picture and its sound, so that they move, trim, split and go together."""
    clips = ctx.clips(args.clips)
    links.link(ctx.draft, clips)
    ctx.label = f"Link {called(ctx.draft, clips[0])}" if len(clips) == 2 else f"Link {len(clips)} clips"


@command("clip.unlink", "Unlink", menu="Clip", icon="unlink")
def unlink(ctx: Context, args: Named) -> None:
    """Takes linked clips apart, so that each can be edited by itself."""
    clips = ctx.clips(args.clips)
    ctx.label = f"Unlink {several(ctx.draft, clips)}"
    links.unlink(ctx.draft, clips)


@command("clip.group", "Group", menu="Clip", icon="group")
def group(ctx: Context, args: Named) -> None:
    """Groups clips, so that the window selects them together."""
    clips = ctx.clips(args.clips)
    links.group(ctx.draft, clips)
    ctx.label = f"Group {len(clips)} clips"


@command("clip.ungroup", "Ungroup", menu="Clip", icon="ungroup")
def ungroup(ctx: Context, args: Named) -> None:
    """Takes the groups of the named clips apart."""
    links.ungroup(ctx.draft, ctx.clips(args.clips))
    ctx.label = "Ungroup"

"""Commands that make clips from clips.

Owns: `clip.duplicate`, `clip.paste`. Refuses: the clipboard, which is the window's.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from editor_core.commands.context import ClipIds, Context, Time, TrackName
from editor_core.commands.registry import Args, command
from editor_core.edits.duplicate import duplicate as duplicate_edit
from editor_core.edits.duplicate import paste as paste_edit
from editor_core.edits.landing import NEW
from editor_core.edits.partners import with_linked
from editor_core.edits.wording import at as at_words
from editor_core.edits.wording import several
from editor_core.schema import Clip

Mode = Annotated[
    Literal["refuse", "overwrite", "insert"],
    Meta(description="clips in the way: refuse, overwrite them, or insert and push everything later along"),
]


class Duplicate(Args, frozen=True):
    clips: ClipIds
    at: Annotated[int | str, Meta(description="where the earliest copy starts; left out: the first free place behind them")] | None = None
    track: Annotated[str, Meta(description='where the first copy shall lie: a track, or "new" for one past the last')] | None = None
    mode: Mode = "refuse"
    linked: Annotated[bool, Meta(description="copy linked picture and sound too")] = True


class Paste(Args, frozen=True):
    clips: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=100000, description="clips as `proeditor show --json` has them")]
    at: Time
    track: TrackName | None = None
    mode: Mode = "overwrite"


class Copies(msgspec.Struct, frozen=True):
    """`clips` are the new clips; `clip` is the first of them."""

    clip: str
    clips: list[str]


@command("clip.duplicate", "Duplicate", menu="Edit", icon="copy-plus")
def duplicate(ctx: Context, args: Duplicate) -> Copies:
    """Copies clips with their linked ones, with links, groups and transitions among the copies."""
    given = ctx.clips(args.clips)
    clips = with_linked(ctx.draft, given, args.linked)
    track = None if args.track is None else NEW if args.track == NEW else ctx.editable(ctx.track(args.track))
    at = None
    if args.at is not None:
        only_sound = all(clip.is_sound for clip in clips)
        at = ctx.time(args.at, "at") if only_sound else ctx.frame_time(args.at, "at")
    ctx.label = f"Duplicate {several(ctx.draft, clips)}"
    return _result(duplicate_edit(ctx.draft, clips, at, track, mode=args.mode))


@command("clip.paste", "Paste clips", menu="")
def paste(ctx: Context, args: Paste) -> Copies:
    """Puts copied clips at a time, each on the track it was copied from if that is there, over what lies there unless `mode` says
    otherwise."""
    track = None if args.track is None else ctx.editable(ctx.track(args.track))
    at = ctx.time(args.at, "at")
    made = paste_edit(ctx.draft, args.clips, at, track, mode=args.mode)
    ctx.label = f"Paste {several(ctx.draft, made)} at {at_words(at, ctx.rate)}"
    return _result(made)


def _result(made: list[Clip]) -> Copies:
    return Copies(made[0].id, [clip.id for clip in made])

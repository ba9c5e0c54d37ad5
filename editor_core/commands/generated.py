"""Commands for clips that have no media.

Owns: `title.add`, `title.set`, `solid.add`. Refuses: drawing.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from editor_core.commands.context import ClipId, Context, Time, TrackName
from editor_core.commands.registry import Args, CommandError, command
from editor_core.edits.colours import ColourWord, colour_of
from editor_core.edits.generate import add_generated
from editor_core.edits.lanes import require_open
from editor_core.edits.style import Style, fields_of
from editor_core.edits.wording import called

Text = Annotated[str, Meta(max_length=20000, description="what it says; line breaks as \\n")]


class TitleAdd(Args, frozen=True):
    text: Text
    at: Time
    duration: Time
    track: TrackName | None = None
    style: Style | None = None


class TitleSet(Args, frozen=True):
    clip: ClipId
    text: Text | None = None
    style: Style | None = None


class SolidAdd(Args, frozen=True):
    color: ColourWord
    at: Time
    duration: Time
    track: TrackName | None = None


class ClipResult(msgspec.Struct, frozen=True):
    clip: str


@command("title.add", "Add title", menu="Clip", icon="type")
def add_title(ctx: Context, args: TitleAdd) -> ClipResult:
    """Adds a title. Without a track it goes to the top video track if that is free there, else to a new one above it."""
    track = None if args.track is None else ctx.track(args.track)
    clip = add_generated(ctx.draft, "title", ctx.frame_time(args.at, "at"), ctx.frame_time(args.duration, "duration"), track,
                         text=args.text, **fields_of(args.style))
    ctx.label = f"Add title {called(ctx.draft, clip)}"
    return ClipResult(clip.id)


@command("title.set", "Set title", menu="")
def set_title(ctx: Context, args: TitleSet) -> None:
    """Changes a title's text or style; what the style leaves out stays as it is."""
    clip = ctx.clip(args.clip)
    require_open(ctx.draft, (clip,))
    if clip.kind not in ("title", "caption"):
        raise CommandError(f"{called(ctx.draft, clip)} is a {clip.kind} clip and has no text")
    fields = fields_of(args.style)
    if args.text is not None:
        fields["text"] = args.text
    if not fields:
        raise CommandError("title.set: say what to set: text or style")
    ctx.label = f"Set text of {called(ctx.draft, clip)}" if args.text is not None else f"Style {called(ctx.draft, clip)}"
    ctx.draft.put(clip, **fields)


@command("solid.add", "Add solid", menu="Clip", icon="square")
def add_solid(ctx: Context, args: SolidAdd) -> ClipResult:
    """Adds a frame of one colour. Without a track it goes to the top video track if that is free there, else to a new one above it."""
    track = None if args.track is None else ctx.track(args.track)
    color = colour_of(args.color)
    clip = add_generated(ctx.draft, "solid", ctx.frame_time(args.at, "at"), ctx.frame_time(args.duration, "duration"), track,
                         color=color, name=f"Solid {color}")
    ctx.label = f"Add solid {color}"
    return ClipResult(clip.id)

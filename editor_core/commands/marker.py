"""Marker commands.

Owns: `marker.add`, `marker.set`, `marker.remove`. Refuses: comments.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from editor_core.commands.context import Context, Time
from editor_core.commands.registry import Args, CommandError, command
from editor_core.edits.colours import FORMS, colour_of
from editor_core.edits.wording import at as at_words
from editor_core.schema import Marker

Text = Annotated[str, Meta(max_length=5000)]
NAMES = ("green", "red", "yellow", "blue", "purple", "violet", "orange", "pink", "teal", "white")
"""Colours of markers that follow the theme."""
MarkerColor = Annotated[str, Meta(max_length=64, description=f"{', '.join(NAMES)}, which follow the theme; or {FORMS}")]


class MarkerAdd(Args, frozen=True):
    at: Time
    duration: Annotated[int | str, Meta(description="0 for a point in time")] = 0
    text: Text = ""
    color: MarkerColor = "green"


class MarkerSet(Args, frozen=True):
    marker: str
    at: Time | None = None
    duration: Annotated[int | str, Meta(description="0 for a point in time")] | None = None
    text: Text | None = None
    color: MarkerColor | None = None


class MarkerRemove(Args, frozen=True):
    marker: str


class MarkerResult(msgspec.Struct, frozen=True):
    marker: str


@command("marker.add", "Add marker", menu="Marker", icon="bookmark-plus")
def add(ctx: Context, args: MarkerAdd) -> MarkerResult:
    """Marks a point or a range of the timeline. Ripple edits carry markers along."""
    at = ctx.frame_time(args.at, "at")
    made = ctx.draft.create(Marker(id=ctx.draft.new_id("n"), timeline=ctx.timeline.id, start=at,
                                   duration=ctx.frame_time(args.duration, "duration"), text=args.text, color=_colour(args.color)))
    ctx.label = f"Mark {args.text or at_words(at, ctx.rate)}"
    return MarkerResult(made.id)


@command("marker.set", "Set marker", menu="")
def set_marker(ctx: Context, args: MarkerSet) -> None:
    """Moves a marker or changes its length, text or colour."""
    marker = ctx.draft.get(Marker, args.marker)
    fields: dict[str, object] = {}
    if args.at is not None:
        fields["start"] = ctx.frame_time(args.at, "at")
    if args.duration is not None:
        fields["duration"] = ctx.frame_time(args.duration, "duration")
    if args.text is not None:
        fields["text"] = args.text
    if args.color is not None:
        fields["color"] = _colour(args.color)
    if not fields:
        raise CommandError("marker.set: say what to set: at, duration, text or color")
    ctx.draft.put(marker, **fields)
    ctx.label = f"Set marker {args.text or marker.text or at_words(marker.start, ctx.rate)}"


@command("marker.remove", "Remove marker", menu="")
def remove(ctx: Context, args: MarkerRemove) -> None:
    """Removes a marker from the timeline."""
    marker = ctx.draft.get(Marker, args.marker)
    ctx.draft.delete(marker)
    ctx.label = f"Remove marker {marker.text or at_words(marker.start, ctx.rate)}"


def _colour(text: str) -> str:
    """A name of the theme stays one; anything else becomes #RRGGBB."""
    name = text.strip().casefold()
    return name if name in NAMES else colour_of(text)

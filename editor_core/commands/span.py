"""Commands on a range of the timeline.

Owns: `range.lift`, `range.extract`. Refuses: marks in and out, which are the window's.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from editor_core.commands.context import Context, Time, TrackName
from editor_core.commands.registry import Args, command
from editor_core.edits.span import extract_span, lift_span
from editor_core.edits.wording import at as at_words


class Range(Args, frozen=True):
    start: Time
    end: Annotated[int | str, Meta(description="end, exclusive")]


class RangeOfTracks(Args, frozen=True):
    start: Time
    end: Annotated[int | str, Meta(description="end, exclusive")]
    tracks: Annotated[list[TrackName], Meta(description="left out: all unlocked tracks", min_length=1)] | None = None


@command("range.lift", "Lift range", menu="Timeline", icon="pe-lift")
def lift(ctx: Context, args: RangeOfTracks) -> None:
    """Removes everything between two times on tracks, cutting clips that reach out of it; what comes later stays where it is."""
    start, end = ctx.frame_time(args.start, "start"), ctx.frame_time(args.end, "end")
    tracks = None if args.tracks is None else [ctx.editable(ctx.track(name)) for name in dict.fromkeys(args.tracks)]
    lift_span(ctx.draft, start, end, tracks)
    ctx.label = f"Lift {at_words(start, ctx.rate)} to {at_words(end, ctx.rate)}"


@command("range.extract", "Extract range", menu="Timeline", icon="pe-extract")
def extract(ctx: Context, args: Range) -> None:
    """Removes everything between two times on all unlocked tracks, cutting clips that reach out of it, and closes the gap."""
    start, end = ctx.frame_time(args.start, "start"), ctx.frame_time(args.end, "end")
    extract_span(ctx.draft, start, end)
    ctx.label = f"Extract {at_words(start, ctx.rate)} to {at_words(end, ctx.rate)}"

"""Project and timeline commands.

Owns: `project.rename`, `timeline.set`, `timeline.rename`. Refuses: tracks and clips.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from editor_core.commands.context import Context
from editor_core.commands.registry import Args, CommandError, command
from editor_core.edits.conform import conform
from editor_core.schema import Timeline
from editor_core.timing import Rate, parse_rate

Name = Annotated[str, Meta(max_length=200, description="the new name")]
Pixels = Annotated[int, Meta(ge=16, le=16384, description="pixels, even, 16 to 16384")]


class Rename(Args, frozen=True):
    name: Name


class TimelineSet(Args, frozen=True):
    width: Pixels | None = None
    height: Pixels | None = None
    rate: Annotated[str | int | float, Meta(description='frames a second: 25, "30000/1001", 29.97')] | None = None
    audio_rate: Annotated[int, Meta(ge=8000, le=192000, description="samples a second")] | None = None


class TimelineNotice(Struct, frozen=True):
    """`notice` is what should be said of it, empty for nothing."""

    notice: Annotated[str, Meta(description="what changed besides, in words; empty for nothing")] = ""


@command("project.rename", "Rename project", menu="File")
def rename_project(ctx: Context, args: Rename) -> None:
    """Gives the project a name. The file keeps its own."""
    ctx.draft.put(ctx.draft.project, name=args.name)
    ctx.label = f"Rename project to {args.name}"


@command("timeline.rename", "Rename timeline", menu="Timeline")
def rename_timeline(ctx: Context, args: Rename) -> None:
    """Gives the timeline a name."""
    ctx.draft.put(ctx.timeline, name=args.name)
    ctx.label = f"Rename timeline to {args.name}"


@command("timeline.set", "Timeline settings", menu="Timeline", icon="settings-2")
def set_timeline(ctx: Context, args: TimelineSet) -> TimelineNotice:
    """Sets frame size, frame rate and sample rate. With another frame rate, picture starts and ends go to the nearest new frame and
    linked sound with them; a clip whose media ends before that frame ends one earlier. `notice` says how many. Positions are in
    project pixels and stay as they are."""
    if args == TimelineSet():
        raise CommandError("timeline.set: say what to set: width, height, rate or audio_rate")
    given: list[str] = []
    notice = ""
    for side, value in (("width", args.width), ("height", args.height)):
        if value is not None and value % 2:
            raise CommandError(f"{side}: {value} is odd; video needs even sizes, such as {value + 1}")
    if args.width is not None or args.height is not None:
        line = ctx.draft.put(ctx.timeline, width=args.width or ctx.timeline.width, height=args.height or ctx.timeline.height)
        given.append(f"{line.width}×{line.height}")
    if args.audio_rate is not None:
        ctx.draft.put(ctx.timeline, audio_rate=args.audio_rate)
        given.append(f"{args.audio_rate} Hz")
    if args.rate is not None:
        rate = parse_rate(args.rate)
        moved, shortened = conform(ctx.draft, ctx.draft.get(Timeline, ctx.timeline.id), rate)
        given.append(f"{rate} fps")
        notice = _told(moved, shortened, rate)
    ctx.label = f"Timeline {', '.join(given)}"
    return TimelineNotice(notice)


def _told(moved: int, shortened: int, rate: Rate) -> str:
    """What another frame rate did to the cuts, in words; empty where all of them lay on its frames."""
    if not moved:
        return ""
    clips = "1 clip went" if moved == 1 else f"{moved} clips went"
    less = f"; {shortened} of them end{'s' if shortened == 1 else ''} up to a frame earlier, where the media end" if shortened else ""
    return f"{clips} to the nearest frames of {rate.fps:.5g} a second{less}. Undo brings the old cuts back exactly"

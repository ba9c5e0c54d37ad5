"""Track commands.

Owns: `track.add`, `track.set`, `track.remove`, `track.move`. Refuses: clips.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from editor_core.commands.context import Context, TrackName
from editor_core.commands.registry import Args, CommandError, command
from editor_core.edits import tracks
from editor_core.edits.lanes import new_track
from editor_core.edits.wording import lane

Index = Annotated[int, Meta(ge=0, le=1000, description="place among tracks of its kind: 0 is V1 or A1, beyond the last is last")]


class TrackAdd(Args, frozen=True):
    kind: Literal["video", "audio", "caption"]
    name: Annotated[str, Meta(max_length=200, description="shown instead of the position label")] = ""
    index: Index | None = None


class TrackSet(Args, frozen=True):
    track: TrackName
    name: Annotated[str, Meta(max_length=200, description="shown instead of the position label; empty for none")] | None = None
    muted: Annotated[bool, Meta(description="an audio track is not heard")] | None = None
    solo: Annotated[bool, Meta(description="of the tracks of its kind, only those that are solo are seen or heard")] | None = None
    locked: Annotated[bool, Meta(description="the track and its clips cannot be changed")] | None = None
    hidden: Annotated[bool, Meta(description="a video track is not seen, an audio track not heard")] | None = None
    gain_db: Annotated[float, Meta(ge=-96, le=24, description="level of an audio track in decibels, -96 to 24")] | None = None


class TrackRemove(Args, frozen=True):
    track: TrackName


class TrackMove(Args, frozen=True):
    track: TrackName
    index: Index


class TrackResult(msgspec.Struct, frozen=True):
    track: str


@command("track.add", "Add track", menu="Timeline", icon="list-plus")
def add(ctx: Context, args: TrackAdd) -> TrackResult:
    """Adds a track: on top (video, caption) or at the bottom (audio), unless `index` says where among its kind."""
    made = new_track(ctx.draft, args.kind, args.index, args.name)
    ctx.label = f"Add track {lane(ctx.draft, made)}"
    return TrackResult(made.id)


@command("track.set", "Set track", menu="")
def set_track(ctx: Context, args: TrackSet) -> None:
    """Names a track, or mutes, solos, locks or hides it, or sets its level. A locked track and its clips cannot be changed."""
    track = ctx.track(args.track)
    names = ("name", "muted", "solo", "locked", "hidden", "gain_db")
    fields = {name: value for name in names if (value := getattr(args, name)) is not None}
    if not fields:
        raise CommandError(f"track.set: say what to set: {', '.join(names)}")
    if "gain_db" in fields and track.kind != "audio":
        raise CommandError(f"{lane(ctx.draft, track)} is {track.kind}; gain_db is for audio tracks")
    before = lane(ctx.draft, track)
    ctx.draft.put(track, **fields)
    ctx.label = _words(before, fields)


def _words(track: str, fields: dict[str, object]) -> str:
    if len(fields) > 1:
        return f"Set {track}"
    (name, value), = fields.items()
    if name == "name":
        return f"Rename {track} to {value}" if value else f"Clear name of {track}"
    if name == "gain_db":
        return f"Level of {track} {value:+g} dB"
    verbs = {"muted": ("Mute", "Unmute"), "solo": ("Solo", "Unsolo"), "locked": ("Lock", "Unlock"), "hidden": ("Hide", "Show")}
    return f"{verbs[name][0 if value else 1]} {track}"


@command("track.remove", "Remove track", menu="Timeline", icon="trash-2")
def remove(ctx: Context, args: TrackRemove) -> None:
    """Removes a track and the clips on it. Clips on other tracks stay, also those that were linked to them."""
    track = ctx.track(args.track)
    label = lane(ctx.draft, track)
    count = tracks.remove_track(ctx.draft, track)
    ctx.label = f"Remove track {label}" + (f" with {count} clip{'s' if count != 1 else ''}" if count else "")


@command("track.move", "Move track", menu="")
def move(ctx: Context, args: TrackMove) -> None:
    """Puts a track at another place among those of its kind; `index` 0 is the lowest video or first audio track."""
    track = ctx.track(args.track)
    before = lane(ctx.draft, track)
    moved = tracks.move_track(ctx.draft, track, args.index)
    ctx.label = f"Move track {before} to {ctx.draft.track_label(moved)}"

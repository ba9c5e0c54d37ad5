"""Commands that put media on the timeline.

Owns: `clip.append`, `clip.insert`, `clip.overwrite`. Refuses: how room is made (see `edits`).
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from editor_core.commands.context import Context, Time, TrackName
from editor_core.commands.registry import Args, command
from editor_core.edits import place
from editor_core.edits.insert import insert as insert_edit
from editor_core.edits.lanes import base_track, first_free
from editor_core.edits.overwrite import overwrite as overwrite_edit
from editor_core.edits.source import source_range
from editor_core.edits.wording import at as at_words
from editor_core.edits.wording import lane
from editor_core.schema import MediaReference, Track
from editor_core.timing import TimeRange

AssetId = Annotated[str, Meta(description="id of an asset of the project")]
SourceStart = Annotated[int | str, Meta(description="where in the media to begin; its earliest sample is 0")]
SourceDuration = Annotated[int | str, Meta(description="how much of the media; left out: all that follows (a still: 5 s)")]


class Append(Args, frozen=True):
    asset: AssetId
    track: TrackName | None = None
    source_start: SourceStart | None = None
    source_duration: SourceDuration | None = None


class PlaceAt(Args, frozen=True):
    asset: AssetId
    at: Time
    track: TrackName | None = None
    source_start: SourceStart | None = None
    source_duration: SourceDuration | None = None


class Placed(msgspec.Struct, frozen=True):
    """`clip` is the new clip; `linked` its linked sound, null where there is none."""

    clip: str
    linked: str | None


@command("clip.append", "Append", menu="Clip", icon="pe-append")
def append(ctx: Context, args: Append) -> Placed:
    """Puts media after the last clip of a track (V1, or A1 for sound), its linked sound on the first audio track that is free there."""
    asset, source = _media(ctx, args)
    track = _target(ctx, asset, args.track) or base_track(ctx.draft, place.kind_for(asset))
    made = place.append(ctx.draft, asset, track, source)
    ctx.label = f"Append {asset.name}"
    return _placed(made)


@command("clip.insert", "Insert", menu="Clip", icon="pe-insert")
def insert(ctx: Context, args: PlaceAt) -> Placed:
    """Puts media in at a time and pushes everything later along on all unlocked tracks; clips that lie across that time are split.
    Without a track picture goes to V1 (sound to A1), linked sound to the first audio track that is free."""
    asset, source = _media(ctx, args)
    track = _target(ctx, asset, args.track) or base_track(ctx.draft, place.kind_for(asset))
    at = ctx.frame_time(args.at, "at")
    place.require_kind(ctx.draft, asset, track)
    made = insert_edit(ctx.draft, asset, track, at, source)
    ctx.label = f"Insert {asset.name} at {at_words(at, ctx.rate)}"
    return _placed(made)


@command("clip.overwrite", "Overwrite", menu="Clip", icon="pe-overwrite")
def overwrite(ctx: Context, args: PlaceAt) -> Placed:
    """Puts media at a time over what lies there on its track; nothing moves, and no other track is erased. Without a track picture goes
    to V1, sound to the first audio track that is free there, as linked sound does."""
    asset, source = _media(ctx, args)
    kind = place.kind_for(asset)
    track = _target(ctx, asset, args.track)
    sound = (track.kind if track is not None else kind) == "audio"
    at = ctx.time(args.at, "at") if sound else ctx.frame_time(args.at, "at")
    if track is None:
        track = first_free(ctx.draft, "audio", at, at + source.duration) if sound else base_track(ctx.draft, kind)
    made = overwrite_edit(ctx.draft, asset, track, at, source)
    ctx.label = f"Overwrite with {asset.name} at {at_words(at, ctx.rate)} on {lane(ctx.draft, track)}"
    return _placed(made)


def _media(ctx: Context, args: Append | PlaceAt) -> tuple[MediaReference, TimeRange]:
    asset = ctx.asset(args.asset)
    start = None if args.source_start is None else ctx.time(args.source_start, "source_start")
    duration = None if args.source_duration is None else ctx.time(args.source_duration, "source_duration")
    return asset, source_range(asset, start, duration, ctx.rate)


def _target(ctx: Context, asset: MediaReference, name: str | None) -> Track | None:
    if name is None:
        return None
    track = ctx.editable(ctx.track(name))
    place.require_kind(ctx.draft, asset, track)
    return track


def _placed(made: place.Placed) -> Placed:
    return Placed(made.clip.id, made.sound.id if made.sound is not None else None)

"""Asset commands: what the project knows of its media.

Owns: `asset.add`, `asset.set`, `asset.remove`. Refuses: files; where they lie on this machine is not part of the project.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from editor_core.commands.context import Context
from editor_core.commands.registry import Args, CommandError, command
from editor_core.edits.lift import lift
from editor_core.schema import AudioStream, Clip, Collection, MediaReference, VideoStream
from editor_core.timing import MAX_TICKS


class AssetAdd(Args, frozen=True):
    name: Annotated[str, Meta(min_length=1, max_length=500, description="shown to people, as a rule the file's name")]
    hash: Annotated[str, Meta(description="quick:… or full BLAKE3 of the file")]
    size: Annotated[int, Meta(ge=0, description="bytes")] = 0
    full_hash: str = ""
    container: str = ""
    duration: Annotated[int, Meta(ge=0, le=MAX_TICKS, description="ticks from the earliest sample to the end of the last stream; 0 for "
                                  "a still")] = 0
    still: bool = False
    video: VideoStream | None = None
    audio: tuple[AudioStream, ...] = ()
    warnings: tuple[str, ...] = ()
    collection: Annotated[str, Meta(description="id of the collection that it shall lie in; empty for none")] = ""


class AssetSet(Args, frozen=True):
    asset: str
    name: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    full_hash: str | None = None
    warnings: tuple[str, ...] | None = None


class AssetRemove(Args, frozen=True):
    asset: str
    clips: Annotated[bool, Meta(description="also remove the clips that use it")] = False


class AssetResult(msgspec.Struct, frozen=True):
    asset: str


@command("asset.add", "Add media", menu="")
def add(ctx: Context, args: AssetAdd) -> AssetResult:
    """Takes a media reference into the project; `import` does this for files. The same media is taken in once: its asset is returned."""
    for asset in ctx.draft.of_kind(MediaReference):
        if (asset.hash, asset.size, asset.duration) == (args.hash, args.size, args.duration) and asset.hash:
            return AssetResult(asset.id)
    if args.collection:
        ctx.draft.get(Collection, args.collection)
    fields = {name: getattr(args, name) for name in args.__struct_fields__}
    made = ctx.draft.create(MediaReference(id=ctx.draft.new_id("m"), **fields))
    ctx.label = f"Import {made.name}"
    return AssetResult(made.id)


@command("asset.set", "Set media", menu="")
def set_asset(ctx: Context, args: AssetSet) -> None:
    """Renames an asset, or records its full hash or warnings."""
    asset = ctx.asset(args.asset)
    fields = {name: value for name in ("name", "full_hash", "warnings") if (value := getattr(args, name)) is not None}
    if not fields:
        raise CommandError("asset.set: say what to set: name, full_hash or warnings")
    ctx.draft.put(asset, **fields)
    ctx.label = f"Rename {asset.name} to {args.name}" if args.name is not None else f"Note on {asset.name}"


@command("asset.remove", "Remove media", menu="")
def remove(ctx: Context, args: AssetRemove) -> None:
    """Takes an asset out of the project; the file stays. Refused while clips use it, unless `clips` is true."""
    asset = ctx.asset(args.asset)
    used = [clip for clip in ctx.draft.of_kind(Clip) if clip.asset == asset.id]
    if used and not args.clips:
        raise CommandError(f"{asset.name} is used by {len(used)} clip{'s' if len(used) != 1 else ''}; remove them first, "
                           'or say "clips": true')
    lift(ctx.draft, used)
    ctx.draft.delete(asset)
    ctx.label = f"Remove {asset.name}" + (f" and {len(used)} clip{'s' if len(used) != 1 else ''}" if used else "")

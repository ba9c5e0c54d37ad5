"""Collection commands: media sorted into named places.

Owns: `collection.add`, `collection.set`, `collection.put`, `collection.remove`. Refuses: files, which stay where they lie.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from editor_core.commands.context import Context
from editor_core.commands.registry import Args, CommandError, command
from editor_core.schema import Collection, MediaReference

Name = Annotated[str, Meta(min_length=1, max_length=200, description="shown to people")]
Assets = Annotated[tuple[str, ...], Meta(description="ids of media")]


class CollectionAdd(Args, frozen=True):
    name: Name
    assets: Assets = ()


class CollectionSet(Args, frozen=True):
    collection: str
    name: Name


class CollectionPut(Args, frozen=True):
    assets: Annotated[list[str], Meta(description="ids of media", min_length=1)]
    collection: Annotated[str, Meta(description="a collection's id; null takes the media out of theirs")] | None


class CollectionRemove(Args, frozen=True):
    collection: str


class CollectionResult(msgspec.Struct, frozen=True):
    collection: str


@command("collection.add", "New collection", menu="", icon="folder-plus")
def add(ctx: Context, args: CollectionAdd) -> CollectionResult:
    """Makes a collection, perhaps with media in it. Media lies in one collection at most."""
    name = _spaced(args.name)
    made = ctx.draft.create(Collection(id=ctx.draft.new_id("b"), name=name))
    _put(ctx, args.assets, made.id)
    ctx.label = f"New collection {name}"
    return CollectionResult(made.id)


@command("collection.set", "Rename collection", menu="", icon="pencil")
def rename(ctx: Context, args: CollectionSet) -> None:
    """Gives a collection another name."""
    collection, name = ctx.draft.get(Collection, args.collection), _spaced(args.name)
    ctx.draft.put(collection, name=name)
    ctx.label = f"Rename {collection.name} to {name}"


@command("collection.put", "Put in collection", menu="", icon="folder-input")
def put(ctx: Context, args: CollectionPut) -> None:
    """Puts media into a collection, out of the one where it lay; without a collection only the latter."""
    target = ctx.draft.get(Collection, args.collection) if args.collection is not None else None
    moved = _put(ctx, args.assets, target.id if target is not None else "")
    what = moved[0] if len(moved) == 1 else f"{len(moved)} media"
    ctx.label = f"Put {what} in {target.name}" if target is not None else f"Take {what} out of the collection"


@command("collection.remove", "Remove collection", menu="", icon="folder-minus")
def remove(ctx: Context, args: CollectionRemove) -> None:
    """Removes a collection; its media stays in the project."""
    collection = ctx.draft.get(Collection, args.collection)
    for asset in [a for a in ctx.draft.of_kind(MediaReference) if a.collection == collection.id]:
        ctx.draft.put(asset, collection="")
    ctx.draft.delete(collection)
    ctx.label = f"Remove collection {collection.name}"


def _put(ctx: Context, assets: Iterable[str], collection: str) -> list[str]:
    """Names of the media that were moved or lay there already."""
    found = [ctx.asset(asset) for asset in dict.fromkeys(assets)]
    for asset in found:
        ctx.draft.put(asset, collection=collection)
    return [asset.name for asset in found]


def _spaced(name: str) -> str:
    words = " ".join(name.split())
    if not words:
        raise CommandError("name: a collection needs a name that can be seen")
    return words

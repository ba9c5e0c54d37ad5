"""Bringing clips back to how they were.

Owns: `clip.restore`. Refuses: knowing how they were (see `sync.blame`; the caller says the values), and moving other clips out of the way.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from editor_core.commands.context import Context
from editor_core.commands.registry import Args, CommandError, command
from editor_core.edits.lanes import lane_kind, new_track
from editor_core.edits.wording import several
from editor_core.schema import Clip, SchemaError, Track, replace, typed

NEVER = frozenset({"id", "type", "kind", "link", "group"})
"""What a clip is, and whom it belongs with: no part of how it was."""


class Was(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A clip and the values that its fields had, as plain values."""

    clip: str
    fields: dict[str, Any]


class Restore(Args, frozen=True):
    states: Annotated[list[Was], Meta(description="clips with the values they had", min_length=1, max_length=1000)]
    moment: Annotated[str, Meta(description="when that was, in words, for the history", max_length=40)] = ""


class Restored(msgspec.Struct, frozen=True):
    """`clips` that were brought back; `stayed` where others lie in the old place now and the clip fits where it is; `lifted` where it
    fits in neither, so it lies on a new track."""

    clips: list[str]
    stayed: list[str]
    lifted: list[str]


@command("clip.restore", "Restore clip")
def restore(ctx: Context, args: Restore) -> Restored:
    """Makes clips what they were before; other clips stay as they are. `proeditor blame FILM CLIP --restore STAMP` finds out the
    arguments from a step of a clip's history."""
    stayed: list[str] = []
    lifted: list[str] = []
    for one in args.states:
        clip = ctx.draft.record(one.clip)
        if not isinstance(clip, Clip):
            raise CommandError(f"There is no clip {one.clip!r} in this project; `proeditor show FILM --json` lists them")
        wanted = _as_it_was(clip, one.fields)
        if wanted.deleted or _fits(ctx, wanted):
            pass
        elif not clip.deleted and _fits(ctx, here := msgspec.structs.replace(wanted, start=clip.start, track=clip.track)):
            wanted = here
            stayed.append(clip.id)
        else:
            wanted = msgspec.structs.replace(wanted, track=new_track(ctx.draft, lane_kind(wanted)).id)
            lifted.append(clip.id)
        changed = {name: getattr(wanted, name) for name in wanted.__struct_fields__ if getattr(wanted, name) != getattr(clip, name)}
        if changed:
            ctx.draft.put(clip, **changed)
    clips = [c for one in args.states if isinstance(c := ctx.draft.record(one.clip), Clip)]
    ctx.label = f"Restore {several(ctx.draft, clips)}" + (f" to {args.moment}" if args.moment else "")
    return Restored([clip.id for clip in clips], stayed, lifted)


def _as_it_was(clip: Clip, fields: dict[str, Any]) -> Clip:
    for name in fields:
        if name not in clip.__struct_fields__ or name in NEVER:
            raise CommandError(f"A clip has no {name!r} that could be brought back")
    try:
        return replace(clip, **{name: typed(Clip, name, value) for name, value in fields.items()})
    except SchemaError as error:
        raise CommandError(str(error)) from None


def _fits(ctx: Context, clip: Clip) -> bool:
    """Whether its track is there and nobody else lies in its place."""
    if ctx.draft.find(Track, clip.track) is None:
        return False
    return all(other.id == clip.id for other in ctx.draft.clips_between(clip.track, clip.start, clip.end))

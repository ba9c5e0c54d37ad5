"""Deciding what competes after a merge.

Owns: `conflict.decide`. Refuses: finding conflicts (see `editor_core.sync.conflicts`); the caller says which stamps it decides.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from editor_core.commands.context import Context
from editor_core.commands.registry import Args, CommandError, command
from editor_core.document import Draft, Stamp
from editor_core.edits.lanes import in_the_way, lane_kind, new_track
from editor_core.edits.wording import called
from editor_core.schema import Clip, SchemaError, Track, Transition, replace, typed
from editor_core.timing import MAX_TICKS

_STAMP = r"^[0-9a-f]{1,16}:[0-9]{1,16}$"


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field, the value it shall have, and the stamps of all values that compete for it."""

    record: str
    field: Annotated[str, Meta(max_length=64)]
    value: Any
    replaces: list[Annotated[str, Meta(pattern=_STAMP)]]


class Copy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A clip that is kept a second time, on a new track, with these fields (plain values)."""

    clip: str
    fields: dict[str, Any]


class Carry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Clips that are carried along together, as a ripple does, by a number of ticks."""

    clips: Annotated[list[str], Meta(min_length=1, max_length=1_000_000)]
    by: Annotated[int, Meta(ge=-MAX_TICKS, le=MAX_TICKS)]


class Decide(Args, frozen=True):
    decisions: Annotated[list[Decision], Meta(description="what shall stand", max_length=10_000)] = msgspec.field(default_factory=list)
    copies: Annotated[
        list[Copy], Meta(description="clips to keep a second time with the other value", max_length=1000),
    ] = msgspec.field(default_factory=list)
    shifts: Annotated[
        list[Carry], Meta(description="clips to carry along or back, where a ripple shall not count", max_length=10_000),
    ] = msgspec.field(default_factory=list)
    aside: Annotated[bool, Meta(description="a clip whose place is taken goes to a new track, instead of a refusal")] = False


class Decided(msgspec.Struct, frozen=True):
    """`records` that were decided on, `clips` that were made by keeping both, `aside` what went to a new track."""

    records: list[str]
    clips: list[str]
    aside: list[str] = msgspec.field(default_factory=list)


@command("conflict.decide", "Decide conflict")
def decide(ctx: Context, args: Decide) -> Decided:
    """Says which value stands where several people wrote one, over all of them, so that it is decided for everybody; can be undone.
    A removed clip that is kept comes back with its track and media, on a new track where others have taken its place.
    `proeditor resolve` makes the arguments from a conflict's id."""
    if not (args.decisions or args.copies or args.shifts):
        raise CommandError("conflict.decide: say what shall stand: decisions, copies or shifts")
    for stretch in args.shifts:
        ctx.draft.shift([ctx.draft.get(Clip, clip) for clip in stretch.clips], stretch.by)
    clips = [_copy(ctx, one) for one in args.copies]
    for one in args.decisions:
        record = ctx.draft.record(one.record)
        if record is None:
            raise CommandError(f"There is no record {one.record!r} in this project")
        if one.field not in record.__struct_fields__ or one.field in ("id", "type"):
            raise CommandError(f"A {record.kind_name} has no field {one.field!r} to decide")
        ctx.draft.decide(record, one.field, one.value, [stamp_of(text) for text in one.replaces])
    aside = _make_room(ctx, [one.record for one in args.decisions if one.field == "deleted" and one.value is False])
    if args.aside:
        aside += _put_aside(ctx.draft, [clip for one in args.decisions if (clip := _placed_anew(ctx.draft, one)) is not None])
    first = ctx.draft.record(args.decisions[0].record) if args.decisions else None
    name = called(ctx.draft, first) if isinstance(first, Clip) else first.kind_name if first is not None else ""
    count = len(args.decisions) + len(args.shifts)
    ctx.label = f"Decide {args.decisions[0].field} of {name}" if len(args.decisions) == 1 == count else f"Decide {count} conflicts"
    return Decided([one.record for one in args.decisions], clips, aside)


def _make_room(ctx: Context, kept: list[str]) -> list[str]:
    """What is kept has to be seen: with its track and media, on a track of its own where others have taken its place since. A transition
    whose clips no longer meet cannot be kept. Returns ids of the clips that went to a new track."""
    draft = ctx.draft
    back = [i for i in kept if (was := draft.base.record(i)) is not None and was.deleted]
    clips = [record for i in back if isinstance(record := draft.record(i), Clip) and not record.deleted]
    for clip in clips:
        for needed in (clip.track, clip.asset):
            lost = draft.record(needed) if needed else None
            if lost is not None and lost.deleted:
                draft.put(lost, deleted=False)
    aside = _put_aside(draft, clips)
    for i in back:
        transition = draft.record(i)
        if isinstance(transition, Transition) and not transition.deleted:
            _require_meeting(ctx, transition)
    return aside


def _placed_anew(draft: Draft, one: Decision) -> Clip | None:
    """The clip that a decision puts where it did not lie, or makes another length."""
    now, before = draft.record(one.record), draft.base.record(one.record)
    if not (isinstance(now, Clip) and isinstance(before, Clip)) or now.deleted or before.deleted:
        return None
    return now if (now.track, now.start, now.end) != (before.track, before.start, before.end) else None


def _put_aside(draft: Draft, clips: list[Clip]) -> list[str]:
    """Clips in whose place others lie go to new tracks, as few as will do; their ids."""
    made: list[Track] = []
    aside: list[str] = []
    for clip in sorted(clips, key=lambda one: (one.start, one.id)):
        if in_the_way(draft, clip.track, clip.start, clip.end, (clip.id,)) is None:
            continue
        kind = lane_kind(clip)
        free = (track for track in made if track.kind == kind and in_the_way(draft, track.id, clip.start, clip.end) is None)
        track = next(free, None)
        if track is None:
            track = new_track(draft, kind)
            made.append(track)
        draft.put(clip, track=track.id)
        aside.append(clip.id)
    return aside


def _require_meeting(ctx: Context, transition: Transition) -> None:
    one, two = ctx.draft.find(Clip, transition.from_clip), ctx.draft.find(Clip, transition.to_clip)
    if one is None or two is None or one.track != two.track or one.end != two.start:
        what = transition.kind.replace("_", " ")
        raise CommandError(f"The {what} cannot be kept: its clips no longer meet; bring them together first, or decide to remove it")


def stamp_of(text: str) -> Stamp:
    """A stamp from its text."""
    session, _, counter = text.partition(":")
    return Stamp(int(session, 16), int(counter))


def _copy(ctx: Context, one: Copy) -> str:
    clip = ctx.draft.record(one.clip)
    if not isinstance(clip, Clip):
        raise CommandError("Only clips can be kept twice")
    track = new_track(ctx.draft, lane_kind(clip))
    try:
        fields = {name: typed(Clip, name, value) for name, value in one.fields.items()}
        made = replace(clip, **{**fields, "track": track.id, "link": "", "deleted": False})
    except SchemaError as error:
        raise CommandError(str(error)) from None
    made = msgspec.structs.replace(made, id=ctx.draft.new_id("c"))
    ctx.draft.create(made)
    return made.id

"""Transition commands.

Owns: `transition.add`, `transition.set`, `transition.remove`. Refuses: drawing.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from editor_core.commands.context import Context
from editor_core.commands.registry import Args, command
from editor_core.edits import transition as edits
from editor_core.edits.lanes import require_open
from editor_core.edits.wording import called
from editor_core.schema import Clip, Transition
from editor_core.schema.transition import TransitionKind

Length = Annotated[int | str, Meta(description="a time, rounded to frames; centred on the cut, an odd number half a frame late")]


class TransitionAdd(Args, frozen=True):
    from_clip: Annotated[str, Meta(description="id of the clip before the cut")] = msgspec.field(name="from")
    to_clip: Annotated[str, Meta(description="id of the clip after the cut")] = msgspec.field(name="to")
    duration: Length
    kind: TransitionKind = "dissolve"


class TransitionSet(Args, frozen=True):
    transition: str
    duration: Length


class TransitionRemove(Args, frozen=True):
    transition: str


class TransitionResult(msgspec.Struct, frozen=True):
    transition: str


@command("transition.add", "Add transition", menu="Clip", icon="blend")
def add(ctx: Context, args: TransitionAdd) -> TransitionResult:
    """Joins two clips that touch on one track by a dissolve (an equal-power cross-fade for sound), centred on the cut and made from
    the media beyond the cut (handles). Where there are too few frames it says how many there are."""
    first, second = ctx.clip(args.from_clip), ctx.clip(args.to_clip)
    made = edits.add_transition(ctx.draft, first, second, args.kind, ctx.frame_time(args.duration, "duration"))
    ctx.label = f"Dissolve {called(ctx.draft, first)} to {called(ctx.draft, second)}"
    return TransitionResult(made.id)


@command("transition.set", "Set transition", menu="")
def set_transition(ctx: Context, args: TransitionSet) -> None:
    """Changes a transition's length; it stays centred on the cut."""
    transition = ctx.draft.get(Transition, args.transition)
    edits.set_transition(ctx.draft, transition, ctx.frame_time(args.duration, "duration"))
    ctx.label = "Set length of transition"


@command("transition.remove", "Remove transition", menu="")
def remove(ctx: Context, args: TransitionRemove) -> None:
    """Removes a transition; the cut stays."""
    transition = ctx.draft.get(Transition, args.transition)
    ends = [clip for i in (transition.from_clip, transition.to_clip) if (clip := ctx.draft.find(Clip, i)) is not None]
    require_open(ctx.draft, ends)
    ctx.draft.delete(transition)
    ctx.label = "Remove transition"

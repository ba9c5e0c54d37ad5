"""Commands that adjust clips where they lie.

Owns: `clip.roll`, `clip.slip`, `clip.slide`, `clip.swap`, `clip.replace`. Refuses: moving clips to free places.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from editor_core.commands.context import ClipId, ClipIds, Context, Time
from editor_core.commands.registry import Args, command
from editor_core.edits.replace_media import replace_media
from editor_core.edits.roll import roll as roll_edit
from editor_core.edits.slide import slide as slide_edit
from editor_core.edits.slip import slip as slip_edit
from editor_core.edits.swap import swap as swap_edit
from editor_core.edits.wording import amount, called, several
from editor_core.schema import Clip

Linked = Annotated[bool, Meta(description="linked picture and sound go along (false: only what is named)")]
Distance = Annotated[int | str, Meta(description="a distance as a time; negative is earlier")]


class Roll(Args, frozen=True):
    clip: ClipId
    edge: Literal["head", "tail"]
    to: Annotated[int | str, Meta(description="the time to which the cut at that edge goes")]
    linked: Linked = True


class Slip(Args, frozen=True):
    clips: ClipIds
    by: Annotated[int | str, Meta(description="how much later in the media the clip begins; negative is earlier")]
    linked: Linked = True


class Swap(Args, frozen=True, rename={"other": "with"}):
    clip: ClipId
    other: ClipId
    linked: Linked = True


class Slide(Args, frozen=True):
    clip: ClipId
    by: Distance
    linked: Linked = True


class Replace(Args, frozen=True):
    clip: ClipId
    asset: Annotated[str, Meta(description="id of the asset to show instead")]
    source_start: Time = 0


@command("clip.roll", "Roll cut", menu="", icon="pe-roll")
def roll(ctx: Context, args: Roll) -> None:
    """Moves the cut between a clip and the one that touches its edge: one gets longer by what the other gets shorter."""
    clip = ctx.clip(args.clip)
    only_sound = all(one.is_sound for one in (ctx.draft.linked(clip) if args.linked else [clip]))
    to = ctx.time(args.to, "to") if only_sound else ctx.frame_time(args.to, "to")
    roll_edit(ctx.draft, clip, args.edge, to, linked=args.linked)
    by = to - (clip.start if args.edge == "head" else clip.end)
    ctx.label = f"Roll cut at {called(ctx.draft, clip)}, {amount(by, ctx.rate)}"


@command("clip.slip", "Slip", menu="", icon="pe-slip")
def slip(ctx: Context, args: Slip) -> None:
    """Makes clips show an earlier or later part of their media; their place and length stay."""
    clips = ctx.clips(args.clips)
    by = ctx.time(args.by, "by", least=None)
    slip_edit(ctx.draft, clips, by, linked=args.linked)
    ctx.label = f"Slip {several(ctx.draft, clips)}, {amount(by, ctx.rate)}"


@command("clip.slide", "Slide", menu="", icon="pe-slide")
def slide(ctx: Context, args: Slide) -> None:
    """Moves a clip between its neighbours: the one before gets longer or shorter, the one after gives way or follows."""
    clip = ctx.clip(args.clip)
    by = ctx.time(args.by, "by", least=None)
    if not all(one.is_sound for one in (ctx.draft.linked(clip) if args.linked else [clip])):
        by = ctx.frame_time(args.by, "by", least=None)
    slide_edit(ctx.draft, clip, by, linked=args.linked)
    ctx.label = f"Slide {called(ctx.draft, ctx.draft.get(Clip, clip.id))}, {amount(by, ctx.rate)}"


@command("clip.swap", "Swap clips", menu="", icon="arrow-left-right")
def swap(ctx: Context, args: Swap) -> None:
    """Two clips change places, with their linked sound; clips between them stay between them."""
    clip, other = ctx.clip(args.clip), ctx.clip(args.other)
    ctx.label = f"Swap {called(ctx.draft, clip)} and {called(ctx.draft, other)}"
    swap_edit(ctx.draft, clip, other, linked=args.linked)


@command("clip.replace", "Replace media", menu="", icon="pe-replace")
def replace(ctx: Context, args: Replace) -> None:
    """Shows other media in a clip's place, with its length and looks; linked sound is replaced too."""
    clip, asset = ctx.clip(args.clip), ctx.asset(args.asset)
    ctx.label = f"Replace {called(ctx.draft, clip)} with {asset.name}"
    replace_media(ctx.draft, clip, asset, ctx.time(args.source_start, "source_start"))

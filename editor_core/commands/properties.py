"""The command that sets what a clip looks and sounds like.

Owns: `clip.set`. Refuses: what the properties mean (see `edits.properties`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from editor_core.commands.context import Context
from editor_core.commands.registry import Args, CommandError, command
from editor_core.edits.properties import PROPERTIES, explain, set_property
from editor_core.edits.wording import several


class Set(Args, frozen=True):
    clip: Annotated[str, Meta(description="a clip's id")] | None = None
    clips: Annotated[list[str], Meta(description="ids of several clips, instead of `clip`", min_length=1)] | None = None
    property: Annotated[str, Meta(description=f"one of {', '.join(PROPERTIES)}")] | None = None
    value: Annotated[Any, Meta(description=explain())] | UnsetType = UNSET
    properties: Annotated[dict[str, Any], Meta(description="several properties and their values, instead of `property` and `value`",
                                               min_length=1)] | None = None


@command("clip.set", "Set property", menu="")
def set_properties(ctx: Context, args: Set) -> None:
    """Sets a property of a clip, or several, all or none: `property` and `value`, or `properties` with names and values."""
    if (args.clip is None) == (args.clips is None):
        raise CommandError("clip.set: say `clip`, or `clips` for several")
    clips = ctx.clips(args.clips if args.clips is not None else [str(args.clip)])
    pairs = _pairs(args)
    whose = several(ctx.draft, clips)
    for name, value in pairs.items():
        for clip in clips:
            set_property(ctx.draft, ctx.clip(clip.id), name, value)
    ctx.label = f"Rename {whose} to {pairs['name']}" if list(pairs) == ["name"] else _words(pairs).format(whose)


def _pairs(args: Set) -> dict[str, Any]:
    if args.properties is not None:
        if args.property is not None or args.value is not UNSET:
            raise CommandError("clip.set: say `property` and `value`, or `properties`, not both")
        return args.properties
    if args.property is None or args.value is UNSET:
        raise CommandError("clip.set: say `property` and `value`")
    return {args.property: args.value}


def _words(pairs: dict[str, Any]) -> str:
    """The label of the edit, with `{}` where the clips' name goes."""
    names = [name.replace("_db", "").replace("_", " ") for name in pairs]
    name, value = next(iter(pairs.items()))
    if len(pairs) > 2:
        return f"Set {len(pairs)} properties of {{}}"
    if len(pairs) == 2:
        return f"Set {' and '.join(names)} of {{}}"
    if name == "enabled":
        return "Switch on {}" if value else "Switch off {}"
    shown = _SHOWN.get(name)
    if shown is None or isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"Set {names[0]} of {{}}"
    return f"Set {names[0]} {shown(value)} of {{}}".replace("-", "−")


_SHOWN: dict[str, Callable[[float], str]] = {
    "opacity": lambda v: f"{v * 100:.3g} %", "rotation": lambda v: f"{v:g}°", "gain_db": lambda v: f"{v:+g} dB", "pan": lambda v: f"{v:+g}",
    "scale": lambda v: f"{v * 100:.4g} %",
}

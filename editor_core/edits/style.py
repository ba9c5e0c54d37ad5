"""The style of a title: the words that people write, and the clip's fields they mean.

Owns: the names in `style`, their units and ranges. Refuses: fonts and layout (see the renderer).
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from editor_core.edits.colours import ColourWord, colour_of
from editor_core.edits.errors import EditError
from editor_core.edits.properties import as_pair, as_scale
from editor_core.schema import Align, Clip, SchemaError, typed

Pair = Annotated[list[float], Meta(min_length=2, max_length=2)]


class Style(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a title looks. Lengths are project pixels, colours sRGB as #RRGGBB, #RRGGBBAA, #RGB or a name.

    What is left out stays as it is.
    """

    font: Annotated[str, Meta(description="font family", max_length=200)] | UnsetType = UNSET
    size: Annotated[float, Meta(description="font size, 1 to 4000 pixels", ge=1, le=4000)] | UnsetType = UNSET
    weight: Annotated[int, Meta(description="100 (thin) to 900 (black); 400 regular, 700 bold", ge=100, le=900)] | UnsetType = UNSET
    italic: bool | UnsetType = UNSET
    color: Annotated[ColourWord, Meta(description="of the letters")] | UnsetType = UNSET
    align: Annotated[Align, Meta(description="of the lines with each other")] | UnsetType = UNSET
    stroke_color: ColourWord | UnsetType = UNSET
    stroke_width: Annotated[float, Meta(description="outline, 0 to 200 pixels; 0 is none", ge=0, le=200)] | UnsetType = UNSET
    shadow_color: Annotated[ColourWord, Meta(description="its alpha makes the shadow; #00000000 is none")] | UnsetType = UNSET
    shadow_blur: Annotated[float, Meta(description="0 to 200 pixels", ge=0, le=200)] | UnsetType = UNSET
    shadow_offset: Annotated[Pair, Meta(description="[right, down] in pixels")] | UnsetType = UNSET
    position: Annotated[Pair | None, Meta(description="[x, y] of the anchor from the frame's top left; null: middle")] | UnsetType = UNSET
    anchor: Annotated[Pair, Meta(description="[x, y] as fractions of the title's box")] | UnsetType = UNSET
    scale: float | Pair | UnsetType = UNSET
    rotation: Annotated[float, Meta(description="degrees clockwise")] | UnsetType = UNSET
    opacity: Annotated[float, Meta(description="0 to 1", ge=0, le=1)] | UnsetType = UNSET


_FIELDS = {"size": "font_size", "weight": "font_weight"}


def fields_of(style: Style | None) -> dict[str, Any]:
    """Clip fields that a style sets, typed. Raises EditError naming the entry that does not fit."""
    made: dict[str, Any] = {}
    for name in () if style is None else style.__struct_fields__:
        value = getattr(style, name)
        if value is UNSET:
            continue
        field = _FIELDS.get(name, name)
        if name.endswith("color"):
            made[field] = colour_of(value, f"style.{name}")
            continue
        try:
            made[field] = typed(Clip, field, as_pair(as_scale(value)) if name == "scale" else value)
        except (SchemaError, TypeError) as error:
            raise EditError(f"style.{name}: {error}") from error
    return made

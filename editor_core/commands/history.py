"""Undo and redo as commands.

Owns: `edit.undo` and `edit.redo`. Refuses: deciding what a gesture was (see `document.history`).
"""

from __future__ import annotations

import msgspec

from editor_core.commands.context import Context
from editor_core.commands.registry import Args, command


class Nullary(Args, frozen=True):
    """No arguments."""


class TakenBack(msgspec.Struct, frozen=True):
    """`label` of the gesture; `kept` counts values that stayed because someone else has changed them since."""

    label: str
    kept: int


@command("edit.undo", "Undo", menu="Edit", icon="undo-2")
def undo(ctx: Context, args: Nullary) -> TakenBack:
    """Takes back your last gesture. Values that others have changed since stay as they are."""
    return TakenBack(**ctx.take_back("undo"))


@command("edit.redo", "Redo", menu="Edit", icon="redo-2")
def redo(ctx: Context, args: Nullary) -> TakenBack:
    """Does again what your last undo took back. Values that others have changed since stay as they are."""
    return TakenBack(**ctx.take_back("redo"))

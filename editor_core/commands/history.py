"""Undo and redo as commands.

Owns: `edit.undo` and `edit.redo`. Refuses: deciding what a gesture was (see `document.history`).
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from editor_core.commands.context import Context
from editor_core.commands.registry import Args, command


class Which(Args, frozen=True):
    comments: Annotated[bool, Meta(description="whether comments of this run count as steps too; else only edits of the film")] = True


class TakenBack(msgspec.Struct, frozen=True):
    """`label` of the gesture; `kept` counts values that stayed because someone else has changed them since."""

    label: str
    kept: int


@command("edit.undo", "Undo", menu="Edit", icon="undo-2")
def undo(ctx: Context, args: Which) -> TakenBack:
    """Takes back your last gesture. Values that others have changed since stay as they are."""
    return TakenBack(**ctx.take_back("undo", args.comments))


@command("edit.redo", "Redo", menu="Edit", icon="redo-2")
def redo(ctx: Context, args: Which) -> TakenBack:
    """Does again what your last undo took back. Values that others have changed since stay as they are."""
    return TakenBack(**ctx.take_back("redo", args.comments))

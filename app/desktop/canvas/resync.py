"""Picture and sound that have come apart: what can be done about it.

Owns: the menu of the drift badge. Refuses: moving and slipping (the commands do), and deciding which part is right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QMenu, QWidget

from app.desktop.widgets.basics import plain_tip
from editor_core.commands.registry import CommandError
from editor_core.document import View
from editor_core.edits.wording import amount
from editor_core.schema import Clip


def apart(view: View, clip: Clip) -> int:
    """Ticks by which a clip runs ahead (+) of the clip of the same media that it is linked to; 0 when in step."""
    for other in view.linked(clip)[1:]:
        if other.asset == clip.asset:
            return (clip.start - clip.source_range.start) - (other.start - other.source_range.start)
    return 0


def resync_menu(parent: QWidget, bench: Any, clip: Clip) -> QMenu:
    """Moving this part back in step, showing another part of its media, or leaving it so. What cannot be done says why."""
    menu = QMenu(parent)
    menu.setToolTipsVisible(True)
    for words, command, args in ways(bench, clip):
        made = menu.addAction(words)
        why = _refusal(bench, command, args)
        made.setEnabled(not why)
        made.setToolTip(plain_tip(why or words))
        made.triggered.connect(_runner(bench, command, args))
    return menu


def ways(bench: Any, clip: Clip) -> list[tuple[str, str, dict[str, Any]]]:
    """(words, command, arguments)."""
    view = bench.snapshot
    off, rate = apart(view, clip), view.timeline.rate
    part = "sound" if clip.is_sound else "picture"
    return [
        (f"Move this {part} by {amount(-off, rate)}", "clip.move", {"clips": [clip.id], "by": -off, "linked": False}),
        (f"Slip this {part} by {amount(off, rate)}", "clip.slip", {"clips": [clip.id], "by": off, "linked": False}),
        ("Leave it so: unlink picture and sound", "clip.unlink", {"clips": [one.id for one in view.linked(clip)]}),
    ]


def _refusal(bench: Any, command: str, args: dict[str, Any]) -> str:
    try:
        bench.door.preview(command, args)
    except CommandError as error:
        return str(error)
    return ""


def _runner(bench: Any, command: str, args: dict[str, Any]) -> Callable[..., Any]:
    return lambda _checked=False: bench.run(command, args)

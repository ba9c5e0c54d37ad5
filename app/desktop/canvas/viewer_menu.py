"""The menu of a viewer's picture.

Owns: which actions it has, and putting a clip back where it was. Refuses: doing them.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QMenu

from editor_core.schema import Clip
from editor_core.timing import TimeRange

_PROGRAM = (("viewer.fit", "viewer.actual", "viewer.zoom_in", "viewer.zoom_out"), ("viewer.safe_areas", "viewer.full_screen"),
            ("marker.add", "comment.add", "viewer.grab"))
_SOURCE = (("clip.insert", "clip.overwrite", "clip.append"), ("marks.in", "marks.out", "marks.clear"))
_UNTOUCHED = Clip(id="c", track="k", kind="solid", start=0, source_range=TimeRange(0, 1))
_RESETS = (("Reset position", "position", None), ("Reset scale", "scale", [1.0, 1.0]), ("Reset rotation", "rotation", 0.0),
           ("Reset crop", "crop", {"left": 0.0, "top": 0.0, "right": 0.0, "bottom": 0.0}))


def picture_menu(viewer: Any) -> QMenu:
    """The menu for the right button on the picture of a Program or Source viewer."""
    menu = QMenu(viewer)
    actions = viewer.bench.actions
    groups = _PROGRAM if viewer.name == "Program" else _SOURCE
    handles = getattr(viewer, "handles", None)
    clip = handles.subject() if handles is not None else None
    if clip is not None:
        for words, name, plain in _RESETS:
            made = menu.addAction(words)
            made.setEnabled(getattr(clip, name) != getattr(_UNTOUCHED, name))
            args = {"clip": clip.id, "properties": {name: plain}}
            made.triggered.connect(lambda _checked=False, given=args: viewer.bench.run("clip.set", given))
        menu.addSeparator()
    for number, group in enumerate(groups):
        there = [action for action in group if action in actions]
        if number and there and not menu.isEmpty():
            menu.addSeparator()
        for action in there:
            actions.refresh([action])
            menu.addAction(actions.get(action, watched=False))
    return menu

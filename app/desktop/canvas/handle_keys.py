"""Arrow keys on the handles of the program picture.

Owns: which handle has the keys, what an arrow makes of it. Refuses: the mouse (see `handles`).

A click on a handle gives it the arrows: a pixel for each press, ten with Shift; on the knob a degree, or fifteen. A click elsewhere, Esc or
another selection takes them away, and they step frames again. With Alt, arrows move the clip, whatever has the keys.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from app.desktop.canvas.placement import Placement

if TYPE_CHECKING:
    from app.desktop.canvas.handles import Handles

_STEPS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class HandleKeys:
    """`part` is the handle (`0` to `7`) or `knob` that has the arrows, or nothing."""

    def __init__(self, handles: Handles) -> None:
        self._handles = handles
        self.part = ""
        self._clip = ""

    def give(self, part: str, clip: str = "") -> None:
        """A press was on this part of a clip: handles and the knob take the keys, anything else lets them go."""
        self.part = part if part == "knob" or part.isdigit() else ""
        self._clip = clip
        self._handles.picture.setProperty("keys", "own" if self.part else "")

    def check(self, clip: str) -> None:
        """Another clip has the handles now, or none."""
        if self.part and clip != self._clip:
            self.give("")

    def take(self, event: QKeyEvent) -> bool:
        """True when the key was used."""
        if event.key() == Qt.Key.Key_Escape and self.part:
            self.give("")
            self._handles.picture.update()
            return True
        clip = self._handles.subject()
        step = _STEPS.get(Qt.Key(event.key()))
        place = self._handles.place(clip) if clip is not None else None
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if step is None or clip is None or place is None or not (alt or self.part):
            return False
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        made = _moved(place, step, far) if alt else self._changed(place, step, far)
        changed: dict[str, Any] = made.properties(place)
        if changed:
            self._handles.bench.run("clip.set", {"clip": clip.id, "properties": changed}, gesture=f"nudge-{clip.id}-{self.part or 'place'}")
        return True

    def _changed(self, place: Placement, step: tuple[int, int], far: bool) -> Placement:
        if self.part == "knob":
            return replace(place, rotation=round(place.rotation + (step[0] + step[1]) * (15 if far else 1), 3))
        x, y = place.handle(int(self.part))
        by = 10 if far else 1
        return place.stretched(int(self.part), x + step[0] * by, y + step[1] * by, free=False, centred=False)


def _moved(place: Placement, step: tuple[int, int], far: bool) -> Placement:
    by = 10 if far else 1
    return replace(place, x=round(place.x) + step[0] * by, y=round(place.y) + step[1] * by)

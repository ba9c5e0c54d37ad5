"""Keys while something is dragged over the lanes.

Owns: Esc, S (no snapping while it is held), modifiers, digits and Enter: an exact distance. Refuses: the drag itself (see `pointer`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor, QKeyEvent

from app.desktop.canvas.timecode_entry import read_entry
from editor_core.timing import TimingError

if TYPE_CHECKING:
    from app.desktop.canvas.pointer import Pointer


class DragKeys:
    """Of one pointer. `typed` is the distance that is being typed, `suspended` whether nothing snaps now."""

    def __init__(self, pointer: Pointer) -> None:
        self._pointer = pointer
        self.typed = ""
        self.suspended = False

    def forget(self) -> None:
        """The drag has ended."""
        self.typed, self.suspended = "", False

    def pressed(self, event: QKeyEvent) -> bool:
        """Keys while a drag goes on: Esc, S, digits, Enter, modifiers. True when the key was used."""
        pointer = self._pointer
        if not pointer.busy:
            return False
        if event.key() == Qt.Key.Key_Escape:
            pointer.cancel()
            return True
        if event.key() in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt):
            self._rekey(event.modifiers())
            return True
        if event.key() == Qt.Key.Key_S:
            self.suspended = True
            self._rekey(event.modifiers())
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.typed and pointer.last is not None:
            spot, modifiers = pointer.last
            reaction = pointer.tool.release(pointer.event_at(spot, modifiers), pointer.stage())
            pointer.take(reaction, QCursor.pos())
            pointer.end()
            return True
        return self._type(event)

    def released(self, event: QKeyEvent) -> bool:
        """S let go: snapping is back."""
        pointer = self._pointer
        if event.isAutoRepeat() or not pointer.busy:
            return False
        if event.key() == Qt.Key.Key_S and self.suspended:
            self.suspended = False
            self._rekey(event.modifiers())
            return True
        if event.key() in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt):
            self._rekey(event.modifiers())
            return True
        return False

    def _rekey(self, modifiers: Any) -> None:
        pointer = self._pointer
        if pointer.tool.active and not self.typed:
            if pointer.last is not None:
                pointer.last = (pointer.last[0], modifiers)
            pointer.take(pointer.tool.rekey(pointer.modifiers(modifiers), pointer.stage()), QCursor.pos())

    def _type(self, event: QKeyEvent) -> bool:
        pointer = self._pointer
        if not pointer.tool.active:
            return False
        if event.key() == Qt.Key.Key_Backspace:
            self.typed = self.typed[:-1]
        elif event.text() and event.text() in "0123456789+-:.":
            self.typed += event.text()
        else:
            return False
        offset: int | None = None
        body = self.typed.lstrip("+-")
        if body:
            try:
                offset = read_entry(body, 0, pointer.state.rate) * (-1 if self.typed.startswith("-") else 1)
            except TimingError:
                offset = None
        if offset is not None or not self.typed:
            pointer.take(pointer.tool.type_offset(offset, pointer.stage()), QCursor.pos())
        return True

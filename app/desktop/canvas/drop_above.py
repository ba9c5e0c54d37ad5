"""Drops on the ruler: past the uppermost track, where the lanes have no place of their own.

Owns: handing such drags on to the lanes as if they were above the first row. Refuses: deciding what comes of them (drops).
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtWidgets import QWidget


class _Above:
    """The event of a drag, at a spot that the lanes understand."""

    def __init__(self, event: Any, spot: QPointF) -> None:
        self._event, self._spot = event, spot

    def position(self) -> QPointF:
        return self._spot

    def __getattr__(self, name: str) -> Any:
        return getattr(self._event, name)


class DropAbove(QObject):
    """Lets what is dragged over `ruler` reach the lanes; it lives as long as the ruler."""

    def __init__(self, ruler: QWidget, lanes: Any) -> None:
        super().__init__(ruler)
        self._ruler, self._lanes = ruler, lanes
        ruler.setAcceptDrops(True)
        ruler.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pointer = self._lanes.pointer
        take = {QEvent.Type.DragEnter: pointer.drag_enter, QEvent.Type.DragMove: pointer.drag_move,
                QEvent.Type.Drop: pointer.drop}.get(event.type())
        if take is not None:
            spot: Any = event
            x = self._lanes.mapFromGlobal(self._ruler.mapToGlobal(spot.position())).x()
            take(_Above(event, QPointF(x, -1 - self._lanes.state.scroll_y)))
            return True
        if event.type() == QEvent.Type.DragLeave:
            pointer.drag_leave()
            return True
        return False

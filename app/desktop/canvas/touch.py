"""Fingers on the lanes.

Owns: telling a tap, a scroll, a held finger that moves a clip, and a pinch apart. Refuses: what a drag of a clip means: a held finger
is handed on as a mouse.
"""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QTouchEvent
from PySide6.QtWidgets import QWidget

HOLD_MS = 350
"""A finger that rests so long takes hold of what is under it."""
SLIP = 8
"""Pixels within which a finger counts as resting."""
_KINDS = frozenset({QEvent.Type.TouchBegin, QEvent.Type.TouchUpdate, QEvent.Type.TouchEnd, QEvent.Type.TouchCancel})
FINGERS = _KINDS | {QEvent.Type.NativeGesture}
"""Events that fingers make on a screen or a touchpad."""


class Touch(QObject):
    """`take(event)` for each touch event of the lanes. A finger scrolls; held first it drags; a tap clicks; two fingers zoom and pan."""

    def __init__(self, lanes: Any) -> None:
        super().__init__(lanes)
        self._lanes = lanes
        self._way = ""
        self._from = QPointF()
        self._last = QPointF()
        self._apart = 0.0
        self._hold = QTimer(self, singleShot=True, interval=HOLD_MS)
        self._hold.timeout.connect(self._held)
        lanes.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)

    def take(self, event: QEvent) -> bool:
        """True when the event was one of fingers."""
        if event.type() not in _KINDS or not isinstance(event, QTouchEvent):
            return False
        points = event.points()
        if event.type() is QEvent.Type.TouchCancel:
            self._end(cancel=True)
        elif event.type() is QEvent.Type.TouchEnd:
            self._last = points[0].position() if points else self._last
            self._end()
        elif len(points) >= 2:
            self._two(points[0].position(), points[1].position())
        elif points:
            self._one(points[0].position(), event.type() is QEvent.Type.TouchBegin)
        event.accept()
        return True

    def _one(self, spot: QPointF, begins: bool) -> None:
        if begins:
            self._way, self._from, self._last = "tap", spot, spot
            self._hold.start()
        elif self._way == "drag":
            self._mouse(QEvent.Type.MouseMove, spot, Qt.MouseButton.NoButton)
        elif self._way == "pinch":
            self._way, self._last = "scroll", spot  # one of two fingers is up: the other goes on scrolling
        elif self._way == "scroll" or (spot - self._from).manhattanLength() > SLIP:
            self._hold.stop()
            self._way = "scroll"
            moved = (spot - self._last).toPoint()
            self._lanes.state.scroll_by(-moved.x(), -moved.y(), beyond=True)
            spot = self._last + QPointF(moved)
        self._last = spot

    def _two(self, one: QPointF, other: QPointF) -> None:
        self._hold.stop()
        if self._way == "drag":
            self._end(cancel=True)
        middle, apart = (one + other) / 2, max(10.0, math.hypot((one - other).x(), (one - other).y()))
        if self._way == "pinch":
            state = self._lanes.state
            moved = (middle - self._last).toPoint()
            state.scroll_by(-moved.x(), -moved.y(), beyond=True)
            state.zoom_by(apart / self._apart, middle.x())
        self._way, self._last, self._apart = "pinch", middle, apart

    def _held(self) -> None:
        if self._way == "tap":
            self._way = "drag"
            self._mouse(QEvent.Type.MouseMove, self._from, Qt.MouseButton.NoButton, down=False)
            self._mouse(QEvent.Type.MouseButtonPress, self._from, Qt.MouseButton.LeftButton)

    def _end(self, *, cancel: bool = False) -> None:
        self._hold.stop()
        way, self._way = self._way, ""
        if cancel and way == "drag":
            self._lanes.pointer.cancel()
        elif way == "tap" and not cancel:
            self._mouse(QEvent.Type.MouseButtonPress, self._from, Qt.MouseButton.LeftButton)
            self._mouse(QEvent.Type.MouseButtonRelease, self._from, Qt.MouseButton.LeftButton, down=False)
        elif way == "drag":
            self._mouse(QEvent.Type.MouseButtonRelease, self._last, Qt.MouseButton.LeftButton, down=False)

    def _mouse(self, kind: QEvent.Type, spot: QPointF, button: Qt.MouseButton, *, down: bool = True) -> None:
        """What a mouse would have sent."""
        held = Qt.MouseButton.LeftButton if down else Qt.MouseButton.NoButton
        lanes: QWidget = self._lanes
        event = QMouseEvent(kind, spot, QPointF(lanes.mapToGlobal(spot)), button, held, Qt.KeyboardModifier.NoModifier)
        {QEvent.Type.MouseButtonPress: lanes.mousePressEvent, QEvent.Type.MouseMove: lanes.mouseMoveEvent,
         QEvent.Type.MouseButtonRelease: lanes.mouseReleaseEvent}[kind](event)

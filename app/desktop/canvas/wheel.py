"""The mouse wheel and touchpad on the timeline.

Owns: what each modifier makes of it. Refuses: limits of zoom and scroll (the state has them).
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QNativeGestureEvent, QWheelEvent

from app.desktop.canvas.state import TimelineState

_PER_STEP = 96
"""Pixels of time for one notch."""


def turn(state: TimelineState, event: QWheelEvent) -> None:
    """Wheel scrolls tracks (time, when all fit); Shift or sideways: time; Ctrl: zoom at the pointer; Alt: the row's height, with
    Shift that of all of its kind."""
    delta, pixels = event.angleDelta(), event.pixelDelta()
    held = event.modifiers()
    shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
    if held & Qt.KeyboardModifier.ControlModifier:
        state.zoom_by(1.0016 ** (delta.y() or delta.x()), event.position().x())
    elif held & Qt.KeyboardModifier.AltModifier:
        _height(state, event.position().y(), round((delta.y() or delta.x()) / 120 * 8), shift)
    else:
        dx = -(pixels.x() if not pixels.isNull() else round(delta.x() / 120 * _PER_STEP))
        dy = -(pixels.y() if not pixels.isNull() else round(delta.y() / 120 * _PER_STEP))
        if not dx and (shift or not state.scroll_y_limit):
            dx, dy = dy, 0
        state.scroll_by(dx, round(dy / 2))
    event.accept()


def pinched(state: TimelineState, event: QEvent) -> bool:
    """Two fingers on a touchpad that move apart zoom at the pointer. True when the event was that."""
    if not isinstance(event, QNativeGestureEvent) or event.gestureType() is not Qt.NativeGestureType.ZoomNativeGesture:
        return False
    state.zoom_by(max(0.2, 1.0 + event.value()), event.position().x())
    return True


def _height(state: TimelineState, y: float, by: int, whole_kind: bool) -> None:
    row = state.row_at(y)
    if row is None:
        return
    if whole_kind:
        state.heighten(row.track.kind, by)
    else:
        state.set_heights([(row.track.id, row.height + by)])

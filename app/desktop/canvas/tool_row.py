"""The row of tools, switches and edits above the lanes.

Owns: its buttons (each is an action), the length of the selection, the zoom slider. Refuses: doing anything itself.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.desktop.canvas.look import Look
from app.desktop.canvas.state import TimelineState
from app.desktop.theme.connect import connect_for
from app.desktop.widgets.numbers import short_time
from editor_core.schema import Clip

_MANY = 500
_SETTLE_MS = 30
"""After a change the selection's length follows a moment later."""
BUTTONS = (
    ("tool.select", "tool.track_forward", "tool.ripple", "tool.roll", "tool.slip", "tool.slide", "tool.razor", "tool.text",
     "tool.hand", "tool.zoom"),
    ("snapping.toggle", "selection.linked"),
    ("clip.insert", "clip.overwrite", "clip.append", "range.lift", "range.extract"),
    ("marker.add", "comment.add"),
)
"""Action ids by group. Only those that exist are shown."""


class ZoomSlider(QWidget):
    """A logarithmic slider over the zoom of a timeline."""

    def __init__(self, state: TimelineState, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self.look = look
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Zoom")
        self.setToolTip("Zoom of the timeline (= and -)")
        self.setFixedSize(look.m.px(120), look.m.px(24))
        state.zoomed.connect(self.update)
        state.rows_changed.connect(self.update)

    def set_look(self, look: Look) -> None:
        self.look = look
        self.setFixedSize(look.m.px(120), look.m.px(24))
        self.update()

    @property
    def _range(self) -> tuple[float, float]:
        return math.log(self.state.least_zoom), math.log(self.state.most_zoom)

    @property
    def part(self) -> float:
        """Where the knob stands, 0 (whole film) to 1 (single frames)."""
        low, high = self._range
        return min(1.0, max(0.0, (math.log(self.state.scale.pixels_per_second) - low) / max(1e-9, high - low)))

    def _set_at(self, x: float) -> None:
        low, high = self._range
        knob = self.look.m.px(7)
        part = min(1.0, max(0.0, (x - knob) / max(1, self.width() - 2 * knob)))
        self.state.zoom_by(math.exp(low + part * (high - low)) / self.state.scale.pixels_per_second)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._set_at(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._set_at(event.position().x())

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.state.zoom_by(1.25 if event.angleDelta().y() > 0 else 0.8)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Up):
            self.state.zoom_by(1.25 if event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Up) else 0.8)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, m = self.look, self.look.m
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle, knob = self.height() / 2, m.px(7)
        x = knob + self.part * (self.width() - 2 * knob)
        for right, token in ((self.width(), "pressed"), (x, "accent")):
            painter.setBrush(look.colour(token))
            painter.drawRoundedRect(0, round(middle - 2), round(right), 4, 2, 2)
        painter.setBrush(look.colour("panel"))
        painter.drawEllipse(round(x - knob) - 1, round(middle - knob) - 1, 2 * knob + 2, 2 * knob + 2)
        painter.setBrush(look.colour("focus" if self.hasFocus() else "text"))
        painter.drawEllipse(round(x - knob) + 1, round(middle - knob) + 1, 2 * knob - 2, 2 * knob - 2)


class ToolRow(QFrame):
    """A row of tool buttons; the widgets after the gap are about the selection and the zoom."""

    def __init__(self, state: TimelineState, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self.bench = state.bench
        self.look = look
        self.setObjectName("toolRow")
        self.setFixedHeight(look.m.tool_row)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 0, 8, 0)
        self._row.setSpacing(2)
        groups: list[list[QWidget]] = []
        for number, group in enumerate(BUTTONS):
            shown = [action for action in group if action in self.bench.actions]
            made = [self._line()] if number and shown else []
            groups.append(made + [self._button(action) for action in shown])
        self._row.addStretch(1)
        self.length = QLabel("", self)
        self.length.setFont(look.label_font)
        self.length.setProperty("tone", "quiet")
        self.length.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
        self._row.addWidget(self.length)
        self._line()
        for action in ("timeline.zoom_out", "", "timeline.zoom_in", "timeline.fit"):
            if action in self.bench.actions:
                self._button(action)
            elif not action:
                self.zoom = ZoomSlider(state, look, self)
                self._row.addWidget(self.zoom)
        self._gives_way: list[list[QWidget]] = [[self.length], groups[2], [self.zoom], groups[3], groups[1]]
        connect_for(self.bench.selection.changed, self._selected, self)
        self._soon = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._soon.timeout.connect(self.tell)
        for signal in (state.spans_changed, state.rows_changed):
            signal.connect(lambda *_: self._soon.start() if self.bench.selection.clips else None)
        self.tell()

    def set_look(self, look: Look) -> None:
        self.look = look
        self.setFixedHeight(look.m.tool_row)
        self.length.setFont(look.label_font)
        self.zoom.set_look(look)

    def _selected(self) -> None:
        if len(self.bench.selection.clips) > _MANY:
            self._soon.start()
        else:
            self.tell()

    def tell(self) -> None:
        """Shows how much is selected."""
        count = len(self.bench.selection.clips)
        if count > _MANY and self.state.chosen is not None:
            if not self.state.rows.ready:
                self._soon.start()  # once all are indexed
                return
            span = self.state.chosen.span()
        else:
            clips = [c for i in self.bench.selection.clips if (c := self.state.snapshot.find(Clip, i)) is not None]
            count, span = len(clips), (min(c.start for c in clips), max(c.end for c in clips)) if clips else None
        if span is not None:
            self.length.setText(f"{count} selected · {short_time(span[1] - span[0], self.state.rate)}")
        else:
            self.length.setText("")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where the row is too short: the selection's length goes first, then edits, the slider, markers, switches; keys still work."""
        for group in self._gives_way:
            for part in group:
                part.show()
        for group in self._gives_way:
            self._row.invalidate()
            if self._row.sizeHint().width() <= self.width():
                return
            for part in group:
                part.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look.colour("panel"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self.look.colour("line-subtle"))

    def _button(self, action: str) -> QToolButton:
        button = QToolButton(self)
        button.setDefaultAction(self.bench.actions.get(action))
        button.setAutoRaise(True)
        button.setFixedSize(self.look.m.px(24), self.look.m.px(24))
        button.setIconSize(QSize(self.look.m.px(16), self.look.m.px(16)))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(self.bench.actions.title(action))
        self._row.addWidget(button)
        return button

    def _line(self) -> QFrame:
        line = QFrame(self)
        line.setFixedSize(9, self.look.m.px(16))
        line.setStyleSheet(f"background:{self.look.colour('line').name()};margin:0 4px")
        self._row.addWidget(line)
        return line


"""The corner left of the ruler: where the playhead is, and how long the film is.

Owns: the big timecode and the line under it. Refuses: moving the playhead by itself (it asks the transport).
"""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.desktop.canvas.look import Look
from app.desktop.canvas.state import TimelineState
from app.desktop.canvas.timecode_field import TimecodeField
from editor_core.timing import Rate, format_timecode


def rate_words(rate: Rate) -> str:
    """A rate for people: `25 fps`, `29.97 fps`."""
    return f"{rate.fps:.3f}".rstrip("0").rstrip(".") + " fps" if rate.den == 1 else f"{rate.fps:.2f} fps"


class Corner(QWidget):
    """Shows the playhead's time; type into it to go there."""

    def __init__(self, state: TimelineState, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self.look = look
        self.field = TimecodeField(look, lambda: state.rate, "Timeline time", parent=self)
        self.field.went.connect(self._go)
        self.field.refused.connect(lambda why: state.bench.say(why, "warn"))
        self.field.set_ticks(state.bench.transport.ticks)
        state.bench.transport.moved.connect(self.field.set_ticks)
        state.spans_changed.connect(lambda _: self.refresh())
        state.rows_changed.connect(self.refresh)
        self._words = ""
        self.refresh()

    def set_look(self, look: Look) -> None:
        self.look = look
        self.field.set_look(look)
        self._place()
        self.update()

    def refresh(self) -> None:
        """Takes over rate and length of the film."""
        rate = self.state.rate
        words = f"{rate_words(rate)}  ·  {format_timecode(self.state.end, rate)}"
        if words != self._words:
            self._words = words
            self.update()

    def _go(self, ticks: int) -> None:
        self.state.bench.transport.seek(ticks)
        self.state.reveal(ticks)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        hint = self.field.sizeHint()
        self.field.setGeometry(self.look.m.px(10), self.look.m.px(6), hint.width() + 6, hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self.look
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.colour("panel"))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), look.colour("line"))
        label = look.label(self._words, self.width() - 20, look.label_font)
        look.draw(painter, look.m.px(10), look.m.px(32), label, "text-3")

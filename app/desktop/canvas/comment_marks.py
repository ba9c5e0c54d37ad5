"""Comments in the marker lane: who said something where.

Owns: avatars and range bars, which one is under the pointer, what hovering reads. Refuses: the lane itself (see `ruler`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from app.desktop.bridge.discussion import Shown
from app.desktop.canvas.look import Look
from app.desktop.canvas.metrics import DRAG_START
from app.desktop.canvas.state import TimelineState
from editor_core.comments import Place
from editor_core.timing import format_timecode

SIDE = 16
"""Pixels of an avatar at 100 %."""


class CommentMarks:
    """Open threads, and the chosen one, in the marker lane of a ruler."""

    def __init__(self, state: TimelineState, bench: Any) -> None:
        self.state = state
        self.bench = bench
        self._held: Shown | None = None
        self._pressed = 0.0
        self._stretch = False
        self._ghost: tuple[int, int] | None = None

    def rows(self) -> list[Shown]:
        """Those that are shown."""
        talk = self.bench.late.get("comments")
        if talk is None:
            return []
        found = [one for one in talk.shown if one.thread.open or one.thread.id == talk.chosen]
        if self._ghost is not None and self._held is not None:
            held = self._held.thread.id
            place = Place(*self._ghost)
            found = [Shown(one.thread, place) if one.thread.id == held else one for one in found]
        return found

    def box(self, one: Shown, look: Look) -> QRectF:
        """Where an avatar stands."""
        side = look.m.px(SIDE)
        x = self.state.scale.x(one.place.start)
        if 0 <= x < side / 2:  # at the very beginning it would be cut off
            x = side / 2
        return QRectF(x - side / 2 + 0.5, look.m.ruler + (look.m.markers - side) / 2, side, side)

    def paint(self, painter: QPainter, look: Look, area: QRect) -> None:
        """Those that touch `area`. Where several stand on one spot, the newest is on top and a rim tells of the others."""
        talk = self.bench.late.get("comments")
        last = -1 << 30
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for one in self.rows():
            box = self.box(one, look)
            end = self.state.scale.x(one.place.start + one.place.duration)
            if max(box.right(), end) < area.left() - 2 or box.left() > area.right() + 2:
                continue
            author = one.thread.root.author
            token = talk.colour_token(author)
            colour = look.colour(token)
            if one.place.duration:
                soft = QColor(colour)
                soft.setAlphaF(0.30)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(soft)
                bar = QRectF(box.center().x(), box.top() + box.height() * 0.3, end - box.center().x(), box.height() * 0.4)
                painter.drawRoundedRect(bar, 2, 2)
                painter.fillRect(QRectF(bar.right() - 2, bar.top(), 2, bar.height()), colour)
            if box.left() - last < look.m.px(5):  # over another one
                painter.setPen(QPen(look.colour("panel"), 2))
            else:
                painter.setPen(Qt.PenStyle.NoPen)
            last = box.left()
            painter.setBrush(colour)
            painter.drawEllipse(box)
            if one.thread.id == talk.chosen:
                painter.setPen(QPen(look.colour("focus"), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(box.adjusted(-1, -1, 1, 1))
            words = talk.initials(author)
            font = QFont(look.strong_font)
            font.setPixelSize(max(5, round(box.height() * (0.36 if len(words) > 2 else 0.48))))
            painter.setFont(font)
            painter.setPen(look.colour(talk.ink_token(author)))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def room(self, left: float, look: Look) -> int:
        """Pixels that words in the lane have which begin at `left`, before an avatar stands there."""
        ahead = [box.left() - left - 2 for one in self.rows() if (box := self.box(one, look)).right() > left]
        return max(0, round(min(ahead, default=1 << 16)))

    def at(self, x: float, y: float, look: Look) -> Shown | None:
        """The thread whose avatar is under a pixel, the one on top."""
        if not look.m.ruler <= y < look.m.ruler + look.m.markers:
            return None
        return next((one for one in reversed(self.rows()) if self.box(one, look).adjusted(-1, -2, 1, 2).contains(x, y)), None)

    def words(self, one: Shown) -> str:
        """What hovering reads."""
        talk = self.bench.late["comments"]
        lines = [f"{talk.name(one.thread.root.author)}, {format_timecode(one.place.start, self.bench.rate)}", one.thread.root.text]
        lines += [f"{talk.name(reply.author)}: {reply.text}" for reply in one.thread.replies if not reply.removed][-3:]
        return "\n".join(line if len(line) < 300 else line[:299] + "…" for line in lines)

    # dragging

    def hold(self, one: Shown, x: float, *, stretch: bool) -> None:
        """An avatar was pressed; `stretch` makes a range of it."""
        self._held, self._pressed, self._stretch, self._ghost = one, x, stretch, None

    def drag(self, x: float, near: Callable[[int], int]) -> None:
        """The pointer moved; `near` snaps a time. What is another's does not move."""
        one = self._held
        if one is None or (self._ghost is None and abs(x - self._pressed) < DRAG_START) or not self._may(one):
            return
        there = near(max(0, one.place.start + self.state.scale.span(x - self._pressed)))
        if self._stretch:
            self._ghost = (min(there, one.place.start), abs(there - one.place.start))
        else:
            self._ghost = (there, one.place.duration)

    def _may(self, one: Shown) -> bool:
        talk = self.bench.late["comments"]
        return not talk.refusal and talk.may_change(one.thread.root)

    def drop(self) -> None:
        """The pointer was let go: the thread is moved, or opened where it was only pressed."""
        one, ghost = self._held, self._ghost
        self.let_go()
        if one is None:
            return
        if ghost is None:
            self.bench.late["comments"].choose(one.thread.id, panel=True)
        elif ghost != (one.place.start, one.place.duration):
            self.bench.run("comment.move", {"comment": one.thread.name, "at": ghost[0], "duration": ghost[1]})

    def let_go(self) -> None:
        """Nothing is dragged any more."""
        self._held = self._ghost = None

"""The track headers at the left of the lanes.

Owns: painting names and switches of tracks, their clicks, renaming, height and order by dragging, their menu.
Refuses: the lanes. Every change of a track is a document command; targets and heights are window state.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from app.desktop.canvas.look import Look
from app.desktop.canvas.metrics import DRAG_START
from app.desktop.canvas.rows import Row
from app.desktop.canvas.state import TimelineState
from app.desktop.canvas.track_meters import TrackMeters
from app.desktop.canvas.wheel import turn

_STRIPES = {"video": "clip-video-edge", "audio": "clip-audio-edge", "caption": "clip-caption-edge"}
_KINDS = {"video": "Video", "audio": "Audio", "caption": "Captions"}
_EDGE = 4


@dataclass(frozen=True)
class Part:
    """Something in a header that can be clicked."""

    name: str
    row: Row
    box: QRect


class Headers(QWidget):
    """`menu_asked(track id or "", global position)` for the right button."""

    menu_asked = Signal(str, object)

    def __init__(self, state: TimelineState, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self.bench = state.bench
        self.look = look
        self._hover: tuple[str, str] = ("", "")
        self._grab: tuple[str, Row, float, float] | None = None
        self._insert_at: int | None = None
        self._level: float | None = None
        self._edit: QLineEdit | None = None
        self._counts: tuple[int, ...] = ()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Track headers")
        for signal in (state.rows_changed, self.bench.targets.changed):
            signal.connect(self.update)
        state.spans_changed.connect(self._recount)
        state.scrolled.connect(lambda dx, dy: self._scrolled() if dy else None)
        self.meters = TrackMeters(state, look, self)

    def set_look(self, look: Look) -> None:
        self.look = self.meters.look = look
        self.meters.place(self.width(), self.height())
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.meters.place(self.width(), self.height())

    def _recount(self, *_spans: object) -> None:
        """Paints again when a row has more or fewer clips than were painted; trims and moves on one track change none."""
        if self._counts != tuple(len(row.clips) for row in self.state.rows):
            self.update()

    def _scrolled(self) -> None:
        self._close_edit(False)
        self.update()

    # ---- places -------------------------------------------------------------------------------------------------

    def parts(self, row: Row) -> list[Part]:
        """Clickable parts of a row's header, in this widget's pixels."""
        m = self.look.m
        top = row.top - self.state.scroll_y
        tall = row.height >= m.px(50)
        line = top + (row.height // 2 - m.px(17) if tall else (row.height - m.px(18)) // 2)
        line = max(top + 2, line)
        side = m.px(18)
        right = self.width() - m.px(7)
        found: list[Part] = []

        def add(name: str, box: QRect) -> None:
            found.append(Part(name, row, box))

        if row.track.kind == "audio":
            for name in ("solo", "muted"):
                right -= side
                add(name, QRect(right, line, side, side))
                right -= m.px(4)
        else:
            right -= side
            add("hidden", QRect(right, line, side, side))
            right -= m.px(4)
        right -= side
        add("locked", QRect(right, line, side, side))
        chip = m.px(26)
        add("target", QRect(m.px(35), line, chip, side))
        name_left = m.px(35) + chip + m.px(6)
        add("name", QRect(name_left, line, max(10, right - m.px(4) - name_left), side))
        if tall and row.track.kind == "audio":
            add("level", QRect(name_left, line + side + m.px(1), m.px(64), m.px(15)))
        return found

    def part_at(self, x: float, y: float) -> Part | None:
        row = self.state.row_at(y)
        if row is None:
            return None
        return next((part for part in self.parts(row) if part.box.contains(int(x), int(y))), None)

    def _edge_row(self, y: float) -> Row | None:
        """The row whose lower edge is under a pixel."""
        content = y + self.state.scroll_y
        return next((row for row in self.state.rows if abs(content - row.bottom) <= _EDGE), None)

    # ---- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = self.look
        painter.fillRect(self.rect(), look.colour("panel"))
        targets = self.bench.targets.tracks
        sources = self._source_rows(targets)
        self._counts = tuple(len(row.clips) for row in self.state.rows)
        for row in self.state.rows:
            top = row.top - self.state.scroll_y
            if top + row.height >= 0 and top <= self.height():
                self._paint_row(painter, row, row.track.id in targets, row.track.id in sources)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), look.colour("line"))
        if self._insert_at is not None:
            painter.fillRect(0, self._insert_at - 1, self.width(), 2, look.colour("accent"))

    def _source_rows(self, targets: tuple[str, ...]) -> set[str]:
        """Where picture and sound of a source edit go: the lowest video and the first audio target."""
        found: set[str] = set()
        for kind in ("video", "audio"):
            rows = [row for row in self.state.rows if row.track.kind == kind and row.track.id in targets]
            if rows:
                found.add(rows[-1 if kind == "video" else 0].track.id)
        return found

    def _paint_row(self, painter: QPainter, row: Row, target: bool, source: bool) -> None:
        look, m, track = self.look, self.look.m, row.track
        top = row.top - self.state.scroll_y
        painter.fillRect(0, top, m.px(3), row.height, look.colour(_STRIPES[track.kind]))
        painter.fillRect(m.px(3), top + row.height - 1, self.width(), 1, look.colour("line-subtle"))
        for part in self.parts(row):
            self._paint_part(painter, part, target)
            if part.name == "target" and source:
                box = part.box.translated(-m.px(27), 0).adjusted(0, 0, -m.px(2), 0)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(look.colour("line-control"))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
                self._centre(painter, box, row.label[0], "text-2")
        if row.height >= m.px(50) and track.kind != "audio":
            name = next(p.box for p in self.parts(row) if p.name == "name")
            words = f"{len(row.clips)} clip{'' if len(row.clips) == 1 else 's'}"
            look.draw(painter, name.left(), name.bottom() + m.px(2), look.label(words, 120, look.label_font), "text-3")

    def _paint_part(self, painter: QPainter, part: Part, target: bool) -> None:
        look, track, box = self.look, part.row.track, part.box
        hover = self._hover == (track.id, part.name)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if part.name == "target":
            painter.setBrush(look.colour("accent-fill" if target else "pressed" if hover else "hover"))
            painter.drawRoundedRect(box, 3, 3)
            self._centre(painter, box, part.row.label, "text-on-accent" if target else "text-2")
        elif part.name in ("muted", "solo"):
            on = getattr(track, part.name)
            fill = ("danger-fill" if part.name == "muted" else "warn-fill") if on else "pressed" if hover else "hover"
            painter.setBrush(look.colour(fill))
            painter.drawRoundedRect(box, 3, 3)
            ink = ("text-on-accent" if part.name == "muted" else "warn-ink") if on else "text-2"
            self._centre(painter, box, part.name[0].upper(), ink)
        elif part.name == "hidden":
            self._icon(painter, box, "eye-off" if track.hidden else "eye", "warn" if track.hidden else "text" if hover else "text-2")
        elif part.name == "locked":
            row_hover = self._hover[0] == track.id
            if track.locked or row_hover:
                self._icon(painter, box, "lock" if track.locked else "lock-open", "warn" if track.locked else "text-3")
        elif part.name == "name" and not (self._edit is not None and self._edit.property("track") == track.id):
            plain = f"{_KINDS[track.kind]} {part.row.label[1:]}"
            words = look.label(track.name or plain, box.width(), look.name_font)
            look.draw(painter, box.left(), box.top() + (box.height() - look.metrics(look.name_font).height()) / 2, words,
                      "text" if target else "text-2" if track.name else "text-3")
        elif part.name == "level":
            level = self._level if self._level is not None and self._grab and self._grab[1].track.id == track.id else track.gain_db
            words = look.label(f"{level:+.1f} dB".replace("-", "−").replace("+0.0", "0.0"), 90, look.label_font)
            look.draw(painter, box.left(), box.top(), words, "text" if hover else "text-3")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _centre(self, painter: QPainter, box: QRect, words: str, token: str) -> None:
        label = self.look.label(words, 60, self.look.chip_font)
        height = self.look.metrics(self.look.chip_font).height()
        spot = QPointF(box.left() + (box.width() - label.width) / 2, box.top() + (box.height() - height) / 2)
        self.look.draw(painter, spot.x(), spot.y(), label, token)

    def _icon(self, painter: QPainter, box: QRect, name: str, token: str) -> None:
        size = self.look.m.px(14)
        painter.drawPixmap(box.left() + (box.width() - size) // 2, box.top() + (box.height() - size) // 2,
                           self.look.icon(name, token, 14))

    # ---- pointer ------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x, y = event.position().x(), event.position().y()
        if event.button() is Qt.MouseButton.RightButton and self._grab is not None:
            self._give_up()
            return
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        edge = self._edge_row(y)
        if edge is not None:
            self._grab = ("height", edge, y, float(edge.height))
            return
        part = self.part_at(x, y)
        row = self.state.row_at(y)
        if part is None or part.name == "name":
            if row is not None and not self.bench.barred("track.move"):
                self._grab = ("order", row, y, 0.0)
        elif part.name == "target":
            self.bench.targets.toggle(part.row.track.id)
        elif why := self.bench.barred("track.set"):
            self.bench.say(why, "warn")
        elif part.name == "level":
            self._grab = ("level", part.row, x, part.row.track.gain_db)
        else:
            track = part.row.track
            self.bench.run("track.set", {"track": track.id, part.name: not getattr(track, part.name)})

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x, y = event.position().x(), event.position().y()
        if self._grab is None:
            self._hover_at(x, y)
            return
        kind, row, pressed, start = self._grab
        if kind == "height":
            self.state.set_heights([(row.track.id, round(start + y - pressed))])
        elif kind == "level":
            fine = 0.1 if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1.0
            self._level = max(-96.0, min(24.0, round(start + (x - pressed) * 0.1 * fine, 1)))
            self.update()
        elif abs(y - pressed) >= DRAG_START:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._insert_at = self._gap_at(row, y)[0]
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grab is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        kind, row, _, start = self._grab
        level, insert = self._level, self._insert_at
        self._give_up()
        if kind == "level" and level is not None and level != start:
            self.bench.run("track.set", {"track": row.track.id, "gain_db": level})
        elif kind == "order" and insert is not None:
            index = self._gap_at(row, event.position().y())[1]
            tracks = [t.id for t in self.state.snapshot.tracks(row.track.kind)]
            if index != tracks.index(row.track.id):
                self.bench.run("track.move", {"track": row.track.id, "index": index})

    def _give_up(self) -> None:
        self._grab = self._level = self._insert_at = None
        self.unsetCursor()
        self.update()

    def _gap_at(self, row: Row, y: float) -> tuple[int, int]:
        """Between which rows of its kind a dragged header would go: (pixel, index in the document's order after the move)."""
        rows = [r for r in self.state.rows if r.track.kind == row.track.kind]
        content = y + self.state.scroll_y
        above = sum(1 for r in rows if (r.top + r.bottom) / 2 < content)
        pixel = (rows[above].top if above < len(rows) else rows[-1].bottom) - self.state.scroll_y
        mine = rows.index(row)
        place = above - (1 if above > mine else 0)
        return pixel, len(rows) - 1 - place if row.track.kind == "video" else place

    def _hover_at(self, x: float, y: float) -> None:
        row, part = self.state.row_at(y), self.part_at(x, y)
        hover = (row.track.id if row else "", part.name if part else "")
        if self._edge_row(y) is not None:
            self.setCursor(Qt.CursorShape.SizeVerCursor)
        elif part is not None and part.name == "level" and not self.bench.barred("track.set"):
            self.setCursor(Qt.CursorShape.SizeHorCursor)
        else:
            self.unsetCursor()
        if hover != self._hover:
            self._hover = hover
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = ("", "")
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        part = self.part_at(event.position().x(), event.position().y())
        row = self.state.row_at(event.position().y())
        if row is not None and (part is None or part.name == "name"):  # the line below the name is meant for it too
            self.rename(row.track.id)
        elif part is not None and part.name == "level" and part.row.track.gain_db and not self.bench.barred("track.set"):
            self.bench.run("track.set", {"track": part.row.track.id, "gain_db": 0.0})
        elif part is not None:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        row = self.state.row_at(event.pos().y())
        self.menu_asked.emit(row.track.id if row else "", event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn(self.state, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._grab is not None:
            kind, row, _, start = self._grab
            self._give_up()
            if kind == "height":
                self.state.set_heights([(row.track.id, round(start))])
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            part = self.part_at(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), _tip(part, self.bench.barred("track.set")) if part else "", self)
            return True
        return super().event(event)

    # ---- renaming -----------------------------------------------------------------------------------------------

    def rename(self, track_id: str) -> None:
        """Opens the name of a track for typing."""
        row = self.state.rows.of(track_id)
        if row is None or self.bench.barred("track.set"):
            return
        self._close_edit(False)
        box = next(part.box for part in self.parts(row) if part.name == "name")
        edit = QLineEdit(row.track.name, self)
        edit.setProperty("track", track_id)
        edit.setPlaceholderText(row.label)
        edit.setMaxLength(200)
        edit.setGeometry(box.adjusted(-3, -2, 3, 2))
        edit.setAccessibleName(f"Name of {row.label}")
        edit.selectAll()
        edit.show()
        edit.setFocus()
        edit.returnPressed.connect(lambda: self._close_edit(True))
        edit.installEventFilter(self)
        self._edit = edit

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self._close_edit(False)
            return True
        if event.type() is QEvent.Type.FocusOut:
            self._close_edit(True)
        return False

    def _close_edit(self, keep: bool) -> None:
        edit, self._edit = self._edit, None
        if edit is None:
            return
        edit.removeEventFilter(self)
        row = self.state.rows.of(str(edit.property("track")))
        name = edit.text().strip()
        if edit.hasFocus():
            self.setFocus()  # else Qt gives the keys to the next thing in its chain, a button elsewhere
        edit.hide()
        edit.deleteLater()
        if keep and row is not None and name != row.track.name:
            self.bench.run("track.set", {"track": row.track.id, "name": name})
        self.update()


def _tip(part: Part, why: str) -> str:
    """What a click does, and why it cannot."""
    track, label = part.row.track, part.row.label
    tip = {
        "target": f"Target {label} for edits, or not",
        "muted": f"{'Unmute' if track.muted else 'Mute'} {label}",
        "solo": f"{'End solo of' if track.solo else 'Solo'} {label}",
        "hidden": f"{'Show' if track.hidden else 'Hide'} {label}",
        "locked": f"{'Unlock' if track.locked else 'Lock'} {label}",
        "name": f"{track.name or label}: double-click to rename, drag to reorder",
        "level": f"Level of {label} in dB: drag, double-click for 0 dB. The bars at the edge show what is heard of it, -60 to 0 dBFS.",
    }[part.name]
    return f"{tip}\n{why}" if why and part.name != "target" else tip

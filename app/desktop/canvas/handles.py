"""Handles on the picture for the selected clip.

Owns: painting them, dragging to move, scale, rotate and (with Ctrl) crop with a ghost, guides, picking a clip in the picture.
Refuses: geometry (see `placement`); one `clip.set` at release is all it changes.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QCursor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QTransform,
)

from app.desktop.canvas.handle_keys import HandleKeys
from app.desktop.canvas.look import Look
from app.desktop.canvas.metrics import DRAG_START
from app.desktop.canvas.note import Note
from app.desktop.canvas.picture import Picture
from app.desktop.canvas.placement import Placement, placement_of, snapped
from app.desktop.theme.connect import connect_for
from editor_core.schema import Clip, MediaReference
from editor_core.timing import TICKS_PER_SECOND, round_to_frame

_TITLE = 4 * TICKS_PER_SECOND
"""How long a title of the text tool is, in ticks."""
_SHARE = 96 / 1080
"""Its size as a share of the frame's height."""

_KNOB = 26
_REACH = 8
_WRAP = 0.9


def rough_size(clip: Clip, frame_width: int) -> tuple[float, float]:
    """About the size of a title's words in project pixels at scale 1, until the renderer has told; lines break at 0.9 of the frame."""
    font = QFont(clip.font)
    font.setPixelSize(max(1, round(clip.font_size)))
    font.setWeight(QFont.Weight(min(900, max(100, round(clip.font_weight / 100) * 100))))
    font.setItalic(clip.italic)
    box = QFontMetricsF(font).boundingRect(QRectF(0, 0, frame_width * _WRAP, 1e6), int(Qt.TextFlag.TextWordWrap), clip.text or " ")
    return max(8.0, box.width()), max(8.0, box.height())


class Handles:
    """Mouse and paint for the program picture. `ghost` is where the clip would be while a drag goes on."""

    def __init__(self, picture: Picture, look: Look) -> None:
        self.picture = picture
        self.bench = picture.bench
        self.look = look
        self.ghost: Placement | None = None
        self._start: Placement | None = None
        self._clip: Clip | None = None
        self._part = ""
        self._from = QPointF()
        self._moved = False
        self._guides: tuple[float | None, float | None] = (None, None)
        self._note: Note | None = None
        self._barred = ""
        self.keys = HandleKeys(self)
        connect_for(self.bench.frames.words.changed, picture.update, picture)

    # ---- what is there ------------------------------------------------------------------------------------------

    def subject(self) -> Clip | None:
        """The selected picture clip under the playhead, the topmost if there are several."""
        at = self.bench.transport.ticks
        view = self.bench.snapshot
        among = self.bench.selection.among
        under = [c for t in view.tracks() if (c := view.clip_at(t.id, at)) is not None] if among else []
        there = [c for c in under if c.id in among and self.place(c) is not None]
        order = {t.id: n for n, t in enumerate(view.tracks())}
        return max(there, key=lambda c: order.get(c.track, -1), default=None)

    def place(self, clip: Clip) -> Placement | None:
        """Where a clip lies in the frame."""
        view = self.bench.snapshot
        timeline = view.timeline
        asset = view.find(MediaReference, clip.asset) if clip.asset else None
        size = (0.0, 0.0)
        if clip.kind == "title":
            size = self.bench.frames.words.of(clip, timeline.width, timeline.height) or rough_size(clip, timeline.width)
        return placement_of(clip, asset, timeline, size)

    def clip_at(self, x: float, y: float) -> Clip | None:
        """The topmost shown clip at a frame pixel."""
        view, at = self.bench.snapshot, self.bench.transport.ticks
        tracks = [t for t in view.tracks("video") if not t.hidden]
        tracks = [t for t in tracks if t.solo] or tracks
        for track in reversed(tracks):
            clip = view.clip_at(track.id, at)
            place = self.place(clip) if clip is not None and clip.enabled else None
            if place is not None and place.contains(x, y):
                return clip
        return None

    def _knob(self, place: Placement) -> QPointF:
        top = self.picture.from_frame(*place.handle(1))
        middle = self.picture.from_frame(*place.middle())
        away = top - middle
        length = math.hypot(away.x(), away.y())
        if length < 1:
            turn = math.radians(place.rotation)
            return top + QPointF(math.sin(turn), -math.cos(turn)) * _KNOB
        return top + away * (_KNOB / length)

    def part_at(self, spot: QPointF) -> str:
        """`knob`, `0` to `7` (a handle), `body` or nothing."""
        clip = self.subject()
        place = self.place(clip) if clip is not None else None
        if place is None:
            return ""
        if (spot - self._knob(place)).manhattanLength() <= _REACH + 2:
            return "knob"
        for number in (0, 2, 4, 6, 1, 3, 5, 7):
            if (spot - self.picture.from_frame(*place.handle(number))).manhattanLength() <= _REACH:
                return str(number)
        return "body" if place.contains(*self.picture.to_frame(spot)) else ""

    @property
    def doing(self) -> str:
        """What the pointer does to the clip: placing, scaling, turning, cropping, or nothing."""
        if self.ghost is not None and self._crops:
            return "cropping"
        return "" if self.ghost is None else {"body": "placing", "knob": "turning"}.get(self._part, "scaling")

    # ---- painting -----------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter) -> None:
        """Outline, handles and knob of the subject, the ghost of a drag, and guides."""
        if self.bench.transport.playing:
            return
        clip = self.subject()
        self.keys.check(clip.id if clip is not None else "")
        place = self.ghost or (self.place(clip) if clip is not None else None)
        if place is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corners = QPolygonF([self.picture.from_frame(*c) for c in place.outline()])
        if self._crops:
            self._paint_cut(painter, corners)
        elif self.ghost is not None:
            self._paint_skin(painter, corners)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(141, 181, 255, 46))
            painter.drawPolygon(corners)
            self._paint_guides(painter)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(0, 0, 0, 110), 3))
        painter.drawPolygon(corners)
        line = QColor("#8DB5FF")
        painter.setPen(QPen(line, 1.5))
        painter.drawPolygon(corners)
        knob = self._knob(place)
        painter.drawLine(self.picture.from_frame(*place.handle(1)), knob)
        painter.setPen(QPen(QColor("#2D68DC"), 1.5))
        white, taken = QColor(Qt.GlobalColor.white), QColor("#F2D25C")  # the one that has the arrow keys
        painter.setBrush(taken if self.keys.part == "knob" else white)
        painter.drawEllipse(knob, 5, 5)
        small = math.dist(corners[0].toTuple(), corners[2].toTuple()) < 40
        for number in range(8):
            if small and number % 2:
                continue
            spot = self.picture.from_frame(*place.handle(number))
            painter.setBrush(taken if self.keys.part == str(number) else white)
            painter.drawRoundedRect(QRectF(spot.x() - 4, spot.y() - 4, 8, 8), 1.5, 1.5)
        anchor = self.picture.from_frame(place.x, place.y)
        painter.setPen(QPen(line, 1.2))
        painter.drawLine(anchor - QPointF(4, 0), anchor + QPointF(4, 0))
        painter.drawLine(anchor - QPointF(0, 4), anchor + QPointF(0, 4))

    @property
    def _crops(self) -> bool:
        return self.ghost is not None and self._start is not None and self.ghost.crop != self._start.crop

    def _paint_cut(self, painter: QPainter, corners: QPolygonF) -> None:
        """What a crop would take away, dark; what it would give back is only outlined until it is drawn."""
        assert self._start is not None
        whole, kept = QPainterPath(), QPainterPath()
        whole.addPolygon(QPolygonF([self.picture.from_frame(*c) for c in self._start.outline()]))
        whole.closeSubpath()
        kept.addPolygon(corners)
        kept.closeSubpath()
        painter.fillPath(whole.subtracted(kept), QColor(0, 0, 0, 170))

    def _paint_skin(self, painter: QPainter, corners: QPolygonF) -> None:
        """What the frame shows of the clip, at the place of the ghost: a look ahead that costs no rendering."""
        image = self.picture.image
        width, height = self.picture.size_of()
        if self._start is None or image.isNull() or self._clip != self.clip_at(*self._start.middle()):
            return
        shown = QPolygonF([QPointF(x * image.width() / width, y * image.height() / height) for x, y in self._start.outline()])
        way = QTransform.quadToQuad(shown, corners)
        if not isinstance(way, QTransform):  # the outline is a line
            return
        outline = QPainterPath()
        outline.addPolygon(shown)
        outline.closeSubpath()
        painter.save()
        painter.setOpacity(0.8)
        painter.setTransform(way, combine=True)
        painter.setClipPath(outline)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QPointF(0, 0), image)
        painter.restore()

    def _paint_guides(self, painter: QPainter) -> None:
        target = self.picture.target()
        painter.setPen(QPen(QColor("#F2D25C"), 1))
        x, y = self._guides
        if x is not None:
            at = self.picture.from_frame(x, 0).x()
            painter.drawLine(QPointF(at, target.top()), QPointF(at, target.bottom()))
        if y is not None:
            at = self.picture.from_frame(0, y).y()
            painter.drawLine(QPointF(target.left(), at), QPointF(target.right(), at))

    # ---- pointer ------------------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.RightButton and self._part:
            self.cancel()
            self.picture.quiet = True
            return
        if event.button() is not Qt.MouseButton.LeftButton or self.bench.transport.playing:
            return
        spot = event.position()
        if self.bench.tools.tool == "text":
            self._write(spot)
            return
        part = self.part_at(spot)
        if not part:
            self._pick(spot)  # and no drag yet: the picture below fills the frame, and would be moved by mistake
        clip = self.subject()
        self._part, self._clip, self._from, self._moved = part, clip, spot, False
        self.keys.give(part, clip.id if clip is not None else "")
        self._start = self.place(clip) if clip is not None and part else None
        self._barred = self.bench.barred()
        if self._barred or (clip is not None and any(t.id == clip.track and t.locked for t in self.bench.snapshot.tracks())):
            self._start = None
        self.picture.update()

    def _write(self, spot: QPointF) -> None:
        """The text tool on the picture: a title with its middle there, at the playhead; then its words can be typed."""
        bench, (x, y) = self.bench, self.picture.to_frame(spot)
        timeline = bench.snapshot.timeline
        style = {"position": [round(x, 1), round(y, 1)], "size": max(1, round(timeline.height * _SHARE))}
        made = bench.run("title.add", {"text": "Title", "at": bench.transport.ticks, "duration": round_to_frame(_TITLE, timeline.rate),
                                       "style": style})
        if isinstance(made, dict):
            bench.tools.tool = "select"
            bench.selection.set([made["clip"]])
            self._type()

    def _type(self) -> None:
        """The next keys are words of the selected title."""
        if "title.edit" in self.bench.actions:
            self.bench.actions.trigger("title.edit")

    def _pick(self, spot: QPointF) -> None:
        clip = self.clip_at(*self.picture.to_frame(spot))
        if clip is None:
            self.bench.selection.clear()
        else:
            self.bench.selection.set([c.id for c in (self.bench.snapshot.linked(clip) if self.bench.tools.linked else [clip])])

    def move(self, event: QMouseEvent) -> None:
        spot = event.position()
        if not self._part or self._start is None:
            if self._part and self._barred and (spot - self._from).manhattanLength() >= DRAG_START:
                self._say(self._barred, event, bad=True)
            self._hover(spot)
            return
        if not self._moved and (spot - self._from).manhattanLength() < DRAG_START:
            return
        self._moved = True
        held = event.modifiers()
        shift, alt = bool(held & Qt.KeyboardModifier.ShiftModifier), bool(held & Qt.KeyboardModifier.AltModifier)
        x, y = self.picture.to_frame(spot)
        from_x, from_y = self.picture.to_frame(self._from)
        self._guides = (None, None)
        if self._part == "knob":
            self.ghost = self._start.turned(x, y, from_x, from_y, steps=shift)
        elif self._part == "body":
            dx, dy = x - from_x, y - from_y
            if shift:
                dx, dy = (dx, 0.0) if abs(dx) >= abs(dy) else (0.0, dy)
            self.ghost = self._start.moved(dx, dy)
            if self.bench.tools.snapping and not held & Qt.KeyboardModifier.ControlModifier:
                reach = 6 / max(1e-6, self.picture.target().width() / self.picture.size_of()[0])
                self.ghost, self._guides = snapped(self.ghost, self.bench.snapshot.timeline, reach)
        else:
            number = int(self._part)
            handle = self._start.handle(number)
            at = handle[0] + x - from_x, handle[1] + y - from_y
            crops = bool(held & Qt.KeyboardModifier.ControlModifier) and self._clip is not None and self._clip.kind == "video"
            self.ghost = self._start.cropped(number, *at) if crops else self._start.stretched(number, *at, free=shift, centred=alt)
        self._tell(event)
        self.picture.update()

    def _tell(self, event: QMouseEvent) -> None:
        if self.ghost is None or self._start is None:
            return
        if self._part == "knob":
            words = f"{self.ghost.rotation:.1f}°"
        elif self._part == "body":
            words = f"X {self.ghost.x:.0f}   Y {self.ghost.y:.0f}"
        elif self._crops:
            cut = [f"{side} {share * 100:.1f} %" for side, share in zip("LTRB", self.ghost.crop, strict=True) if share]
            words = "Crop  " + ("   ".join(cut) or "nothing")
        else:
            sx, sy = self.ghost.scale
            words = f"{sx * 100:.1f} %" if abs(sx - sy) < 1e-6 else f"{sx * 100:.1f} × {sy * 100:.1f} %"
        self._say(words, event)

    def _say(self, words: str, event: QMouseEvent, bad: bool = False) -> None:
        if self._note is None:
            self._note = Note(self.look, self.picture.window())
            self.picture.destroyed.connect(self._note.deleteLater)
        self._note.tell(words, event.globalPosition().toPoint(), bad)

    def release(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        ghost, start, clip = self.ghost, self._start, self._clip
        self._end()
        if ghost is not None and start is not None and clip is not None:
            changed = ghost.properties(start)
            if changed:
                self.bench.run("clip.set", {"clip": clip.id, "properties": changed})
        self._hover(event.position())

    def double_click(self, event: QMouseEvent) -> None:
        """Resets what the handle changes: rotation, scale (with Ctrl the crop), or position."""
        clip, part = self.subject(), self.part_at(event.position())
        if clip is None or not part:
            return
        if part == "knob":
            changed: dict[str, object] = {"rotation": 0.0}
        elif part == "body":
            if clip.kind == "title":
                self.bench.selection.set([clip.id])
                self._type()
                return
            changed = {"position": None}
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier and clip.kind == "video":
            changed = {"crop": {"left": 0.0, "top": 0.0, "right": 0.0, "bottom": 0.0}}
        else:
            changed = {"scale": [1.0, 1.0]}
        self.bench.run("clip.set", {"clip": clip.id, "properties": changed})

    def key(self, event: QKeyEvent) -> bool:
        """Esc gives a drag up; arrows are those of the handle that was clicked (see `handle_keys`)."""
        if event.key() == Qt.Key.Key_Escape and self._part:
            self.cancel()
            return True
        return self.keys.take(event)

    def cancel(self) -> None:
        """Ends a drag; nothing changes."""
        self._end()

    def _end(self) -> None:
        self.ghost = self._start = self._clip = None
        self._part, self._moved, self._guides = "", False, (None, None)
        if self._note is not None:
            self._note.tell("", QCursor.pos())
        self.picture.update()

    def _hover(self, spot: QPointF) -> None:
        part = self.part_at(spot) if not self.bench.transport.playing else ""
        shapes = {"knob": Qt.CursorShape.PointingHandCursor, "body": Qt.CursorShape.SizeAllCursor}
        if part and part not in shapes:
            self.picture.setCursor(self._stretch_cursor(int(part)))
        else:
            self.picture.setCursor(shapes.get(part, Qt.CursorShape.ArrowCursor))

    def _stretch_cursor(self, number: int) -> Qt.CursorShape:
        clip = self.subject()
        turn = clip.rotation if clip is not None else 0.0
        angle = (number * 45 - 135 + turn + 22.5) % 180  # handle 0 lies at -135 degrees, clockwise from there
        return (Qt.CursorShape.SizeHorCursor, Qt.CursorShape.SizeFDiagCursor, Qt.CursorShape.SizeVerCursor,
                Qt.CursorShape.SizeBDiagCursor)[int(angle // 45)]

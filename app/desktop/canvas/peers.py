"""Others on the timeline: playheads, selections, what they drag, where they point.

Owns: painting people over lanes, ruler and minimap, and saying which pixels that touches. Refuses: knowing who is there (see
`bridge.together`). Nothing here makes lanes paint a clip again: all of it lies over the cached picture.

Nobody is told apart by colour alone: names or initials stand on everything, and each person has a line pattern.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QRegion

from app.desktop.bridge.people import Person, title_of
from app.desktop.canvas.lane_layer import clip_box
from app.desktop.canvas.peer_signs import FLAG, first_name, paint_pointer, paint_tag
from app.desktop.theme.connect import connect_for
from app.desktop.widgets.numbers import short_time
from editor_core.schema import Clip

if TYPE_CHECKING:
    from app.desktop.canvas.timeline import TimelinePanel

_PATTERNS = ([6.0, 3.0], [1.5, 2.5], [6.0, 2.5, 1.5, 2.5])
"""Long dash, dot, dash-dot; a line without gaps is one's own."""
_NAME = 96
"""Widest name on a flag."""
_WORDS = 300
"""Pixels that words of a drag take at most."""


class Peers(QObject):
    """People over one timeline panel. Does nothing while nobody is there."""

    def __init__(self, panel: TimelinePanel) -> None:
        super().__init__(panel)
        self.panel = panel
        self.state = panel.state
        self.people: tuple[Person, ...] = ()
        self._old = (QRegion(), QRegion(), QRegion())
        self._together: Any = getattr(panel.bench, "late", {}).get("together")
        if self._together is not None:
            panel.lanes.peers = panel.ruler.peers = panel.minimap.peers = self
            connect_for(self._together.peers_changed, self.refresh, self)
            self.refresh()

    def refresh(self) -> None:
        """Somebody moved: updates what is covered now and what was."""
        if self._together is None:
            return
        self.people = tuple(one for one in self._together.people if one.playhead is not None)
        panel = self.panel
        if not panel.isVisible():
            return
        now = (self._lanes_region(), self._ruler_region(), self._minimap_region())
        for widget, old, new in zip((panel.lanes, panel.ruler, panel.minimap), self._old, now, strict=True):
            if not (old.isEmpty() and new.isEmpty()):
                widget.update(old.united(new))
        self._old = now

    # ---- which pixels -------------------------------------------------------------------------------------------

    def _lanes_region(self) -> QRegion:
        region, state = QRegion(), self.state
        for one in self.people:
            x = state.scale.x(one.playhead or 0)
            if -2 <= x <= state.width + 2:
                region = region.united(QRect(x - 1, 0, 3, state.height))
            for clip_id in one.selection:
                box = self._box(clip_id)
                if box is not None:
                    region = region.united(box.adjusted(-4, -4, 4, 4))
            for box, _ in self._ghost_boxes(one):
                region = region.united(box.adjusted(-4, -20, 4, 6)).united(QRect(self._words_at(box), box.top() - 20, _WORDS + 10, 24))
            spot = self._spot(one)
            if spot is not None:
                region = region.united(QRect(int(spot.x()) - 2, int(spot.y()) - 2, self.state.m.px(320), self.state.m.px(44)))
        return region

    def _ruler_region(self) -> QRegion:
        region = QRegion()
        for one, box in zip(self.people, self._flags(), strict=True):
            x = self.state.scale.x(one.playhead or 0)
            region = region.united(box.toAlignedRect().adjusted(-24, -self.state.m.ruler, 2, 6))
            region = region.united(QRect(x, self.state.m.ruler, 1, self.state.m.markers + self.state.m.cache_bar))
        return region

    def _minimap_region(self) -> QRegion:
        mini, region = self.panel.minimap, QRegion()
        for one in self.people:
            region = region.united(QRect(mini.at(one.playhead or 0) - 1, 0, 4, mini.height()))
        return region

    def _box(self, clip_id: str) -> QRect | None:
        clip = self.state.snapshot.find(Clip, clip_id)
        row = self.state.rows.of(clip.track) if clip is not None else None
        return clip_box(self.state, row, clip) if clip is not None and row is not None else None

    def _ghost_boxes(self, one: Person) -> list[tuple[QRect, str]]:
        found = []
        for ghost in one.ghosts:
            row = self.state.rows.of(ghost.track)
            if row is not None:
                left, right = self.state.scale.x(ghost.start), self.state.scale.x(ghost.start + ghost.duration)
                left, right = max(-40, left), min(self.state.width + 40, right)
                if right > left:
                    found.append((QRect(left, row.clip_top - self.state.scroll_y, max(2, right - left - 1), row.clip_height), ghost.clip))
        return found

    def _spot(self, one: Person) -> QPointF | None:
        """Where somebody's pointer is on the lanes."""
        row = self.state.rows.of(one.row) if one.pointer is not None and one.row else None
        if row is None or one.pointer is None:
            return None
        x = self.state.scale.x(one.pointer)
        if not 0 <= x < self.state.width:
            return None
        return QPointF(x, row.clip_top - self.state.scroll_y + row.clip_height * 0.45)

    def _flags(self) -> list[QRectF]:
        """The flag of each of `people`: it covers no comment's avatar (who reads a comment stands at its time) and no other flag (who
        works together often stands at the same time)."""
        m, look, ruler = self.state.m, self.panel.look, self.panel.ruler
        taken = sorted((box.left(), box.right()) for box in (ruler.comments.box(one, look) for one in ruler.comments.rows()))
        found: dict[int, QRectF] = {}
        for number, one in sorted(enumerate(self.people), key=lambda pair: (pair[1].playhead or 0, pair[0])):
            width = look.label(first_name(one), m.px(_NAME), look.chip_font).width + m.px(10)
            x = float(self.state.scale.x(one.playhead or 0))
            for left, right in taken:
                if left < x + width and x < right:
                    x = right + 2
            taken = sorted([*taken, (x, x + width)])
            found[number] = QRectF(x, m.ruler + m.px(2), width, m.px(FLAG))
        return [found[number] for number in range(len(self.people))]

    def _words_at(self, box: QRect, wide: float = _WORDS) -> int:
        """Where the words of a drag begin: at its clip, or as far before it as the edge of the view asks."""
        return max(2, min(box.left(), self.state.width - int(wide) - self.state.m.px(12)))

    # ---- painting -----------------------------------------------------------------------------------------------

    def paint_lanes(self, painter: QPainter) -> None:
        """Over clips and under the own playhead."""
        for one in self.people:
            self._paint_selection(painter, one)
            self._paint_ghosts(painter, one)
            x = self.state.scale.x(one.playhead or 0)
            if -2 <= x <= self.state.width + 2:
                painter.setPen(self._pen(one, 1.0))
                painter.drawLine(x, 0, x, self.state.height)
        for one in self.people:
            self._paint_pointer(painter, one)

    def _pen(self, one: Person, width: float) -> QPen:
        pen = QPen(self.panel.look.colour(one.token), width)
        pen.setDashPattern(_PATTERNS[one.colour % len(_PATTERNS)])
        return pen

    def _paint_selection(self, painter: QPainter, one: Person) -> None:
        first = True
        for clip_id in one.selection:
            box = self._box(clip_id)
            if box is None or box.right() < -4 or box.left() > self.state.width + 4:
                continue
            pen = QPen(self.panel.look.colour(one.token), 2)
            pen.setDashPattern([n / 2 for n in _PATTERNS[one.colour % len(_PATTERNS)]])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            if first and box.width() > 24:
                paint_tag(painter, self.panel.look, one, one.initials, QPointF(box.right() - 22, box.bottom() - 15), 18)
                first = False
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_ghosts(self, painter: QPainter, one: Person) -> None:
        look = self.panel.look
        boxes = self._ghost_boxes(one)
        for number, (box, clip_id) in enumerate(boxes):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = QPen(look.colour(one.token), 1.5, Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.setBrush(look.soft(one.token, 0.16))
            painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            if number == 0:
                clip = self.state.snapshot.find(Clip, clip_id)
                words = self._drag_words(one, clip)
                wide = look.label(words, _WORDS, look.chip_font).width
                paint_tag(painter, look, one, words, QPointF(self._words_at(box, wide), max(1, box.top() - 16)), _WORDS)

    def _drag_words(self, one: Person, clip: Clip | None) -> str:
        """What is said of a drag: how far a move goes; of anything else, what it is."""
        more = f" and {one.dragged - 1} more" if one.dragged > 1 else ""
        name, ghost = first_name(one), one.ghosts[0]
        away = ghost.start - clip.start if clip is not None else 0
        if one.doing in ("", "moving") and away:
            sign = "+" if away > 0 else "\N{MINUS SIGN}"
            return f"{name} moves {title_of(clip)}{more} {sign}{short_time(abs(away), self.state.rate)}"
        return f"{name} is {one.doing or 'moving'} {title_of(clip)}{more}"

    def _paint_pointer(self, painter: QPainter, one: Person) -> None:
        spot = self._spot(one)
        if spot is None:
            return
        words = f"{first_name(one)} is {one.doing} this" if one.doing and one.doing != "pointing" and not one.ghosts else first_name(one)
        paint_pointer(painter, self.panel.look, one, words, spot)

    def paint_ruler(self, painter: QPainter) -> None:
        """Flags with names in the marker lane."""
        look, m = self.panel.look, self.state.m
        for one, box in zip(self.people, self._flags(), strict=True):
            if box.right() < 0 or box.left() - box.width() > self.panel.ruler.width():
                continue
            x = self.state.scale.x(one.playhead or 0)
            painter.fillRect(x, m.ruler, 1, m.markers + m.cache_bar, look.colour(one.token))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour(one.token))
            painter.drawRoundedRect(box, 2, 2)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            label = look.label(first_name(one), m.px(_NAME), look.chip_font)
            inset = (box.height() - look.metrics(look.chip_font).height()) / 2
            look.draw(painter, box.left() + m.px(5), box.top() + inset, label, "peer-ink")

    def paint_minimap(self, painter: QPainter) -> None:
        """A line for each playhead."""
        mini = self.panel.minimap
        for one in self.people:
            painter.fillRect(mini.at(one.playhead or 0), 3, 2, mini.height() - 6, self.panel.look.colour(one.token))

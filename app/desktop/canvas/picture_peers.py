"""Pointers of others on the program's picture.

Owns: painting them at their place in the film's picture, and saying which pixels that touches. Refuses: knowing who is there (see
`bridge.together`). The arrow of somebody who looks at another frame than this window shows is fainter, and their time stands
beside the name: what they point at is not what is seen here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPointF, QRect
from PySide6.QtGui import QPainter, QRegion

from app.desktop.bridge.people import ON_PICTURE, Person, title_of
from app.desktop.canvas.look import Look
from app.desktop.canvas.peer_signs import BELOW, FLAG, WIDEST, first_name, paint_pointer
from app.desktop.theme.connect import connect_for
from editor_core.schema import Clip
from editor_core.timing import format_timecode

if TYPE_CHECKING:
    from app.desktop.canvas.picture import Picture

ELSEWHERE = 0.55
"""Opacity of an arrow on another frame."""


class PicturePeers(QObject):
    """Others' pointers over one picture. Does nothing while nobody is there."""

    def __init__(self, picture: Picture) -> None:
        super().__init__(picture)
        self._picture = picture
        self._bench = picture.bench
        self.people: tuple[Person, ...] = ()
        self._shown: tuple[Any, ...] = ()
        self._covered = QRegion()
        together = self._bench.late.get("together")
        self._together: Any = together
        if together is not None:
            connect_for(together.peers_changed, self.refresh, self)
            connect_for(self._bench.transport.moved, self._moved, self)
            self.refresh()

    def refresh(self) -> None:
        """Somebody moved: updates what is covered now and what was."""
        people = tuple(one for one in self._together.people if one.spot is not None)
        shown = tuple((one.session, one.spot, one.colour, self.words(one), self.same_frame(one)) for one in people)
        self.people = people
        if shown != self._shown:
            self._shown = shown
            region = QRegion()
            for one in people:
                region = region.united(self._box(one))
            self._picture.update(region.united(self._covered))
            self._covered = region

    def _moved(self, _ticks: int) -> None:
        if self.people:
            self.refresh()

    def _spot(self, one: Person) -> QPointF:
        target, (x, y) = self._picture.target(), one.spot or (0.0, 0.0)
        return QPointF(target.x() + x * target.width(), target.y() + y * target.height())

    def _box(self, one: Person) -> QRect:
        m, spot = self._picture.look.m, self._spot(one)
        return QRect(int(spot.x()) - 2, int(spot.y()) - 2, m.px(round(BELOW[0]) + WIDEST + 14), m.px(round(BELOW[1]) + FLAG + 6))

    def same_frame(self, one: Person) -> bool:
        """Whether somebody sees the frame that is shown here, or both play."""
        mine, theirs = self._bench.transport, one.playhead
        return theirs is None or abs(theirs - mine.ticks) < self._bench.rate.ticks_per_frame or (one.playing and mine.playing)

    def words(self, one: Person) -> str:
        """What stands beside somebody's pointer."""
        name = first_name(one)
        if one.doing in ON_PICTURE and one.selection:
            name += f" is {one.doing} {title_of(self._bench.snapshot.find(Clip, one.selection[0]))}"
        elif one.doing == "drawing":
            name += " is drawing"
        return name if self.same_frame(one) else f"{name} at {format_timecode(one.playhead or 0, self._bench.rate)}"

    def paint(self, painter: QPainter, look: Look) -> None:
        """Over everything else on the picture."""
        for one in self.people:
            paint_pointer(painter, look, one, self.words(one), self._spot(one), 1.0 if self.same_frame(one) else ELSEWHERE)

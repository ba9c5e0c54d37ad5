"""What this window lets others see, and going where somebody else goes.

Owns: gathering playhead, view, selection, pointer and drag for presence; taking the view and playhead of who is followed, and noticing
that the person does something of their own. Refuses: sending; painting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication

from editor_core.schema import Clip
from editor_core.sync.presence import DOINGS, FULL, HIDDEN, PLAYING, Fast, Ghost
from editor_core.timing import TICKS_PER_SECOND

if TYPE_CHECKING:
    from app.desktop.bridge.together import Together
    from app.desktop.bridge.workbench import Workbench
    from app.services.collab.live import LiveSession

MOST = 12
"""Selected clips and ghosts of which others are told."""
DRIFT = TICKS_PER_SECOND // 2
"""While both play: how far apart the playheads may be."""
_BY_TOOL = {"ripple": "trimming", "roll": "rolling", "slip": "slipping", "slide": "sliding", "razor": "cutting"}
_INPUT = {QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.TabletPress, QEvent.Type.TouchBegin}


class Showing(QObject):
    """Belongs to `Together`."""

    def __init__(self, bench: Workbench, together: Together) -> None:
        super().__init__(together)
        self._bench, self._together = bench, together
        self._said: Fast | None = None
        self._panel = ""
        self._playing: bool | None = None
        together.peers_changed.connect(self._go_along)

    # going out

    def show(self, live: LiveSession) -> None:
        """Tells others where this window is, if that is another place than before."""
        now = self.gather()
        if now != self._said:
            self._said = now
            live.show(now)
        panel = str(self._bench.late.get("focus") or "")
        if panel != self._panel:
            self._panel = panel
            live.introduce(panel)

    def gather(self) -> Fast:
        """What others may see now."""
        if self._together.hidden:
            return Fast(0, HIDDEN)
        bench = self._bench
        transport, selection = bench.transport, bench.selection.clips
        timeline: Any = bench.late.get("timeline")
        seen: dict[str, Any] = {}
        if timeline is not None:
            scale, lanes = timeline.state.scale, timeline.lanes
            seen = {"left": scale.ticks(0), "right": scale.ticks(timeline.state.width)}
            ghosts = lanes.overlay.ghosts if timeline.pointer.busy else ()
            if ghosts:
                shown = tuple(Ghost(g.id, g.track, max(0, g.start), max(0, g.source_range.duration)) for g in ghosts[:MOST])
                seen |= {"ghosts": shown, "dragged": len(ghosts), "doing": DOINGS.index(self._verb(ghosts[0]))}
            elif timeline.pointer.busy:
                seen |= {"doing": DOINGS.index("pointing")}
            if lanes.underMouse():
                spot = lanes.mapFromGlobal(QCursor.pos())
                row = timeline.state.row_at(spot.y())
                seen |= {"pointer": scale.ticks(max(0, spot.x())), "row": row.track.id if row is not None else ""}
        program: Any = bench.late.get("program")
        place = program.pointed() if program is not None else None
        if place is not None:
            seen |= {"spot": tuple(round(share * FULL) for share in place)}
            if program.drawing.doing:
                seen |= {"doing": DOINGS.index(program.drawing.doing)}
        return Fast(0, PLAYING if transport.playing else 0, max(0, transport.ticks), selected=len(selection),
                    selection=selection[:MOST], **seen)

    def _verb(self, ghost: Clip) -> Any:
        tool = self._bench.tools.tool
        if tool in _BY_TOOL:
            return _BY_TOOL[tool]
        was = self._bench.snapshot.find(Clip, ghost.id)
        return "trimming" if was is not None and was.source_range != ghost.source_range else "moving"

    # going along

    def follow(self, on: bool) -> None:
        """Begins or ends going where the followed person goes."""
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return
        app.removeEventFilter(self)
        self._playing = None
        if on:
            app.installEventFilter(self)
            self._go_along()
        elif self._bench.transport.playing:
            self._bench.transport.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whatever this person does ends following."""
        if event.type() in _INPUT and event.spontaneous():
            self._together.follow(None)
        return False

    def _go_along(self) -> None:
        person = self._together.person(self._together.following)
        if person is None or person.playhead is None:
            return
        bench = self._bench
        transport = bench.transport
        if person.playing != self._playing:
            self._playing = person.playing
            transport.seek(person.playhead)
            if person.playing:
                transport.play(1.0)
            else:
                transport.stop()
                transport.seek(person.playhead)
        elif abs(transport.ticks - person.playhead) > (DRIFT if person.playing else 0):
            transport.seek(person.playhead)
        timeline: Any = bench.late.get("timeline")
        if timeline is not None and person.right > person.left and not timeline.pointer.busy:
            timeline.state.show_stretch(person.left, person.right)

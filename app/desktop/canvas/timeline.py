"""The timeline panel: tools, times, headers, lanes and the whole film in a strip.

Owns: putting the parts together, laying them out, following document, theme and playback. Refuses: what each part does.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QScrollBar, QToolButton, QWidget

from app.desktop.canvas.corner import Corner
from app.desktop.canvas.drop_above import DropAbove
from app.desktop.canvas.header_note import refresh_note
from app.desktop.canvas.headers import Headers
from app.desktop.canvas.lanes import Lanes
from app.desktop.canvas.look import Look
from app.desktop.canvas.menus import edit_marker, header_menu, ruler_menu
from app.desktop.canvas.metrics import Metrics
from app.desktop.canvas.minimap import Minimap
from app.desktop.canvas.peers import Peers
from app.desktop.canvas.pointer import Pointer
from app.desktop.canvas.ruler import Ruler
from app.desktop.canvas.signs import BranchSign, MatterSign
from app.desktop.canvas.state import TimelineState
from app.desktop.canvas.timecode_entry import spoken
from app.desktop.canvas.tool_row import ToolRow
from editor_core.document import ChangeSet, Snapshot
from editor_core.timing import TICKS_PER_SECOND

_VIEWS = "timeline/views"
"""Setting: zoom, scroll and row heights by project file."""
_VIEWS_KEPT = 50
_BEFORE = "timeline view"


class View(NamedTuple):
    """What a timeline panel showed: pixels a second, scroll in pixels, down in pixels at 100 %, row heights, whether a person chose it."""

    zoom: float
    scroll: int
    down: float
    heights: dict[str, int]
    by_hand: bool


class TimelinePanel(QWidget):
    """Everything about time. `state` holds zoom and scroll, `lanes` the clips."""

    def __init__(self, bench: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bench = bench
        self.setObjectName("timelinePanel")
        self.setMinimumSize(420, 180)
        self.state = TimelineState(bench, self)
        self.state.rows.m = Metrics.at(bench.theme.scale)
        self.state.reload()
        self.look = Look(bench.theme)
        self.tool_row = ToolRow(self.state, self.look, self)
        self.corner = Corner(self.state, self.look, self)
        self.headers = Headers(self.state, self.look, self)
        self.lanes = Lanes(self.state, self.look, self)
        self.pointer = Pointer(self.lanes)
        self.lanes.pointer = self.pointer
        self.ruler = Ruler(self.state, self.look, self.pointer.snap_time, self)
        DropAbove(self.ruler, self.lanes)
        self.minimap = Minimap(self.state, self.look, self)
        self.peers = Peers(self)
        self.count = QLabel(self)
        self.add = QToolButton(self)
        self.bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._dress_footer()
        self.bar.valueChanged.connect(lambda value: self.state.scroll_to(y=value))
        self.state.scrolled.connect(lambda dx, dy: self._place_bar())
        self.state.rows_changed.connect(self._place_bar)
        self.state.rows_changed.connect(self._tell)
        self.headers.menu_asked.connect(self._header_menu)
        self.ruler.menu_asked.connect(self._ruler_menu)
        self.ruler.marker_opened.connect(lambda marker: edit_marker(self, marker))
        self.setFocusProxy(self.lanes)
        bench.changed.connect(self._follow)
        bench.theme.changed.connect(self._rethemed)
        bench.transport.moved.connect(self._moved)
        bench.selection.changed.connect(self._tell)
        bench.selection.changed.connect(self._check_gap)
        self._touched = False
        self._placing = False
        self._keep_soon = QTimer(self, singleShot=True, interval=1500)
        self._keep_soon.timeout.connect(self._keep)
        for signal in (self.state.zoomed, self.state.scrolled, self.state.rows_changed):
            signal.connect(self._moved_by_hand)
        self._lend()
        self._tell()

    # ---- following ----------------------------------------------------------------------------------------------

    def _follow(self, change: ChangeSet, before: Snapshot, after: Snapshot) -> None:
        self.bench.selection.prune(after)
        self.state.follow(before, after)
        self.ruler.follow(before, after)
        self.corner.refresh()
        self._check_gap()
        if before.timeline.name != after.timeline.name:
            refresh_note(self)

    def _check_gap(self) -> None:
        """A selected gap is let go when it is no gap any more, or something else is selected."""
        gap = self.bench.late.get("gap")
        if not gap:
            return
        row = self.state.rows.of(gap[0])
        first, last = row.between(gap[1], gap[2]) if row is not None else (0, 1)
        if first != last or self.bench.selection.clips or self.bench.selection.transitions or self.bench.selection.markers:
            self.bench.late.pop("gap", None)
            self.lanes.update()

    def _moved(self, ticks: int) -> None:
        held = self.pointer.pan_key in self.bench.actions.held  # perhaps to drag the lanes along
        if self.pointer.busy or self.ruler.busy or held:
            return
        playing = self.bench.transport.playing
        if playing or not 0 <= self.state.scale.x(ticks) <= self.state.width:  # keys and the viewers go to what is out of sight too
            self.state.reveal(ticks, page=playing)

    def _rethemed(self) -> None:
        before = self.look.m.scale
        self.look = Look(self.bench.theme)
        self.state.set_metrics(self.look.m)
        self.state.scroll_y = round(self.state.scroll_y * self.look.m.scale / before)
        for part in (self.tool_row, self.corner, self.headers, self.lanes, self.ruler, self.minimap):
            part.set_look(self.look)
        self._dress_footer()
        self._lay_out()
        self.update()

    def _tell(self) -> None:
        rows = len(self.state.rows)
        self.count.setText(f"{rows} track{'' if rows == 1 else 's'}")
        selected = len(self.bench.selection.clips)
        self.lanes.setAccessibleName(f"Timeline {self.state.snapshot.timeline.name}, {rows} tracks, playhead "
                                     f"{spoken(self.bench.transport.ticks, self.state.rate)}, {selected} selected")

    def header_widgets(self) -> list[QWidget]:
        """What the panel's header shows at its right: the branch, and what needs attention."""
        if "attention" not in self.bench.late:
            return []
        return [BranchSign(self.bench), MatterSign(self.bench)]

    def header_note(self) -> str:
        """Words for the panel's header."""
        return str(self.state.snapshot.timeline.name)

    def _lend(self) -> None:
        """Lends the actions of zooming and row heights their work."""
        state, bind = self.state, self.bench.actions.bind
        step = self.look.m.px(12)
        for action, run in (
            ("timeline.zoom_in", lambda: state.zoom_by(1.5)), ("timeline.zoom_out", lambda: state.zoom_by(1 / 1.5)),
            ("timeline.fit", state.toggle_fit),
            ("timeline.video_taller", lambda: state.heighten("video", step)),
            ("timeline.video_lower", lambda: state.heighten("video", -step)),
            ("timeline.audio_taller", lambda: state.heighten("audio", step)),
            ("timeline.audio_lower", lambda: state.heighten("audio", -step)),
            ("timeline.tracks_tall", lambda: state.all_heights(90)), ("timeline.tracks_low", lambda: state.all_heights(30)),
        ):
            if action in self.bench.actions:
                bind(action, run)
        self.bench.late["timeline"] = self

    # ---- layout -------------------------------------------------------------------------------------------------

    def _dress_footer(self) -> None:
        self.count.setFont(self.look.label_font)
        self.count.setStyleSheet(f"color:{self.look.colour('text-3').name()}")
        self.add.setIcon(self.bench.theme.icon("plus", "text-3", 16))
        self.add.setIconSize(QSize(self.look.m.px(16), self.look.m.px(16)))
        self.add.setAutoRaise(True)
        self.add.setToolTip("Add a track")
        self.add.setAccessibleName("Add a track")
        if not self.add.property("wired"):
            self.add.setProperty("wired", True)
            self.add.clicked.connect(lambda: self._header_menu("", self.add.mapToGlobal(self.add.rect().topLeft())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()
        if not self._touched:
            self._first_zoom()

    def _first_zoom(self) -> None:
        """Where the panel stood that this one replaces; else where the project was left; else the whole film where it is short, two
        minutes of it where it is long."""
        self._placing = True
        before = self.bench.late.get(_BEFORE)
        if isinstance(before, View):
            self._stand(before)
        elif not self._restore() and self.state.end:
            self.state.fit(0, min(self.state.end, 120 * TICKS_PER_SECOND))
        self._placing = False

    def _moved_by_hand(self, *_: object) -> None:
        """From the first zoom or scroll on, the view is the person's: kept, and not fitted again."""
        if not self._placing and self.isVisible():
            self._touched = True
            self._keep_soon.start()

    def _stand(self, view: View) -> None:
        """Takes over zoom, scroll and heights of a panel that was shown before, at another theme or scale."""
        self._touched = view.by_hand
        self.state.rows.heights = dict(view.heights)
        self.state.scale.pixels_per_second = min(view.zoom, self.state.most_zoom)
        self.state.scale.scroll = view.scroll
        self.state.set_metrics(self.look.m)
        self.state.scroll_y = round(view.down * self.look.m.scale)
        self.state.zoomed.emit()

    def _restore(self) -> bool:
        kept = self.bench.settings.get(_VIEWS, {}).get(str(self.bench.project_path))
        if not isinstance(kept, dict) or self.bench.project_path is None:
            return False
        try:
            self.state.rows.heights = {str(k): int(v) for k, v in kept["heights"].items()}
            self.state.scale.pixels_per_second = min(max(0.002, float(kept["zoom"])), self.state.most_zoom)
            self.state.scale.scroll = max(0, int(kept["scroll"]))
        except (KeyError, TypeError, ValueError, AttributeError):
            return False
        self.state.set_metrics(self.look.m)
        self.state.zoomed.emit()
        return True

    def _keep(self) -> None:
        if self.bench.project_path is None:
            return
        views = dict(self.bench.settings.get(_VIEWS, {}))
        views.pop(str(self.bench.project_path), None)
        state = self.state
        views[str(self.bench.project_path)] = {"zoom": state.scale.pixels_per_second, "scroll": state.scale.scroll,
                                               "heights": state.rows.heights}
        self.bench.settings.set(_VIEWS, dict(list(views.items())[-_VIEWS_KEPT:]))

    def _lay_out(self) -> None:
        m = self.look.m
        width, height = self.width(), self.height()
        top = m.tool_row
        lanes_top = top + m.top
        lanes_height = max(10, height - lanes_top - m.minimap)
        self.tool_row.setGeometry(0, 0, width, m.tool_row)
        self.corner.setGeometry(0, top, m.header, m.top)
        self.ruler.setGeometry(m.header, top, max(10, width - m.header), m.top)
        self.headers.setGeometry(0, lanes_top, m.header, lanes_height)
        self.lanes.setGeometry(m.header, lanes_top, max(10, width - m.header), lanes_height)
        self.minimap.setGeometry(m.header, height - m.minimap, max(10, width - m.header), m.minimap)
        self.count.setGeometry(m.px(8), height - m.minimap + 1, m.header - m.px(44), m.minimap - 1)
        self.add.setGeometry(m.header - m.px(32), height - m.minimap + 1, m.px(24), m.px(24))
        self._place_bar()

    def _place_bar(self) -> None:
        limit = self.state.scroll_y_limit
        self.bar.setVisible(limit > 0)
        if limit > 0:
            lanes = self.lanes.geometry()
            self.bar.setGeometry(QRect(lanes.right() - 9, lanes.top(), 10, lanes.height()))
            self.bar.blockSignals(True)
            self.bar.setRange(0, limit)
            self.bar.setPageStep(lanes.height())
            self.bar.setSingleStep(24)
            self.bar.setValue(self.state.scroll_y)
            self.bar.blockSignals(False)
            self.bar.raise_()

    def showEvent(self, event: QShowEvent) -> None:
        self._lend()  # another workspace may have a timeline as well: the actions are for the one that is seen
        self.peers.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        state = self.state
        self.bench.late[_BEFORE] = View(state.scale.pixels_per_second, state.scale.scroll, state.scroll_y / self.look.m.scale,
                                        dict(state.rows.heights), self._touched)
        if self._keep_soon.isActive():
            self._keep_soon.stop()
            self._keep()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, m = self.look, self.look.m
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.colour("panel"))
        foot = self.height() - m.minimap
        painter.fillRect(0, foot, m.header, 1, look.colour("line-subtle"))
        painter.fillRect(m.header - 1, foot, 1, m.minimap, look.colour("line"))

    # ---- menus --------------------------------------------------------------------------------------------------

    def _header_menu(self, track: str, spot: Any) -> None:
        header_menu(self, track).exec(spot)

    def _ruler_menu(self, marker: str, ticks: int, spot: Any) -> None:
        ruler_menu(self, marker, ticks).exec(spot)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.pointer.keys.pressed(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self.pointer.keys.released(event):
            super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.lanes.setFocus(event.reason())


def build_timeline(bench: Any) -> TimelinePanel:
    """The timeline panel for a workbench."""
    return TimelinePanel(bench)

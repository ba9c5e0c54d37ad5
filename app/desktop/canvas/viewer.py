"""The two viewers: Program shows the timeline, Source one asset.

Owns: what is particular to each: handles, quality and safe areas; the asset with its own marks, dragging it out.
Refuses: rendering, playback clocks (the decks have them) and keys (actions).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QCursor, QDrag, QImage, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.desktop.bridge import ASSETS_MIME, QUALITIES
from app.desktop.bridge.discussion import TOOLS
from app.desktop.canvas.drawing import DrawingLayer
from app.desktop.canvas.follow_frame import FollowFrame
from app.desktop.canvas.grab import grab_frame
from app.desktop.canvas.guides import GUIDES, GUIDES_SETTING, action_of
from app.desktop.canvas.handles import Handles
from app.desktop.canvas.header_note import refresh_note
from app.desktop.canvas.picture_peers import PicturePeers
from app.desktop.canvas.program_drop import ProgramDrop
from app.desktop.canvas.viewer_base import Viewer
from app.desktop.widgets.basics import action_button
from editor_core.document import ChangeSet, Snapshot
from editor_core.schema import MediaReference

CHIPS = 330
"""Width at which the header of Program has room for its chips."""


class ProgramViewer(Viewer):
    """The timeline's picture, with handles for the selected clip."""

    name = "Program"

    def __init__(self, bench: Any, parent: QWidget | None = None) -> None:
        super().__init__(bench, parent)
        self.picture.size_of = self._frame_size
        self.handles = Handles(self.picture, self.look)
        self.drawing = DrawingLayer(self.picture, self.handles)
        self.picture.over = self.drawing
        self.picture.peers = PicturePeers(self.picture)
        self._drawers = [self._tool_button(tool) for tool in TOOLS]
        self.picture.drops = ProgramDrop(self.picture)
        self.picture.setAcceptDrops(True)
        self.picture.trim = bench.frames.trim
        bench.frames.trim.changed.connect(self.picture.update)
        self.picture.guides = frozenset(bench.settings.get(GUIDES_SETTING, [])) & set(GUIDES)
        self._quality = self._menu_chip("Quality of the preview", self._fill_quality)
        self._guides = self._guides_button()
        bench.frames.quality_changed.connect(self._tell_quality)
        bench.selection.changed.connect(self.picture.update)
        bench.changed.connect(self._changed)
        bench.transport.marks_changed.connect(self._tell_loop)
        self._follow_deck(bench.program)
        self._tell_quality()
        self._tell_empty()
        self._tell_loop()
        self._lend()
        self.follow_frame = FollowFrame(bench, self)
        if not bench.frames.image.isNull():
            self.picture.show_frame(bench.frames.image)
        bench.frames.request(bench.transport.ticks)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where the header has no room for words, its chips go rather than stand there empty; the View menu has the same."""
        super().resizeEvent(event)
        narrow = self.width() < self.look.m.px(CHIPS)
        for chip in (self._chip, self._quality):
            chip.setProperty("off", narrow)
            if chip.isVisibleTo(chip.parentWidget()) == narrow:
                chip.setVisible(not narrow)

    def showEvent(self, event: QShowEvent) -> None:
        self._lend()  # another workspace may have a Program as well

    def pointed(self) -> tuple[float, float] | None:
        """Where the pointer is on the film's picture, in shares of its width and height, for others to see; None for nowhere."""
        picture = self.picture
        if picture.empty is not None or not picture.isVisible() or not picture.underMouse() or (picture.trim and picture.trim.panes):
            return None
        spot, target = QPointF(picture.mapFromGlobal(QCursor.pos())), picture.target()
        if not target.contains(spot) and not self.drawing.doing:
            return None
        x, y = (spot.x() - target.x()) / target.width(), (spot.y() - target.y()) / target.height()
        return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))

    def deck(self) -> Any:
        return self.bench.program

    def header_note(self) -> str:
        """The timeline's name."""
        return str(self.bench.snapshot.timeline.name)

    def header_widgets(self) -> list[QWidget]:
        return [*self._drawers, self._chip, self._quality, self._guides]

    def _guides_button(self) -> QToolButton:
        """Opens the list of guides; lit while any is on."""
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setCheckable(True)
        button.setIcon(self.bench.theme.icon("pe-safe-area"))
        button.setFixedSize(self.look.m.px(24), self.look.m.px(24))
        button.setToolTip("Guides: safe areas, thirds, centre, other frames" + (f" ({key})" if (key := self._key_of("viewer.safe_areas"))
                                                                              else ""))
        button.setAccessibleName("Guides")
        button.setProperty("arrow", "none")
        menu = QMenu(button)
        menu.aboutToShow.connect(lambda: self._fill_guides(menu))
        menu.aboutToHide.connect(lambda: button.setChecked(bool(self.picture.guides)))
        button.clicked.connect(lambda: menu.popup(button.mapToGlobal(button.rect().bottomLeft())))
        button.setChecked(bool(self.picture.guides))
        return button

    def _fill_guides(self, menu: QMenu) -> None:
        menu.clear()
        for guide, words in GUIDES.items():
            made = menu.addAction(words)
            made.setCheckable(True)
            made.setChecked(guide in self.picture.guides)
            made.triggered.connect(lambda _checked=False, one=guide: self.toggle_guide(one))

    def _tool_button(self, tool: str) -> QToolButton:
        """Draws over the picture, as part of a comment."""
        button = action_button(self.bench.theme, self.bench.actions.get(f"draw.{tool}"))
        button.setAutoRaise(True)
        return button

    def right_buttons(self) -> list[tuple[str, str, str, Callable[[], Any]]]:
        trigger = self.bench.actions.trigger
        found = [("loop", "repeat", "Loop playback", self.toggle_loop),
                 ("comment", "message-square-plus", "Comment", lambda: trigger("comment.add"))]
        if "viewer.grab" in self.bench.actions:
            found.append(("grab", "camera", "Grab frame", lambda: trigger("viewer.grab")))
        found += [("lift", "pe-lift", "Lift", lambda: trigger("range.lift")),
                  ("extract", "pe-extract", "Extract", lambda: trigger("range.extract"))]
        return found

    def toggle_loop(self) -> None:
        self.bench.transport.set_loop(not self.bench.transport.loop)

    def toggle_guide(self, guide: str) -> None:
        """Shows or hides lines over the picture; remembered."""
        self.picture.guides ^= {guide}
        self._guides.setChecked(bool(self.picture.guides))
        self.bench.settings.set(GUIDES_SETTING, sorted(self.picture.guides))
        self.picture.update()

    def _frame_size(self) -> tuple[int, int]:
        timeline = self.bench.snapshot.timeline
        return timeline.width, timeline.height

    def _changed(self, change: ChangeSet, before: Snapshot, after: Snapshot) -> None:
        self._tell_empty()
        if before.timeline != after.timeline:
            self.picture._tell_feed()
            refresh_note(self)
            self.picture.update()
        if before.end() != after.end():
            self.scrub.update()
        if self.bench.selection.clips:  # a new picture comes by itself; this is about the handles
            self.picture.update()

    def _tell_empty(self) -> None:
        self.picture.set_empty(None if self.bench.snapshot.end() else ("clapperboard", "Put clips on the timeline"))

    def _fill_quality(self, menu: QMenu) -> None:
        menu.clear()
        for quality in QUALITIES:
            made = menu.addAction(quality.capitalize())
            made.setCheckable(True)
            made.setChecked(self.bench.frames.quality == quality)
            made.triggered.connect(lambda _checked=False, q=quality: self.bench.frames.set_quality(q))

    def _tell_quality(self) -> None:
        self._quality.setText(self.bench.frames.quality.capitalize())

    def _tell_loop(self) -> None:
        self.buttons["loop"].setIcon(self.bench.theme.icon("repeat", "accent" if self.bench.transport.loop else "text-2"))

    def _key_of(self, action: str) -> str:
        keys = self.bench.actions.keys(action) if action in self.bench.actions else []
        return keys[0] if keys else ""

    def _lend(self) -> None:
        actions, picture = self.bench.actions, self.picture
        self.bench.late["program"] = self
        for action, run in (
            ("viewer.fit", lambda: picture.set_zoom(None)), ("viewer.actual", lambda: picture.set_zoom(1.0)),
            ("viewer.zoom_in", lambda: picture.zoom_by(1.25)), ("viewer.zoom_out", lambda: picture.zoom_by(0.8)),
        ):
            if action in actions:
                actions.bind(action, run)
        if "viewer.grab" in actions:
            actions.bind("viewer.grab", lambda: grab_frame(self.bench, self),
                         lambda: "" if self.bench.transport.ticks < self.bench.snapshot.end() else "The playhead is not on the film")
        for guide in GUIDES:
            action = action_of(guide)
            if action in actions:
                actions.bind(action, lambda one=guide: self.toggle_guide(one), checked=lambda one=guide: one in picture.guides)

    def _rethemed(self) -> None:
        super()._rethemed()
        self._guides.setIcon(self.bench.theme.icon("pe-safe-area"))
        self._tell_loop()


class SourceViewer(Viewer):
    """One asset with its own in and out."""

    name = "Source"

    def __init__(self, bench: Any, parent: QWidget | None = None) -> None:
        super().__init__(bench, parent)
        self._followed: Any = None
        self.picture.set_empty(("film", "Open a clip"))
        self.picture.dragged_out.connect(self._drag_out)
        bench.source.opened.connect(self._opened)
        if bench.source.asset:
            self._opened(bench.source.asset)

    def deck(self) -> Any:
        return self.bench.source.deck if self.bench.source.asset else None

    def header_note(self) -> str:
        """The asset's name."""
        asset = self.bench.snapshot.find(MediaReference, self.bench.source.asset) if self.bench.source.asset else None
        return asset.name if asset is not None else ""

    def right_buttons(self) -> list[tuple[str, str, str, Callable[[], Any]]]:
        trigger = self.bench.actions.trigger
        return [("insert", "pe-insert", "Insert", lambda: trigger("clip.insert")),
                ("overwrite", "pe-overwrite", "Overwrite", lambda: trigger("clip.overwrite"))]

    def _opened(self, asset_id: str) -> None:
        refresh_note(self)
        asset = self.bench.snapshot.find(MediaReference, asset_id) if asset_id else None
        if asset is None:
            self.picture.set_empty(("film", "Open a clip"))
            self.timecode.set_ticks(0)
            return
        self.picture.size_of = lambda: asset.video.shown_size if asset.video is not None else (1920, 1080)
        self.picture.image = QImage()
        self.picture.set_zoom(None)
        deck = self.bench.source.deck
        if deck is not self._followed:
            self._followed = deck
            self._follow_deck(deck)
        self.picture.set_empty(None if asset.video is not None else ("audio-lines", f"{asset.name} has sound only"))
        self._moved(deck.transport.ticks)
        self._name_picture()

    def _drag_out(self) -> None:
        """The marked part goes along to where it is dropped."""
        if not self.bench.source.asset:
            return
        marks = self.bench.source.deck.transport
        part: dict[str, Any] = {"asset": self.bench.source.asset}
        if marks.mark_in is not None or marks.mark_out is not None:
            part["source_start"], part["source_duration"] = self.bench.source.range()
        data = QMimeData()
        data.setData(ASSETS_MIME, json.dumps([part]).encode())
        drag = QDrag(self)
        drag.setMimeData(data)
        if not self.picture.image.isNull():
            drag.setPixmap(QPixmap.fromImage(self.picture.image.scaledToHeight(54, Qt.TransformationMode.SmoothTransformation)))
            drag.setHotSpot(QPoint(10, 10))
        drag.exec(Qt.DropAction.CopyAction)


def build_program(bench: Any) -> ProgramViewer:
    """The Program viewer of a workbench."""
    return ProgramViewer(bench)


def build_source(bench: Any) -> SourceViewer:
    """The Source viewer of a workbench."""
    return SourceViewer(bench)

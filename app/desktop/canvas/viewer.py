"""The two viewers: Program shows the timeline, Source one asset.

Owns: picture, scrub bar, timecode and transport buttons put together, the header's zoom and quality.
Refuses: rendering, playback clocks (the decks have them) and keys (actions).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, QSize, Qt
from PySide6.QtGui import QDrag, QImage, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from app.desktop.bridge import ASSETS_MIME, QUALITIES
from app.desktop.canvas.grab import grab_frame
from app.desktop.canvas.handles import Handles
from app.desktop.canvas.header_note import refresh_note
from app.desktop.canvas.look import Look
from app.desktop.canvas.picture import ZOOMS, Picture
from app.desktop.canvas.scrub_bar import ScrubBar
from app.desktop.canvas.timecode_entry import spoken
from app.desktop.canvas.timecode_field import TimecodeField
from editor_core.document import ChangeSet, Snapshot
from editor_core.schema import MediaReference


class Viewer(QWidget):
    """What both viewers have. `deck()` gives the deck, or None while there is nothing to show."""

    name = ""

    def __init__(self, bench: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bench = bench
        self.look = Look(bench.theme)
        self.setMinimumSize(260, 200)
        self.picture = Picture(bench, self.look, self)
        self.scrub = ScrubBar(self.look, f"{self.name} position", self)
        self.row = _TransportRow(self)
        self.timecode = TimecodeField(self.look, self._rate, f"{self.name} time", parent=self.row)
        self.timecode.went.connect(self._go)
        self.timecode.refused.connect(self._refused)
        self.buttons: dict[str, QToolButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.picture, 1)
        layout.addWidget(self.scrub)
        layout.addWidget(self.row)
        self.setFocusProxy(self.picture)
        self._chip = self._menu_chip("Zoom of the picture", self._fill_zoom)
        self._fill_row()
        self.picture.zoom_changed.connect(self._tell_zoom)
        bench.theme.changed.connect(self._rethemed)
        self._tell_zoom()

    # ---- for subclasses -----------------------------------------------------------------------------------------

    def deck(self) -> Any:
        """Transport and frames, or None."""
        return None

    def right_buttons(self) -> list[tuple[str, str, str, Callable[[], Any]]]:
        """(name, icon, words, run) of the buttons at the right."""
        return []

    # ---- header -------------------------------------------------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        """Controls for the free part of the panel's header."""
        return [self._chip]

    def _menu_chip(self, name: str, fill: Callable[[QMenu], None]) -> QToolButton:
        chip = QToolButton(self)
        chip.setProperty("chip", True)
        chip.setObjectName("chip")
        chip.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        chip.setToolTip(name)
        chip.setAccessibleName(name)
        chip.setFont(self.look.label_font)
        menu = QMenu(chip)
        menu.aboutToShow.connect(lambda: fill(menu))
        chip.setMenu(menu)
        return chip

    def _fill_zoom(self, menu: QMenu) -> None:
        menu.clear()
        for zoom in (None, *ZOOMS):
            made = menu.addAction("Fit" if zoom is None else f"{zoom * 100:.0f} %")
            made.setCheckable(True)
            made.setChecked(self.picture.zoom == zoom)
            made.triggered.connect(lambda _checked=False, z=zoom: self.picture.set_zoom(z))

    def _tell_zoom(self) -> None:
        self._chip.setText("Fit" if self.picture.zoom is None else f"{self.picture.zoom * 100:.0f} %")

    # ---- transport row ------------------------------------------------------------------------------------------

    def _fill_row(self) -> None:
        row = QHBoxLayout(self.row)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(2)
        side = QHBoxLayout()
        side.addWidget(self.timecode)
        side.addStretch(1)
        row.addLayout(side, 1)
        for name, icon, words, run in (
            ("clear", "brackets", "Clear in and out", self.clear_marks), ("in", "pe-trim-out", "Mark in", self.mark_in),
            ("back", "step-back", "One frame back", lambda: self._step(-1)), ("play", "play", "Play", self.toggle),
            ("forward", "step-forward", "One frame forward", lambda: self._step(1)),
            ("out", "pe-trim-in", "Mark out", self.mark_out),
        ):
            row.addWidget(self._button(name, icon, words, run, wide=name == "play"))
        end = QHBoxLayout()
        end.setSpacing(2)
        end.addStretch(1)
        for name, icon, words, run in self.right_buttons():
            end.addWidget(self._button(name, icon, words, run))
        row.addLayout(end, 1)

    def _button(self, name: str, icon: str, words: str, run: Callable[[], Any], *, wide: bool = False) -> QToolButton:
        button = QToolButton(self.row)
        button.setAutoRaise(not wide)
        button.setProperty("play", wide)
        button.setIcon(self.bench.theme.icon(icon, "text" if wide else "text-2"))
        button.setIconSize(QSize(self.look.m.px(16), self.look.m.px(16)))
        button.setFixedSize(self.look.m.px(34 if wide else 24), self.look.m.px(28 if wide else 24))
        if wide:
            self._dress_play(button)
        key = self._key(name)
        button.setToolTip(f"{words} ({key})" if key else words)
        button.setAccessibleName(words)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: run())
        button.setProperty("icon_name", icon)
        self.buttons[name] = button
        return button

    def _dress_play(self, button: QToolButton) -> None:
        look = self.look
        button.setStyleSheet(f"QToolButton{{background:{look.colour('hover').name()};border-radius:5px;border:0}}"
                             f"QToolButton:hover{{background:{look.colour('pressed').name()}}}")

    def _key(self, name: str) -> str:
        action = {"in": "marks.in", "out": "marks.out", "back": "playback.step_back", "forward": "playback.step_forward",
                  "play": "playback.toggle", "clear": "marks.clear", "loop": "playback.loop", "insert": "clip.insert",
                  "overwrite": "clip.overwrite", "lift": "range.lift", "extract": "range.extract"}.get(name, "")
        keys = self.bench.actions.keys(action) if action in self.bench.actions else []
        return keys[0] if keys else ""

    # ---- transport ----------------------------------------------------------------------------------------------

    def _follow_deck(self, deck: Any) -> None:
        """Connects to a deck, once."""
        self.scrub.set_transport(deck.transport)
        deck.transport.moved.connect(self._moved)
        deck.transport.state_changed.connect(self._playing)
        deck.frames.arrived.connect(self._arrived)
        self.picture.feed = deck.frames
        self.picture._tell_feed()
        self._moved(deck.transport.ticks)

    def _arrived(self, image: QImage, ticks: object) -> None:
        self.picture.show_frame(image, ticks)

    def _moved(self, ticks: int) -> None:
        self.timecode.set_ticks(ticks)

    def _playing(self) -> None:
        deck = self.deck()
        playing = deck is not None and deck.transport.playing
        self.buttons["play"].setIcon(self.bench.theme.icon("pause" if playing else "play", "text"))
        self.buttons["play"].setAccessibleName("Stop" if playing else "Play")
        self._name_picture()
        self.picture.update()

    def _name_picture(self) -> None:
        deck = self.deck()
        if deck is not None:
            state = "playing, " if deck.transport.playing else ""
            self.picture.setAccessibleName(f"{self.name} viewer, {state}{spoken(deck.transport.ticks, deck.transport.rate)}")

    def _rate(self) -> Any:
        deck = self.deck()
        return deck.transport.rate if deck is not None else self.bench.rate

    def _go(self, ticks: int) -> None:
        if (deck := self.deck()) is not None:
            deck.transport.seek(ticks)

    def _refused(self, why: str) -> None:
        self.bench.say(why, "warn")

    def toggle(self) -> None:
        if (deck := self.deck()) is not None:
            deck.transport.toggle()

    def _step(self, frames: int) -> None:
        if (deck := self.deck()) is not None:
            deck.transport.step(frames)

    def mark_in(self) -> None:
        if (deck := self.deck()) is not None:
            deck.transport.set_marks(deck.transport.ticks, deck.transport.mark_out)

    def mark_out(self) -> None:
        """The frame shown is the last one inside."""
        if (deck := self.deck()) is not None:
            deck.transport.set_marks(deck.transport.mark_in, deck.transport.ticks + deck.transport.frame)

    def clear_marks(self) -> None:
        if (deck := self.deck()) is not None:
            deck.transport.set_marks(None, None)

    def _rethemed(self) -> None:
        self.look = Look(self.bench.theme)
        self.picture.look = self.look
        if self.picture.over is not None:
            self.picture.over.look = self.look
        self.scrub.set_look(self.look)
        self.timecode.set_look(self.look)
        for name, button in self.buttons.items():
            icon = str(button.property("icon_name"))
            button.setIcon(self.bench.theme.icon(icon, "text" if name == "play" else "text-2"))
            if name == "play":
                self._dress_play(button)
        self._playing()
        self.update()


_LESS = ("clear", "grab", "extract", "lift", "loop", "back", "forward")
"""Buttons that give way first when a viewer is narrow; their keys still work."""


class _TransportRow(QFrame):
    """The row under the scrub bar."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._viewer = viewer
        self.setFixedHeight(viewer.look.m.px(44))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._viewer.look.m.px(240), self._viewer.look.m.px(44))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shows as many buttons as there is room for beside the timecode."""
        look, buttons = self._viewer.look, self._viewer.buttons
        room = self.width() - 2 * look.m.px(8) - self._viewer.timecode.sizeHint().width() - look.m.px(16)
        hidden: set[str] = set()
        for name in ("", *(n for n in _LESS if n in buttons)):
            hidden.add(name)
            if sum(button.width() + 2 for n, button in buttons.items() if n not in hidden) <= room:
                break
        for name, button in buttons.items():
            button.setVisible(name not in hidden)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._viewer.look.colour("panel"))


class ProgramViewer(Viewer):
    """The timeline's picture, with handles for the selected clip."""

    name = "Program"

    def __init__(self, bench: Any, parent: QWidget | None = None) -> None:
        super().__init__(bench, parent)
        self.picture.size_of = self._frame_size
        self.handles = Handles(self.picture, self.look)
        self.picture.over = self.handles
        self.picture.safe_areas = bool(bench.settings.get("viewer/safe_areas", False))
        self._quality = self._menu_chip("Quality of the preview", self._fill_quality)
        self._safe = QToolButton(self)
        self._safe.setCheckable(True)
        self._safe.setAutoRaise(True)
        self._safe.setChecked(self.picture.safe_areas)
        self._safe.setIcon(bench.theme.icon("pe-safe-area"))
        self._safe.setFixedSize(self.look.m.px(24), self.look.m.px(24))
        self._safe.setToolTip("Safe areas" + (f" ({key})" if (key := self._key_of("viewer.safe_areas")) else ""))
        self._safe.setAccessibleName("Safe areas")
        self._safe.clicked.connect(self.toggle_safe_areas)
        bench.frames.quality_changed.connect(self._tell_quality)
        bench.selection.changed.connect(self.picture.update)
        bench.changed.connect(self._changed)
        bench.transport.marks_changed.connect(self._tell_loop)
        self._follow_deck(bench.program)
        self._tell_quality()
        self._tell_empty()
        self._tell_loop()
        self._lend()
        if not bench.frames.image.isNull():
            self.picture.show_frame(bench.frames.image)
        bench.frames.request(bench.transport.ticks)

    def deck(self) -> Any:
        return self.bench.program

    def header_note(self) -> str:
        """The timeline's name."""
        return str(self.bench.snapshot.timeline.name)

    def header_widgets(self) -> list[QWidget]:
        return [self._chip, self._quality, self._safe]

    def right_buttons(self) -> list[tuple[str, str, str, Callable[[], Any]]]:
        trigger = self.bench.actions.trigger
        found = [("loop", "repeat", "Loop playback", self.toggle_loop)]
        if "viewer.grab" in self.bench.actions:
            found.append(("grab", "camera", "Grab frame", lambda: trigger("viewer.grab")))
        found += [("lift", "pe-lift", "Lift", lambda: trigger("range.lift")),
                  ("extract", "pe-extract", "Extract", lambda: trigger("range.extract"))]
        return found

    def toggle_loop(self) -> None:
        self.bench.transport.set_loop(not self.bench.transport.loop)

    def toggle_safe_areas(self) -> None:
        """Shows or hides action and title safe areas; remembered."""
        on = not self.picture.safe_areas
        self.picture.safe_areas = on
        self._safe.setChecked(on)
        self.bench.settings.set("viewer/safe_areas", on)
        self.picture.update()

    def _frame_size(self) -> tuple[int, int]:
        timeline = self.bench.snapshot.timeline
        return timeline.width, timeline.height

    def _changed(self, change: ChangeSet, before: Snapshot, after: Snapshot) -> None:
        self._tell_empty()
        if before.timeline != after.timeline:
            self.picture._tell_feed()
            refresh_note(self)
        self.scrub.update()
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
        for action, run in (
            ("viewer.fit", lambda: picture.set_zoom(None)), ("viewer.actual", lambda: picture.set_zoom(1.0)),
            ("viewer.zoom_in", lambda: picture.zoom_by(1.25)), ("viewer.zoom_out", lambda: picture.zoom_by(0.8)),
        ):
            if action in actions:
                actions.bind(action, run)
        if "viewer.grab" in actions:
            actions.bind("viewer.grab", lambda: grab_frame(self.bench, self),
                         lambda: "" if self.bench.transport.ticks < self.bench.snapshot.end() else "The playhead is not on the film")
        if "viewer.safe_areas" in actions:
            actions.bind("viewer.safe_areas", self.toggle_safe_areas, checked=lambda: self.picture.safe_areas)

    def _rethemed(self) -> None:
        super()._rethemed()
        self._safe.setIcon(self.bench.theme.icon("pe-safe-area"))
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

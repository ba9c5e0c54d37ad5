"""What both viewers have in common: picture, scrub bar, timecode, transport buttons, zoom.

Owns: putting them together and following a deck. Refuses: which deck that is (see `viewer`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QCursor, QHideEvent, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from app.desktop.canvas.look import Look
from app.desktop.canvas.picture import ZOOMS, Picture
from app.desktop.canvas.scrub_bar import ScrubBar
from app.desktop.canvas.timecode_entry import spoken
from app.desktop.canvas.timecode_field import TimecodeField
from app.desktop.canvas.viewer_menu import picture_menu


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
        self.picture.menu_asked.connect(lambda at: picture_menu(self).exec(at))
        self.picture.zoom, self.picture.pan = bench.late.get(f"{self.name} zoom", (None, QPointF()))
        bench.theme.changed.connect(self._rethemed)
        self._tell_zoom()

    def hideEvent(self, event: QHideEvent) -> None:
        self.bench.late[f"{self.name} zoom"] = (self.picture.zoom, QPointF(self.picture.pan))  # for the one made after a change of theme

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
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the chevron stands behind the words
        chip.setIcon(self.bench.theme.icon("chevron-down", "text-3", 12))
        chip.setIconSize(QSize(self.look.m.px(12), self.look.m.px(12)))
        chip.setToolTip(name)
        chip.setAccessibleName(name)
        chip.setFont(self.look.label_font)
        menu = QMenu(chip)
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        menu.aboutToShow.connect(lambda: fill(menu))
        menu.aboutToHide.connect(lambda: _unhover(chip))
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
                  "overwrite": "clip.overwrite", "comment": "comment.add", "lift": "range.lift", "extract": "range.extract"}.get(name, "")
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


_LESS = ("clear", "grab", "comment", "extract", "lift", "loop", "back", "forward")
"""Buttons that give way first when a viewer is narrow; their keys still work."""


def _unhover(chip: QToolButton) -> None:
    """A menu takes the mouse, so its button never hears that the pointer has left it."""
    chip.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, chip.rect().contains(chip.mapFromGlobal(QCursor.pos())))
    chip.update()


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

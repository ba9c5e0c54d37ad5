"""Panels that appear one after the other.

Owns: painting a workspace panel by panel, one in a turn of the event loop: all of them at once take longer than a frame. What is not
painted yet takes no clicks. Refuses: which panels there are and what they show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from app.desktop.bridge.turns import APART_MS


class Reveal(QObject):
    """`hold(widgets)` right before they are shown, `begin(order)` right after, the most important first. What is held and not shown then
    is painted as ever, whenever it is."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._held: list[QWidget] = []
        self._begun = False
        self._turns = QTimer(self, interval=APART_MS)
        self._turns.timeout.connect(self._next)

    @property
    def busy(self) -> bool:
        return bool(self._held)

    def hold(self, widgets: Iterable[QWidget]) -> None:
        self.end()
        self._held = list(widgets)
        for one in self._held:
            one.setUpdatesEnabled(False)
            one.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, True)

    def begin(self, order: Callable[[QWidget], Any]) -> None:
        shown = [one for one in self._held if isValid(one) and one.isVisible() and not one.visibleRegion().isEmpty()]
        for one in self._held:
            if one not in shown:
                _free(one)
        self._held = sorted(shown, key=order)
        self._begun = False
        if shown:
            self._turns.start()

    def end(self) -> None:
        """Shows what is left at once."""
        while self._held:
            _free(self._held.pop(0))
        self._turns.stop()

    def _next(self) -> None:
        if not self._begun:
            self._begun = True  # this turn had the showing itself to do
            return
        one = self._held.pop(0)
        if not self._held:
            self._turns.stop()
        _free(one)
        if isValid(one):
            one.repaint()


def _free(one: QWidget) -> None:
    if isValid(one):
        one.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False)
        one.setUpdatesEnabled(True)

"""From a key press to an action.

Owns: the key as it is written in keymaps, which context has focus, when text keeps a key. Refuses: keymaps, running actions.

Qt's own shortcuts are not used: they know neither contexts nor text focus, and complain about one key in two panels.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from app.desktop.bridge import Actions
from app.desktop.bridge.keymap import normal

_PLACES = {59: ",", 60: ".", 61: "/", 47: ";", 48: "'", 34: "[", 35: "]", 51: "\\", 21: "=", 20: "-", 49: "`"}
"""Symbol keys by their place on the keyboard (X11 and Wayland key codes), whatever is printed on them."""
_DIGITS = {code: str((code - 9) % 10) for code in range(10, 20)}
_SHIFTED = dict(zip('<>?:"{}|+_~!@#$%^&*()', ",./;'[]\\=-`1234567890", strict=True))
_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr, Qt.Key.Key_CapsLock)
_MOVES = {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
          Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab}
_EDITING = {"A", "C", "V", "X", "Z", "Y", "Left", "Right", "Home", "End", "Backspace", "Del", "Up", "Down"}

_PRESSED = QEvent.Type.MouseButtonPress
_GONE = frozenset({QEvent.Type.WindowDeactivate, QEvent.Type.ApplicationDeactivate})
_HEARD = frozenset({QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride, _PRESSED, *_GONE})

FALLBACK = {"viewer": ("viewer", "timeline"), "source": ("source",)}
"""Contexts that are asked in order; the picture belongs to the timeline."""
ALONE = {"merge": ("merge.", "app.", "workspace.", "project.", "theme.", "jobs.", "edit.undo", "edit.redo")}
"""Contexts in which only actions of these beginnings have keys: what they would change is out of sight."""


def key_of(event: QKeyEvent) -> str:
    """The key of an event as keymaps write it (`Ctrl+Shift+K`); empty for a modifier alone. Symbol keys go by place."""
    key = Qt.Key(event.key()) if event.key() else Qt.Key.Key_unknown
    if key in _MODIFIERS or key == Qt.Key.Key_unknown:
        return ""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier & ~Qt.KeyboardModifier.GroupSwitchModifier
    code = event.nativeScanCode() if QGuiApplication.platformName() in ("xcb", "wayland") else 0
    text = chr(event.key()) if 0x20 < event.key() < 0x7F else ""
    base = ""
    if text and not text.isalpha() and not event.modifiers() & Qt.KeyboardModifier.KeypadModifier:
        base = _PLACES.get(code) or (_DIGITS.get(code, "") if modifiers else "") or _SHIFTED.get(text, "")
    if key == Qt.Key.Key_Backtab:
        key, modifiers = Qt.Key.Key_Tab, modifiers | Qt.KeyboardModifier.ShiftModifier
    if base:
        key = Qt.Key(ord(base))
    if key == Qt.Key.Key_Enter:
        key = Qt.Key.Key_Return
    return QKeySequence(QKeyCombination(modifiers, key)).toString(QKeySequence.SequenceFormat.PortableText)


def _code(event: QKeyEvent) -> int:
    """What tells a key on its way up from others: its place, where the system tells it."""
    return event.nativeScanCode() or event.key()


def text_has(widget: QWidget | None) -> bool:
    """Whether typing goes into text in this widget."""
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    if isinstance(widget, (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox)):
        return not widget.isReadOnly()
    return bool(widget is not None and widget.property("typing"))


def kept(widget: QWidget | None, event: QKeyEvent, key: str) -> bool:
    """Whether the focused widget keeps a key for itself instead of an action having it."""
    if text_has(widget):
        modifiers = event.modifiers()
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        alt = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        if control and alt:  # AltGr types characters on many layouts
            return True
        if control:
            return key.rsplit("+", 1)[-1] in _EDITING
        return not (Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35) and not alt
    plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    if isinstance(widget, QAbstractItemView):
        return plain and event.key() in _MOVES
    if isinstance(widget, (QAbstractSlider, QComboBox)):
        return plain and event.key() in (_MOVES | {Qt.Key.Key_Space})
    if isinstance(widget, QAbstractButton):
        return plain and event.key() in {Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab}
    if widget is not None and widget.property("keys") == "own":  # number fields step with arrows
        return plain and (event.key() in _MOVES or event.text() in "0123456789+-*/.,")
    return False


class KeyRouter(QObject):
    """An event filter of the application. `context` names the panel in focus; `active` says whether a window is ours.

    `pressed(widget)` for each mouse press, so that the panel under it gets the focus.
    """

    pressed = Signal(QWidget)

    def __init__(self, actions: Actions, context: Callable[[], str], active: Callable[[QWidget], bool],
                 escape: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._context = context
        self._active = active
        self._escape = escape
        self._down: dict[int, str] = {}
        self._listens = self._rests = False
        self.heard = 0
        """How many events of keys and of the mouse's buttons came by."""

    def listen(self, on: bool) -> None:
        """Begins or ends hearing what comes to the application."""
        self._listens = on
        self._hear(on)

    def _hear(self, on: bool) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.removeEventFilter(self)
            if on:
                app.installEventFilter(self)

    @contextlib.contextmanager
    def resting(self) -> Iterator[None]:
        """Hears nothing while widgets are made or shown: no key can come meanwhile, but thousands of other events."""
        if self._rests or not self._listens:
            yield
            return
        self._rests = True
        self._hear(False)
        try:
            yield
        finally:
            self._rests = False
            self._hear(self._listens)  # it may have been told to end meanwhile

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind not in _HEARD:  # every event of the program comes by here
            return False
        self.heard += 1
        if not isinstance(watched, QWidget):
            return False
        if kind == _PRESSED:
            self.pressed.emit(watched)
            return False
        if kind in _GONE:
            self.let_go()  # the releases go to another window
            return False
        if not isinstance(event, QKeyEvent):
            return False
        if kind == QEvent.Type.KeyRelease:
            if not event.isAutoRepeat():
                self.let_go(_code(event))
            return False
        if isinstance(watched, QMenu) or QApplication.activePopupWidget() or QApplication.activeModalWidget():
            return False
        if not self._active(watched.window()):
            return False
        wanted = self.find(event, QApplication.focusWidget() or watched)
        if kind == QEvent.Type.ShortcutOverride:
            if wanted:
                event.accept()
            return bool(wanted)
        if event.key() == Qt.Key.Key_Escape and not event.modifiers() and self._escape():
            return True
        if wanted is None:
            return False
        if not event.isAutoRepeat():
            self.let_go(_code(event))
            self._down[_code(event)] = wanted
            self._actions.typed = event.text() if event.modifiers() & Qt.KeyboardModifier.KeypadModifier else ""
            self._actions.press(wanted)
            self._actions.typed = ""
        elif self._actions.repeats(wanted):
            self._actions.trigger(wanted)
        return True

    def let_go(self, code: int | None = None) -> None:
        """A key that ran an action is up; all of them without a code."""
        for one in [code] if code is not None else list(self._down):
            action = self._down.pop(one, None)
            if action is not None:
                self._actions.release(action)

    def find(self, event: QKeyEvent, focus: QWidget) -> str | None:
        """The action of a key press; None when there is none or the focused widget keeps the key."""
        key = key_of(event)
        if not key:
            return None
        block = block_key_of(event)
        context = self._context()
        keymap = self._actions.keymap
        for place in FALLBACK.get(context, (context,)):
            own = (keymap.action(place, block) if block else None) or keymap.action(place, key)
            if own is not None and own in self._actions and own.startswith(ALONE.get(place, ("",))):
                return None if kept(focus, event, key) else own
        return None


def block_key_of(event: QKeyEvent) -> str:
    """A digit or sign of the number block as keymaps write it (`Num+5`); empty for other keys."""
    held = event.modifiers() & ~Qt.KeyboardModifier.GroupSwitchModifier
    block = held == Qt.KeyboardModifier.KeypadModifier and len(event.text()) == 1 and event.text() in "0123456789+-"
    return normal(f"Num+{event.text()}") if block else ""

"""Starting the window.

Owns: the Qt application, what every project of this window shares, the event loop, the exit. Refuses: widgets.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from app.desktop.bridge import Keymap, Settings
from app.desktop.bridge.keymap import keymap_file
from app.desktop.makers import Makers
from app.desktop.session import Tools
from app.desktop.theme import icons
from app.desktop.theme.fonts import load_scripts
from app.desktop.theme.theme import Theme
from app.services.jobs import JobQueue

log = logging.getLogger(__name__)
SWITCH_SECONDS = 0.0005
"""How long another thread (journal, renderer's mail) may keep the interpreter while the interface waits for it; Python's own 5 ms
are a third of a frame."""
_SCRIPTS_AFTER = 1500
"""Milliseconds until fonts of more writing systems are loaded: after the first paint, before anybody has read a list."""
_QUIET = ("propagateSizeHints",)
"""Qt's remarks that say nothing about this program."""


def run(makers: Makers, film: Path | None) -> int:
    """The window until it is closed; the exit status."""
    from app.desktop.shell.main_window import MainWindow

    app = application()
    sys.setswitchinterval(SWITCH_SECONDS)
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(makers.background())
        queue = JobQueue()
        stack.callback(queue.close)
        settings = Settings(makers.config / "window.ini")
        stack.callback(settings.sync)
        theme = Theme(makers.cache / "look", str(settings.get("look/theme", "dark")), float(settings.get("look/scale", 1.0)))
        theme.apply()
        guard, opened = threading.Lock(), []

        def library() -> Any:
            with guard:
                if not opened:
                    opened.append(stack.enter_context(makers.library()))
                return opened[0]

        tools = Tools(settings, theme, keymap_of(settings), queue, pool, makers.render, makers.sound, makers.cache, library,
                      makers.sharing)
        window = MainWindow(makers, tools)
        stack.callback(window.take_down)
        window.begin(film)
        QTimer.singleShot(_SCRIPTS_AFTER, window, load_scripts)
        _let_signals_in(app, window)
        return app.exec()


def application() -> QApplication:
    """The QApplication, made once."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    qInstallMessageHandler(_qt_says)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("ProEditor")
    app.setDesktopFileName("proeditor")
    app.setQuitOnLastWindowClosed(True)
    app.setWindowIcon(QIcon(icons.draw("logo", "#2D68DC", 64, 1.0)))
    atexit.register(_let_go_of_clipboard)
    return app


def _let_go_of_clipboard() -> None:
    """Without a display Qt keeps what was copied until after Python has ended; taking it down calls Python, and the process would crash.
    Where there is a display the clipboard goes with the application, and what was copied may be handed on."""
    if QGuiApplication.instance() is not None and QGuiApplication.platformName() in ("offscreen", "minimal"):
        QGuiApplication.clipboard().clear()


def keymap_of(settings: Settings) -> Keymap:
    """The keymap that the settings name, with the person's own keys."""
    own: dict[str, Any] = settings.get("keys/own", {})
    return Keymap(keymap_file(settings), own)


def _qt_says(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    if any(part in message for part in _QUIET):
        return
    level = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO, QtMsgType.QtWarningMsg: logging.WARNING}
    log.log(level.get(kind, logging.ERROR), "Qt: %s", message)


def _let_signals_in(app: QApplication, window: Any) -> None:
    """Ctrl+C in the terminal and a polite kill close the window as a person would."""
    if os.name != "posix":
        return
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: QTimer.singleShot(0, window.end))
    beat = QTimer(app, interval=250)  # lets Python look at signals while Qt waits
    beat.timeout.connect(lambda: None)
    beat.start()

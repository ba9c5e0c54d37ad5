"""Bringing work from any thread to the interface thread.

Owns: one queued signal. Refuses: waiting.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal

log = logging.getLogger(__name__)


class Post(QObject):
    """Call `post(function, *args)` from any thread; it runs later on the thread that made this object.

    After `close` what still arrives is dropped, so that a worker that ends late cannot touch widgets that are gone.
    """

    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True
        self._arrived.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def __call__(self, function: Callable[..., object], *args: object) -> None:
        if self._open:
            try:
                self._arrived.emit((function, args))
            except RuntimeError:  # the Qt object went first, at exit
                self._open = False

    def close(self) -> None:
        self._open = False

    def _run(self, call: tuple[Callable[..., object], tuple[object, ...]]) -> None:
        if not self._open:
            return
        function, args = call
        try:
            function(*args)
        except Exception:
            log.exception("a call brought to the interface thread failed")

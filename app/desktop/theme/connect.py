"""Connecting a call to a signal for as long as an object lives.

Owns: the guard against calls into widgets that are gone. Refuses: everything else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from shiboken6 import isValid


def connect_for(signal: Any, call: Callable[..., Any], owner: QObject) -> None:
    """Calls `call` at each emission while `owner` lives; afterwards the connection goes by itself."""

    def guarded(*args: Any) -> None:
        if isValid(owner):
            call(*args)

    signal.connect(guarded)
    owner.destroyed.connect(lambda: _leave(signal, guarded))


def _leave(signal: Any, guarded: Callable[..., Any]) -> None:
    try:
        signal.disconnect(guarded)
    except (RuntimeError, TypeError, SystemError):  # the sender went first
        return

"""Settings of this person on this computer.

Owns: typed reading and writing of one QSettings, and saying what changed. Refuses: anything that belongs to a project.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSettings, Signal


class Settings(QObject):
    """`changed(key)` after a value was set. Values are JSON, so that what is read back has its type."""

    changed = Signal(str)

    def __init__(self, file: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        file.parent.mkdir(parents=True, exist_ok=True)
        self.file = file
        self.store = QSettings(str(file), QSettings.Format.IniFormat, self)

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key; the default where it is missing, broken, or of another type than the default."""
        raw = self.store.value(key)
        if not isinstance(raw, str):
            return default
        try:
            value = json.loads(raw)
        except ValueError:
            return default
        if default is not None and not isinstance(value, type(default)) and not (
                isinstance(default, float) and isinstance(value, int)):
            return default
        return value

    def set(self, key: str, value: Any) -> None:
        if self.get(key) != value:
            self.store.setValue(key, json.dumps(value))
            self.changed.emit(key)

    def sync(self) -> None:
        self.store.sync()

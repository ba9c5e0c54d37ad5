"""Which key runs which action.

Owns: reading a keymap file, the person's own changes on top, looking a key up by context. Refuses: running anything.

A keymap file is JSON: `{"name": …, "keys": [{"context": "global", "keys": ["Space"], "action": "playback.toggle"}, …]}`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

log = logging.getLogger(__name__)

GLOBAL = "global"


class Row(msgspec.Struct, frozen=True):
    """Keys of one action in one context."""

    context: str
    keys: tuple[str, ...]
    action: str


class KeymapFile(msgspec.Struct, frozen=True):
    """What a keymap file holds."""

    name: str
    keys: tuple[Row, ...]


class KeymapError(ValueError):
    """A keymap file that cannot be used; the message names the file and the row."""


def read_file(path: Path) -> KeymapFile:
    """A keymap file, checked: known shape, keys that Qt understands, no key twice in one context. Raises KeymapError."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=KeymapFile)
    except (OSError, msgspec.DecodeError) as error:
        raise KeymapError(f"{path.name}: {error}") from None
    seen: dict[tuple[str, str], str] = {}
    for row in found.keys:
        for key in row.keys:
            text = normal(key)
            if not text:
                raise KeymapError(f"{path.name}: {key!r} is not a key ({row.action})")
            if (row.context, text) in seen:
                raise KeymapError(f"{path.name}: {key} stands for {seen[row.context, text]} and {row.action} in {row.context}")
            seen[row.context, text] = row.action
    return found


def normal(key: str) -> str:
    """The one way a key is written: `Ctrl+Shift+K`. Empty for what is no key."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


class Keymap(QObject):
    """Looks up `action(context, key)`; the focus panel's context first, then global."""

    changed = Signal()

    def __init__(self, file: KeymapFile, own: Mapping[str, Any] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = file.name
        self._rows = list(file.keys)
        self.own: dict[str, list[str]] = {}
        self._index: dict[tuple[str, str], str] = {}
        self._keys: dict[str, list[str]] = {}
        self._contexts: dict[str, str] = {}
        self.set_own(own or {})

    def action(self, context: str, key: str) -> str | None:
        """The action of a key (in portable text) for a focus context; None if there is none."""
        return self._index.get((context, key)) or self._index.get((GLOBAL, key))

    def keys_of(self, action_id: str) -> list[str]:
        """Keys of an action in portable text, the main one first."""
        return self._keys.get(action_id, [])

    def context_of(self, action_id: str) -> str:
        """Where the action's keys work: a panel's context or global."""
        return self._contexts.get(action_id, GLOBAL)

    def actions(self) -> set[str]:
        return set(self._keys)

    def clash(self, action_id: str, key: str) -> str | None:
        """The other action that has this key in the same context."""
        other = self._index.get((self.context_of(action_id), normal(key)))
        return other if other != action_id else None

    def replace(self, file: KeymapFile) -> None:
        """Another map in place of this one; own changes stay."""
        self.name, self._rows = file.name, list(file.keys)
        self._build()

    def set_own(self, own: Mapping[str, Any]) -> None:
        """The person's own keys by action; an empty list takes the keys away."""
        self.own = {str(action): [k for k in map(normal, map(str, keys)) if k]
                    for action, keys in own.items() if isinstance(keys, (list, tuple))}
        self._build()

    def _build(self) -> None:
        self._index.clear()
        self._keys.clear()
        self._contexts.clear()
        for row in self._rows:
            self._contexts.setdefault(row.action, row.context)
            if row.action not in self.own:
                self._enter(row.context, row.action, [normal(k) for k in row.keys])
        for action_id, keys in self.own.items():
            self._enter(self.context_of(action_id), action_id, keys)
        self.changed.emit()

    def _enter(self, context: str, action_id: str, keys: list[str]) -> None:
        for key in keys:
            before = self._index.get((context, key))
            if before is not None and before != action_id and key in self._keys.get(before, []):
                self._keys[before].remove(key)
            self._index[context, key] = action_id
            if key not in self._keys.setdefault(action_id, []):
                self._keys[action_id].append(key)

"""Which key runs which action.

Owns: reading a keymap file, the person's own changes on top, looking a key up by context. Refuses: running anything.

A keymap file is JSON: `{"name": …, "keys": [{"context": "global", "keys": ["Space"], "action": "playback.toggle"}, …]}`. With
`"base": "proeditor"` it holds only what differs from that file.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

from app.desktop.bridge.settings import Settings

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
    base: str = ""


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


def bundled() -> dict[str, KeymapFile]:
    """The maps that come with the program by file name without ending, whole. One that cannot be read is logged and left out."""
    read: dict[str, KeymapFile] = {}
    with resources.as_file(resources.files("resources") / "keymaps") as folder:
        for path in sorted(folder.glob("*.json")):
            try:
                read[path.stem] = read_file(path)
            except KeymapError as error:
                log.error("%s", error)
    found = {name: file for name, file in read.items() if not file.base}
    for name, file in read.items():
        if file.base in found:
            found[name] = layered(found[file.base], file)
        elif file.base:
            log.error("%s.json builds on %s, which is no map of its own", name, file.base)
    return found


def keymap_file(settings: Settings) -> KeymapFile:
    """The map that the settings name, or the program's own."""
    files = bundled()
    return files.get(str(settings.get("keys/map", "proeditor"))) or files.get("proeditor") or KeymapFile("ProEditor", ())


def layered(base: KeymapFile, over: KeymapFile) -> KeymapFile:
    """`base` with what `over` says otherwise: its actions have its keys, and what had those keys in that context loses them."""
    own = {(row.context, row.action) for row in over.keys}
    taken = {(row.context, normal(key)) for row in over.keys for key in row.keys}
    kept = []
    for row in base.keys:
        if (row.context, row.action) not in own:
            kept.append(Row(row.context, tuple(key for key in row.keys if (row.context, normal(key)) not in taken), row.action))
    return KeymapFile(over.name, (*kept, *over.keys))


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
        self._displaced: dict[str, list[tuple[str, str]]] = {}
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

    def lost(self, action_id: str) -> list[tuple[str, str]]:
        """(key, action that has it now): keys of the map that the person's own keys took from an action."""
        return [(key, now) for key, now in self._displaced.get(action_id, []) if self._index.get((self.context_of(action_id), key)) == now]

    def elsewhere(self, action_id: str) -> list[tuple[str, str, str]]:
        """(key, context, action): what the action's keys do in other panels, or everywhere else."""
        own = self.context_of(action_id)
        return [(key, context, other) for key in self.keys_of(action_id) for (context, known), other in self._index.items()
                if known == key and context != own and other != action_id and GLOBAL in (own, context)]

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
        self._displaced.clear()
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
                self._displaced.setdefault(before, []).append((key, action_id))
            self._index[context, key] = action_id
            if key not in self._keys.setdefault(action_id, []):
                self._keys[action_id].append(key)

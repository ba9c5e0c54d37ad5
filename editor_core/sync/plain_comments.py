"""Comments as a Y document of their own, for plain rooms (SPEC 7.4).

Owns: `PlainComments`, one map `acts` from an act's id (base64) to the act as JSON text, which any Yjs client can read; what came is tried
out before it is believed. Refuses: sockets, the project, what acts mean (see `editor_core.comments`).

The id is made of the act's bytes, so what does not fit its key is nobody's act and stays where it is, unread. An act that only a newer
version can read stands there as its bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import msgspec
from pycrdt import Doc, Map

from editor_core.comments.acts import ID, MAX_ACT, Act, ActRefused, decode, encode, id_of
from editor_core.sync.errors import UNDECODABLE, UpdateRefused
from editor_core.sync.plain import beyond, heard, tried

MAX_JSON = 6 * MAX_ACT
"""Longest act as JSON text, in bytes: a letter may take six."""
_JSON = msgspec.json.Decoder(Act)
_EMPTY = b"\x00\x00"


class PlainComments:
    """The document of one connection. When a refusal left it `worn`, make a new one. Belongs to the document's thread."""

    def __init__(self) -> None:
        self._doc: Doc[Any] = Doc(allow_multithreading=True)
        self._acts: Map[Any] = self._doc.get("acts", type=Map)
        self._came: dict[str, Any] = {}
        self._subscription: Any = self._acts.observe(lambda event: self._note(dict(event.keys)))
        self._known: set[bytes] = set()
        self.worn = False

    def close(self) -> None:
        """Lets go of the memory: a subscription keeps its document for ever."""
        if self._subscription is not None:
            self._acts.unobserve(self._subscription)
            self._subscription = None

    def _note(self, keys: dict[str, Any]) -> None:
        self._came.update((key, what.get("newValue")) for key, what in keys.items())

    def __contains__(self, act_id: object) -> bool:
        return act_id in self._known

    def state(self) -> bytes:
        """Its state vector."""
        return self._doc.get_state()

    def update_for(self, state: bytes) -> bytes:
        """What one lacks who has `state`. Raises UpdateRefused."""
        return beyond(self._doc, state)

    def take(self, update: bytes) -> list[bytes]:
        """Takes in what came; the acts, as bytes, that are there now and were not. Raises UpdateRefused."""
        tried(update)
        try:
            heard(self._doc, update)
        except UpdateRefused:
            self.worn = True
            raise
        came, self._came = self._came, {}
        found = {id_of(raw): raw for key, value in came.items() if (raw := act_in(key, value)) is not None}
        self._known |= found.keys()
        return list(found.values())

    def add(self, raws: Iterable[bytes]) -> bytes:
        """Puts in acts that are not there; the update, empty for nothing."""
        before = self.state()
        new = {act_id: raw for raw in raws if (act_id := id_of(raw)) not in self._known}
        if not new:
            return b""
        with self._doc.transaction():
            for act_id, raw in new.items():
                self._acts[key_of(act_id)] = _shown(raw)
        self._came.clear()
        self._known |= new.keys()
        made = self.update_for(before)
        return b"" if made == _EMPTY else made


def key_of(act_id: bytes) -> str:
    """The key of an act in the map: as other acts name it in their JSON."""
    return base64.b64encode(act_id).decode()


def act_in(key: str, value: object) -> bytes | None:
    """An act's bytes from its entry; None for what is none."""
    try:
        if isinstance(value, str) and len(key) < 2 * ID and len(value) <= MAX_JSON:
            raw = encode(_JSON.decode(value))
        elif isinstance(value, (bytes, bytearray)) and len(value) <= MAX_ACT:
            raw = bytes(value)
        else:
            return None
    except (ActRefused, ValueError, *UNDECODABLE):
        return None
    return raw if key_of(id_of(raw)) == key else None


def _shown(raw: bytes) -> str | bytes:
    try:
        return msgspec.json.encode(decode(raw)).decode()
    except ActRefused:
        return raw

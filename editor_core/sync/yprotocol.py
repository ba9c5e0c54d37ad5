"""The messages of y-protocols, which unmodified Yjs clients speak: sync steps, updates, awareness (SPEC 6).

Owns: their bytes and bounds. Refuses: sockets, documents, and looking into updates.

Written against y-protocols 1.0.7 as y-websocket 3.1.0 frames it: unsigned varints, byte strings and UTF-8 strings with their length in
bytes before them. Every number is bounded before it is used, which the replica library's own reader does not do.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from editor_core.sync.errors import SyncError

MAX_UPDATE = 64 * 2**20
"""Longest update, or state, in bytes."""
MAX_STATE = 2**20
"""Longest state vector in bytes."""
MAX_AWARE = 64
"""Most clients in one awareness message."""
MAX_AWARE_TEXT = 4096
"""Longest awareness state of one client in bytes."""
_SYNC, _AWARENESS, _AUTH, _QUERY = 0, 1, 2, 3


class NotSpoken(SyncError):
    """Bytes that are no message of y-protocols, or one beyond the bounds."""


class Step1(NamedTuple):
    """The sender has what this state vector says; it wants the rest."""

    state: bytes


class Step2(NamedTuple):
    """The answer to a Step1."""

    update: bytes


class Update(NamedTuple):
    """Something that was just written."""

    update: bytes


class Aware(NamedTuple):
    """Where clients are: (client, clock, JSON text; `null` for one that left)."""

    clients: tuple[tuple[int, int, str], ...]


class AskAware(NamedTuple):
    """The sender wants to know where everyone is."""


class Passed(NamedTuple):
    """A message of a kind that is of no use here."""


Said = Step1 | Step2 | Update | Aware | AskAware | Passed


def write(said: Step1 | Step2 | Update | Aware | AskAware) -> bytes:
    """A message's bytes."""
    if isinstance(said, AskAware):
        return bytes((_QUERY,))
    if isinstance(said, Aware):
        body = bytearray(number(len(said.clients)))
        for client, clock, text in said.clients:
            raw = text.encode()
            body += number(client) + number(clock) + number(len(raw)) + raw
        return bytes((_AWARENESS,)) + number(len(body)) + bytes(body)
    kind = 0 if isinstance(said, Step1) else 1 if isinstance(said, Step2) else 2
    body = bytearray(said[0])
    return bytes((_SYNC, kind)) + number(len(body)) + bytes(body)


def read(raw: bytes | str) -> Said:
    """A message from its bytes. Raises NotSpoken."""
    if isinstance(raw, str):
        raise NotSpoken("text where a message of y-protocols was expected")
    reader = _Reader(raw)
    kind = reader.number()
    if kind == _SYNC:
        return _sync(reader)
    if kind == _AWARENESS:
        return _aware(_Reader(reader.block(MAX_AWARE * (MAX_AWARE_TEXT + 32))))
    if kind == _QUERY:
        return AskAware()
    if kind == _AUTH:
        return Passed()
    raise NotSpoken(f"y-protocols has no message {kind}")


def _sync(reader: _Reader) -> Said:
    step = reader.number()
    if step == 0:
        return Step1(reader.block(MAX_STATE))
    if step == 1:
        return Step2(reader.block(MAX_UPDATE))
    if step == 2:
        return Update(reader.block(MAX_UPDATE))
    raise NotSpoken(f"y-protocols has no sync message {step}")


def _aware(reader: _Reader) -> Aware:
    count = reader.number()
    if count > MAX_AWARE:
        raise NotSpoken(f"{count} clients in one awareness message")
    found = []
    for _ in range(count):
        client, clock = reader.number(), reader.number()
        try:
            text = reader.block(MAX_AWARE_TEXT).decode()
            json.loads(text)
        except (ValueError, RecursionError):
            raise NotSpoken("an awareness state that is no JSON") from None
        found.append((client, clock, text))
    return Aware(tuple(found))


def number(value: int) -> bytes:
    """An unsigned varint."""
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def number(self) -> int:
        """Below 2^53."""
        value = 0
        for shift in range(0, 56, 7):
            if self._at >= len(self._raw):
                raise NotSpoken("a message that ends in the middle")
            byte = self._raw[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value >= 2**53:
                    break
                return value
        raise NotSpoken("a number that no Yjs client sends")

    def block(self, longest: int) -> bytes:
        size = self.number()
        if size > longest:
            raise NotSpoken(f"a part of {size} bytes; at most {longest} are taken")
        if self._at + size > len(self._raw):
            raise NotSpoken("a message that ends in the middle")
        self._at += size
        return bytes(self._raw[self._at - size:self._at])

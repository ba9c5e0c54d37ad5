"""What peers say to each other about media, and how a relay passes it on: msgpack arrays, the first item names the kind (SPEC 8).

Owns: the messages and their bounds. Refuses: sockets, files, and judging what may be asked.

A media line is a connection of its own, so that edits never wait behind films. The relay keeps nothing and looks at nothing but whom
a message is for. What peers say stands inside `To`, `All` and `From` as bytes, sealed where the room is.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from editor_core.sync.errors import UNDECODABLE
from editor_core.sync.messages import MessageRefused

PIECE_BYTES = 4 * 2**20
"""Bytes of a piece of a file at most."""
MAX_MEDIA = PIECE_BYTES + 16 * 1024
"""Longest message between peers in bytes."""
MAX_MEDIA_LINE = MAX_MEDIA + 1024
"""Longest message on a media line in bytes."""
MAX_ALL = 64 * 1024
"""Longest message to everybody."""
MAX_ASKED = 500
"""Most media asked about at once."""
MAX_HASH = 128
"""Characters of a content hash."""

Kind = Literal["preview", "proxy", "original"]
KINDS: tuple[Kind, ...] = ("preview", "proxy", "original")
"""In the order in which they are fetched."""


class To(msgspec.Struct, frozen=True, array_like=True, tag="to", forbid_unknown_fields=True):
    """Peer: for one session in the room."""

    session: int
    raw: bytes


class All(msgspec.Struct, frozen=True, array_like=True, tag="all", forbid_unknown_fields=True):
    """Peer: for everybody else who has a media line in the room."""

    raw: bytes


class From(msgspec.Struct, frozen=True, array_like=True, tag="from", forbid_unknown_fields=True):
    """Relay: what a session said."""

    session: int
    raw: bytes


class Here(msgspec.Struct, frozen=True, array_like=True, tag="here", forbid_unknown_fields=True):
    """Relay: the sessions that have a media line in the room besides this one; told whenever that changes."""

    sessions: tuple[int, ...]


Passed = To | All | From | Here


class Who(msgspec.Struct, frozen=True, array_like=True, tag="who", forbid_unknown_fields=True):
    """Who has media of these hashes?"""

    hashes: tuple[str, ...]


class Has(msgspec.Struct, frozen=True, array_like=True, tag="has", forbid_unknown_fields=True):
    """These are here or can be made: (hash, kind)."""

    items: tuple[tuple[str, Kind], ...]


class AskList(msgspec.Struct, frozen=True, array_like=True, tag="ask-list", forbid_unknown_fields=True):
    """The list of pieces of one, please."""

    hash: str
    kind: Kind


class Listed(msgspec.Struct, frozen=True, array_like=True, tag="list", forbid_unknown_fields=True):
    """The list of pieces (see `assets.pieces`)."""

    hash: str
    kind: Kind
    pieces: bytes


class Ask(msgspec.Struct, frozen=True, array_like=True, tag="ask", forbid_unknown_fields=True):
    """Piece `number` of one, please."""

    hash: str
    kind: Kind
    number: int


class PieceOf(msgspec.Struct, frozen=True, array_like=True, tag="piece", forbid_unknown_fields=True):
    """That piece."""

    hash: str
    kind: Kind
    number: int
    raw: bytes


class Sorry(msgspec.Struct, frozen=True, array_like=True, tag="sorry", forbid_unknown_fields=True):
    """It cannot be given (`number` -1: nothing of it), and why."""

    hash: str
    kind: Kind
    number: int
    reason: str


Said = Who | Has | AskList | Listed | Ask | PieceOf | Sorry
_PASSED, _SAID = msgspec.msgpack.Decoder(Passed), msgspec.msgpack.Decoder(Said)
_ENCODER = msgspec.msgpack.Encoder()


def encode(message: Any) -> bytes:
    """A message's bytes."""
    return _ENCODER.encode(message)


def passed(raw: bytes | str) -> Passed:
    """What stands on the line. Raises MessageRefused."""
    found: Passed = _decoded(_PASSED, raw)
    if isinstance(found, All) and len(found.raw) > MAX_ALL:
        raise MessageRefused("too much for everybody at once")
    return found


def said(raw: bytes) -> Said:
    """What another peer said. Raises MessageRefused."""
    found: Said = _decoded(_SAID, raw)
    if (isinstance(found, Who) and len(found.hashes) > MAX_ASKED) or (isinstance(found, Has) and len(found.items) > MAX_ASKED * len(KINDS)):
        raise MessageRefused("too much media at once")
    hashes = found.hashes if isinstance(found, Who) else [one for one, _ in found.items] if isinstance(found, Has) else [found.hash]
    if any(not 0 < len(one) <= MAX_HASH for one in hashes):
        raise MessageRefused("a content hash that cannot be one")
    return found


def _decoded(decoder: Any, raw: bytes | str) -> Any:
    if isinstance(raw, str):
        raise MessageRefused("text where a message was expected")
    try:
        return decoder.decode(raw)
    except UNDECODABLE as error:
        raise MessageRefused(f"not a message: {error}") from None

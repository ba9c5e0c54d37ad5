"""What is in envelopes: cut into parts and sealed when it is given, opened, joined and looked at when it comes.

Owns: both directions, for every document. Refuses: keeping, order and roles (see `participant`). What opens may run on any thread.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from editor_core.document import ChangeSet, Stamp
from editor_core.storage.rooms import Kept
from editor_core.sync import envelope as envelopes
from editor_core.sync.arriving import changes_in, check_timeline
from editor_core.sync.envelope import MAX_PARTS, DocumentName, Envelope, EnvelopeRefused, Have, Kind, content_of, make
from editor_core.sync.epochs import RoomKeys
from editor_core.sync.messages import Present
from editor_core.sync.sealing import NotOpened, open_payload, seal_payload


class Looked(NamedTuple):
    """An envelope whose bytes hold. `content` is what is in it, None where that cannot be told yet: it is one of several parts, its key
    has not come, or its author is not known. `changes` are those in it, if it is of the journal. `spoiled` says why it is of no use."""

    envelope: Envelope
    content: bytes | None = None
    changes: list[ChangeSet] | None = None
    spoiled: EnvelopeRefused | None = None


def look_into(envelope: Envelope, keys: RoomKeys) -> Looked:
    """Opens an envelope that holds all of its content, and checks it."""
    header = envelope.header
    known = keys.of(header.epoch)
    if header.epoch and not known:
        return Looked(envelope)
    try:
        content = content_of(envelope, known)
        return Looked(envelope, content, checked(header.document, content))
    except EnvelopeRefused as error:
        return Looked(envelope, spoiled=error)


def checked(document: DocumentName, content: bytes) -> list[ChangeSet]:
    """The changes in a content. Raises EnvelopeRefused for one that is not what its document holds."""
    if document == "journal":
        return changes_in(content)
    if document == "timeline":
        check_timeline(content)
    return []


def joined(parts: Iterable[Envelope], keys: RoomKeys) -> bytes | None:
    """The content of all parts; None while a key is missing. Raises EnvelopeRefused."""
    pieces = []
    for number, part in enumerate(parts):
        known = keys.of(part.header.epoch)
        if part.header.epoch and not known:
            return None
        if number >= MAX_PARTS:
            raise EnvelopeRefused("a content in too many parts")
        pieces.append(content_of(part, known))
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class Hand(NamedTuple):
    """Who writes: the room, the device's key, the session, the room's key of an epoch (0 and empty in a room that is not sealed)."""

    room: bytes
    key: Ed25519PrivateKey
    session: int
    epoch: int
    room_key: bytes


def written(hand: Hand, contents: Mapping[DocumentName, bytes], have: Have, kind: Kind = "update",
            covers: Have | None = None) -> Iterator[Envelope]:
    """Envelopes of contents that belong together, the same number of parts of each, after those that there are already.

    Raises EnvelopeRefused for more than can be sent.
    """
    part = envelopes.PART
    count = max(1, *(-(-len(content) // part) for content in contents.values()))
    if count > MAX_PARTS:
        raise EnvelopeRefused(f"it takes more than {MAX_PARTS * part >> 20} MiB")
    for number in range(count):
        for document, content in contents.items():
            yield make(hand.key, room=hand.room, document=document, session=hand.session,
                       sequence=have.get(document, {}).get(hand.session, 0) + 1 + number,
                       payload=content[number * part:(number + 1) * part], kind="part" if number < count - 1 else kind,
                       covers=(covers or {}).get(document), epoch=hand.epoch, room_key=hand.room_key)


def cover(hand: Hand | None, state: bytes, slow: bool) -> bytes:
    """A presence as it is sent: sealed where the room is, behind the number of its key; empty without a key."""
    if hand is None or not hand.epoch:
        return b"" if hand is None else state
    return hand.epoch.to_bytes(8, "big") + seal_payload(hand.room_key, _shown(hand.room, hand.session, hand.epoch, slow), state)


def uncover(message: Present, room: bytes, keys: RoomKeys) -> Present:
    """Presences of a sealed room, opened; those that cannot be are left out."""
    def opened(states: Mapping[int, bytes], slow: bool) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        for session, state in states.items():
            epoch = int.from_bytes(state[:8], "big")
            if not state:
                found[session] = state
            for key in keys.of(epoch):
                with contextlib.suppress(NotOpened):
                    found[session] = open_payload(key, _shown(room, session, epoch, slow), state[8:])
        return found

    return Present(opened(message.states, False), opened(message.slow, True))


def _shown(room: bytes, session: int, epoch: int, slow: bool) -> bytes:
    return b"presence" + room + session.to_bytes(8, "big") + epoch.to_bytes(8, "big") + bytes([slow])


def to_keep(envelope: Envelope, stamps: tuple[Stamp, ...] = (), *, unread: bool = False) -> Kept:
    """As a project file keeps it."""
    header = envelope.header
    return Kept(header.document, header.session, header.sequence, header.actor, stamps, envelope.raw, unread, header.kind == "part",
                header.covers)

"""What peer and relay say to each other: msgpack arrays, the first item names the kind (SPEC 3).

Owns: the messages and their bounds. Refuses: sockets, and judging what a message asks.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from editor_core.sync.envelope import KEY, MAX_ENVELOPE, Have, public, verify
from editor_core.sync.errors import UNDECODABLE, SyncError
from editor_core.sync.members import invite_key

PROTOCOL = 1
MAX_MESSAGE = MAX_ENVELOPE + 64 * 1024
"""Longest message in bytes."""
PACK = 256 * 1024
"""Envelopes are packed into messages up to about this many bytes; a longer one goes alone."""
SMALL_PACK = 60 * 1024
"""The same for a peer that may not edit, of whom the relay takes shorter messages."""
MAX_PACK = 4096
"""Most envelopes in a message."""
PIECE = 128 * 1024
"""A longer message goes in pieces of so many bytes, between which the line can be proved to be alive."""
MAX_PRESENCE = 1024
"""Longest presence in bytes; what is sent while dragging stays below 150."""
_HELLO = b"ProEditor hello 1\x00"


class MessageRefused(SyncError):
    """Bytes that are not a message of this protocol."""


class Challenge(msgspec.Struct, frozen=True, array_like=True, tag="challenge"):
    """Relay, first of all: sign this."""

    protocol: int
    nonce: bytes


class Hello(msgspec.Struct, frozen=True, array_like=True, tag="hello"):
    """Peer: who it is. `proof` is the device's signature, `invite` and `invite_proof` those of an invite's key or empty; with `media`
    what follows is a media line (see `media_messages`), with `copy` it has a copy of the room, and may give back who the members are."""

    protocol: int
    room: bytes
    key: bytes
    session: int
    proof: bytes
    invite: bytes = b""
    invite_proof: bytes = b""
    media: bool = False
    copy: bool = False


class Welcome(msgspec.Struct, frozen=True, array_like=True, tag="welcome"):
    """Relay: what the peer may do (empty: nothing yet), and what the relay has. `exists` is False for a room not made yet."""

    role: str
    exists: bool
    have: Have


class Want(msgspec.Struct, frozen=True, array_like=True, tag="want"):
    """Peer: what it has; everything else is sent, then whatever comes in."""

    have: Have


class Envelopes(msgspec.Struct, frozen=True, array_like=True, tag="envelopes"):
    """Relay: envelopes as they were made."""

    raw: list[bytes]


class CaughtUp(msgspec.Struct, frozen=True, array_like=True, tag="caught-up"):
    """Relay: that was everything up to now."""


class Put(msgspec.Struct, frozen=True, array_like=True, tag="put"):
    """Peer: envelopes for everyone, each the next of its document and session."""

    raw: list[bytes]


class GiveBack(msgspec.Struct, frozen=True, array_like=True, tag="give-back"):
    """Peer: statements about members that the relay has not got (any more); `more` of them follow. The answer is another welcome."""

    raw: list[bytes]
    more: bool


class Ack(msgspec.Struct, frozen=True, array_like=True, tag="ack"):
    """Relay: everything up to these numbers is on its disk."""

    have: Have


class Refused(msgspec.Struct, frozen=True, array_like=True, tag="refused"):
    """Relay: why it closes the connection, or did not take what stands at `place` (document, session, sequence)."""

    reason: str
    place: tuple[str, int, int] | None = None


class Presence(msgspec.Struct, frozen=True, array_like=True, tag="presence"):
    """Peer: where it is now; never kept. `slow` is the part that changes seldom and says who it is."""

    state: bytes
    slow: bool = False


class Present(msgspec.Struct, frozen=True, array_like=True, tag="present"):
    """Relay: where others are, by session; empty bytes for one who left. `slow` has the parts that change seldom."""

    states: dict[int, bytes]
    slow: dict[int, bytes] = {}


class SnapshotDue(msgspec.Struct, frozen=True, array_like=True, tag="snapshot-due"):
    """Relay, to one who may write: the room has grown; a snapshot would spare those who join it most of that."""


Message = Challenge | Hello | Welcome | Want | Envelopes | CaughtUp | Put | GiveBack | Ack | Refused | Presence | Present | SnapshotDue
_DECODER = msgspec.msgpack.Decoder(Message)
_ENCODER = msgspec.msgpack.Encoder()


def encode(message: Message) -> bytes:
    """A message's bytes."""
    return _ENCODER.encode(message)


def decode(raw: bytes | str) -> Message:
    """A message from its bytes. Raises MessageRefused."""
    if isinstance(raw, str):
        raise MessageRefused("text where a message was expected")
    try:
        message: Message = _DECODER.decode(raw)
    except UNDECODABLE as error:
        raise MessageRefused(f"not a message: {error}") from None
    if isinstance(message, (Put, Envelopes, GiveBack)) and len(message.raw) > MAX_PACK:
        raise MessageRefused("too many envelopes in one message")
    return message


def hello(key: Ed25519PrivateKey, nonce: bytes, room: bytes, session: int, secret: bytes = b"", *, media: bool = False,
          copy: bool = False) -> Hello:
    """The answer to a challenge; `secret` is that of an invite, `media` asks for a media line, `copy` says that there is one here."""
    said = _said(nonce, room, public(key), session)
    if not secret:
        return Hello(PROTOCOL, room, public(key), session, key.sign(said), media=media, copy=copy)
    invite = invite_key(secret)
    return Hello(PROTOCOL, room, public(key), session, key.sign(said), public(invite), invite.sign(said))


def check_hello(message: Hello, nonce: bytes) -> None:
    """Raises EnvelopeRefused for a forged one, MessageRefused for an impossible one."""
    if message.protocol != PROTOCOL:
        raise MessageRefused(f"protocol {message.protocol} is not spoken here, but {PROTOCOL}; use the same version of ProEditor")
    if len(message.room) != KEY or len(message.key) != KEY or not 0 < message.session < 2**53:
        raise MessageRefused("not a greeting")
    said = _said(nonce, message.room, message.key, message.session)
    verify(message.key, message.proof, said)
    if message.invite:
        verify(message.invite, message.invite_proof, said)


def _said(nonce: bytes, room: bytes, key: bytes, session: int) -> bytes:
    return _HELLO + nonce + room + key + session.to_bytes(8, "big")


def packed(raws: list[bytes], limit: int = PACK) -> list[list[bytes]]:
    """Envelopes grouped for messages of about `limit` bytes, in their order."""
    groups: list[list[bytes]] = []
    size = limit
    for raw in raws:
        if size + len(raw) + 8 > limit or len(groups[-1]) >= MAX_PACK:
            groups.append([])
            size = 0
        groups[-1].append(raw)
        size += len(raw) + 8
    return groups


def pieces(raw: bytes) -> Iterator[bytes]:
    """A long message in pieces."""
    return (raw[first:first + PIECE] for first in range(0, len(raw), PIECE))

"""Signed envelopes: what replicated documents travel and are kept in, byte for byte as they were made.

Owns: the envelope's form, making, opening with every check that needs nothing but the bytes (SPEC 1). Refuses: keeping them,
sending them, and judging whether an author may write (see `members`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec
from blake3 import blake3
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from editor_core.sync.errors import UNDECODABLE, SyncError
from editor_core.sync.sealing import OVERHEAD, NotOpened, open_payload, seal_payload

VERSION = 1
MAX_UPDATE = 8 * 2**20
"""Longest payload in bytes, before it is sealed."""
PART = 4 * 2**20
"""Content that is longer goes in parts of so many bytes."""
MAX_PARTS = 128
"""Most parts of one content: 512 MiB."""
MAX_ENVELOPE = MAX_UPDATE + 128 * 1024
MAX_COVERED = 4096
"""Most sessions that a snapshot may say it covers."""
MAX_NUMBER = 2**53 - 1
KEY = 32
"""Bytes of a room's id, of a public key and of a hash."""
SIGNATURE = 64
_CONTEXT = b"ProEditor envelope 1\x00"

DocumentName = Literal["timeline", "journal", "comments", "members"]
DOCUMENTS: tuple[DocumentName, ...] = ("members", "timeline", "journal", "comments")
"""In the order in which they are sent: who may write comes before what was written."""

Kind = Literal["update", "snapshot", "part"]
Have = dict[str, dict[int, int]]
"""The highest sequence by document and session."""


class EnvelopeRefused(SyncError):
    """Bytes that are not an envelope, or one that may not be taken. Nothing was stored or applied. `offence` is set where an
    honest program would never have sent it."""

    def __init__(self, message: str, *, offence: bool = True) -> None:
        super().__init__(message)
        self.offence = offence


class Header(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The clear, signed part. `sequence` counts 1, 2, 3 … in each document of a session; `covers` lists (session, sequence) that a
    snapshot contains; `epoch` numbers the key that the payload is sealed with, 0 for none; `payload` is the payload's BLAKE3, as it
    travels. A `part` is followed by more of the same content."""

    version: int
    room: bytes
    document: DocumentName
    session: int
    sequence: int
    actor: bytes
    kind: Kind
    covers: tuple[tuple[int, int], ...]
    epoch: int
    payload: bytes


class Envelope(msgspec.Struct, frozen=True):
    """An opened envelope: `raw` is it as it was made, `header_bytes` what the signature covers."""

    header: Header
    payload: bytes
    raw: bytes
    header_bytes: bytes

    @property
    def place(self) -> tuple[str, int, int]:
        """(document, session, sequence)."""
        return self.header.document, self.header.session, self.header.sequence


class _Wire(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    header: bytes
    payload: bytes
    signature: bytes


_WIRE = msgspec.msgpack.Decoder(_Wire)
_HEADER = msgspec.msgpack.Decoder(Header)


def hash_of(payload: bytes) -> bytes:
    """BLAKE3, 32 bytes."""
    return blake3(payload).digest()


def public(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes by which the holder of a key is known."""
    return key.public_key().public_bytes_raw()


def make(key: Ed25519PrivateKey, *, room: bytes, document: DocumentName, session: int, sequence: int, payload: bytes,
         kind: Kind = "update", covers: Mapping[int, int] | None = None, epoch: int = 0, room_key: bytes = b"") -> Envelope:
    """A signed envelope, sealed under the room's key of an epoch where one is given. Raises EnvelopeRefused for one that others would
    refuse."""
    header = Header(VERSION, room, document, session, sequence, public(key), kind, tuple(sorted((covers or {}).items())), epoch, b"")
    if epoch:
        payload = seal_payload(room_key, msgspec.msgpack.encode(header), payload)
    header = msgspec.structs.replace(header, payload=hash_of(payload))
    _check(header, payload)
    header_bytes = msgspec.msgpack.encode(header)
    signature = key.sign(_CONTEXT + header_bytes)
    return Envelope(header, payload, msgspec.msgpack.encode(_Wire(header_bytes, payload, signature)), header_bytes)


def open_envelope(raw: bytes, *, room: bytes | None = None) -> Envelope:
    """An envelope whose bounds, hash and signature hold. Raises EnvelopeRefused."""
    if len(raw) > MAX_ENVELOPE:
        raise EnvelopeRefused(f"an envelope of {len(raw)} bytes is too long")
    try:
        wire = _WIRE.decode(raw)
        header = _HEADER.decode(wire.header)
    except UNDECODABLE as error:
        raise EnvelopeRefused(f"not an envelope: {error}") from None
    _check(header, wire.payload)
    if room is not None and header.room != room:
        raise EnvelopeRefused("an envelope of another room")
    if msgspec.msgpack.encode(wire) != raw or msgspec.msgpack.encode(header) != wire.header:
        raise EnvelopeRefused("an envelope is not written in the one form that it must have")
    if hash_of(wire.payload) != header.payload:
        raise EnvelopeRefused("an envelope was damaged on its way (the hash of its content is wrong)")
    verify(header.actor, wire.signature, _CONTEXT + wire.header)
    return Envelope(header, wire.payload, raw, wire.header)


def header_of(raw: bytes) -> Header:
    """The header of an envelope that was verified when it was kept; nothing is verified here. Raises EnvelopeRefused."""
    try:
        return _HEADER.decode(_WIRE.decode(raw).header)
    except UNDECODABLE as error:
        raise EnvelopeRefused(f"not an envelope: {error}") from None


def content_of(envelope: Envelope, keys: Iterable[bytes] = ()) -> bytes:
    """What is in an envelope; `keys` are the room's of its epoch. Raises EnvelopeRefused where none of them opens it."""
    if not envelope.header.epoch:
        return envelope.payload
    bound = msgspec.msgpack.encode(msgspec.structs.replace(envelope.header, payload=b""))
    for key in keys:
        with contextlib.suppress(NotOpened):
            return open_payload(key, bound, envelope.payload)
    raise EnvelopeRefused("what is sealed in it was not sealed for this place under this room's key")


def verify(key: bytes, signature: bytes, signed: bytes) -> None:
    """Raises EnvelopeRefused unless `key` signed it."""
    try:
        if len(key) != KEY or len(signature) != SIGNATURE:
            raise InvalidSignature
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        raise EnvelopeRefused("a signature is wrong: it was forged, or damaged on its way") from None


def _check(header: Header, payload: bytes) -> None:
    if header.version != VERSION:
        raise EnvelopeRefused(f"an envelope of kind {header.version} comes from a newer version; update ProEditor", offence=False)
    if len(header.room) != KEY or len(header.actor) != KEY or len(header.payload) != KEY:
        raise EnvelopeRefused("an envelope names its room, author or content wrongly")
    if not (0 < header.session <= MAX_NUMBER and 0 < header.sequence <= MAX_NUMBER and 0 <= header.epoch <= MAX_NUMBER):
        raise EnvelopeRefused("an envelope has impossible numbers")
    if len(payload) > MAX_UPDATE + (OVERHEAD if header.epoch else 0) or (header.epoch and len(payload) < OVERHEAD):
        raise EnvelopeRefused(f"an envelope with {len(payload)} bytes is too long or too short; {MAX_UPDATE >> 20} MiB can be sent at once")
    if header.epoch and header.document == "members":
        raise EnvelopeRefused("what is said about members is never sealed")
    if (header.covers and header.kind == "update") or len(header.covers) > MAX_COVERED:
        raise EnvelopeRefused("an envelope covers what it cannot")
    if list(header.covers) != sorted(set(header.covers)):
        raise EnvelopeRefused("an envelope lists what it covers in disorder")

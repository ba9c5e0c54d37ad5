"""What is said about a room's members: signed statements, each naming those it was made in knowledge of (SPEC 2).

Owns: roles, the statements and their form. Refuses: what follows from them (see `members`), networks, keeping secrets.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from blake3 import blake3
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from editor_core.sync.envelope import KEY, MAX_NUMBER, Envelope, EnvelopeRefused, hash_of, public
from editor_core.sync.errors import UNDECODABLE
from editor_core.sync.sealing import BOX

Role = Literal["viewer", "commenter", "editor", "owner"]
ROLES: tuple[Role, ...] = ("viewer", "commenter", "editor", "owner")
"""Each may do what those before it may."""
WRITES: dict[str, frozenset[str]] = {"viewer": frozenset(), "commenter": frozenset({"comments"}),
                                     "editor": frozenset({"comments", "timeline", "journal"}),
                                     "owner": frozenset({"comments", "timeline", "journal", "members"})}
"""Documents that each role may write."""
MAX_NAME = 100
MAX_STATEMENT = 64 * 1024
REDEEM = b"ProEditor invite 1\x00"
"""What the proof of a redeemed invite is made over, before room, device and role."""


class Genesis(msgspec.Struct, frozen=True, tag="genesis", forbid_unknown_fields=True, omit_defaults=True):
    """The first statement of a room; its hash is the room's id, so that a room certifies itself. `nonce` makes it unique. In a `sealed`
    room nothing but statements is written in the clear."""

    by: bytes
    name: str
    nonce: bytes
    actor: str = ""
    person: str = ""
    sealed: bool = False


class Grant(msgspec.Struct, frozen=True, tag="grant", forbid_unknown_fields=True, omit_defaults=True):
    """An owner gives a device a role, until some time (Unix seconds, 0 for no end). `actor` is its person's id in histories, `person`
    their name."""

    by: bytes
    previous: tuple[bytes, ...]
    key: bytes
    role: Role
    actor: str = ""
    person: str = ""
    until: int = 0


class Invite(msgspec.Struct, frozen=True, tag="invite", forbid_unknown_fields=True):
    """An owner lets whoever holds the secret behind `key` join; until `expires` (Unix seconds, 0 for no end)."""

    by: bytes
    previous: tuple[bytes, ...]
    key: bytes
    role: Role
    expires: int = 0


class Redeem(msgspec.Struct, frozen=True, tag="redeem", forbid_unknown_fields=True):
    """A device joins by an invite; `proof` is the invite key's signature over room, device and role."""

    by: bytes
    previous: tuple[bytes, ...]
    invite: bytes
    role: Role
    proof: bytes
    actor: str = ""
    person: str = ""


class Revoke(msgspec.Struct, frozen=True, tag="revoke", forbid_unknown_fields=True):
    """An owner removes a device or an invite; `kept` is what it wrote that stays, by document and session."""

    by: bytes
    previous: tuple[bytes, ...]
    key: bytes
    kept: dict[str, dict[int, int]] = {}


class Keys(msgspec.Struct, frozen=True, tag="keys", forbid_unknown_fields=True):
    """An owner gives the room a key, or gives one that it has to more devices. `commit` tells keys apart without telling them; `boxes`
    hold it, each sealed to the public key beside it, a device's or an invite's; `older` holds those before it, sealed under it."""

    by: bytes
    previous: tuple[bytes, ...]
    epoch: int
    commit: bytes
    boxes: tuple[tuple[bytes, bytes], ...]
    older: bytes = b""


class Moved(msgspec.Struct, frozen=True, tag="moved", forbid_unknown_fields=True):
    """An owner says that the room goes on in another, `room`, which is sealed; nothing is written in this one any more."""

    by: bytes
    previous: tuple[bytes, ...]
    room: bytes


Statement = Genesis | Grant | Invite | Redeem | Revoke | Keys | Moved
_DECODER = msgspec.msgpack.Decoder(Statement)


def encode(statement: Statement) -> bytes:
    """The payload of a `members` envelope."""
    return msgspec.msgpack.encode(statement)


def room_of(genesis: Genesis) -> bytes:
    """The room's id."""
    return hash_of(encode(genesis))


def invite_key(secret: bytes) -> Ed25519PrivateKey:
    """The key of an invite from the secret in its link."""
    return Ed25519PrivateKey.from_private_bytes(blake3(secret, derive_key_context="ProEditor 2026 invite link v1").digest())


def redeem_statement(secret: bytes, *, room: bytes, by: bytes, role: Role, previous: tuple[bytes, ...], actor: str, person: str) -> Redeem:
    """The statement by which a device joins."""
    key = invite_key(secret)
    proof = key.sign(REDEEM + room + by + role.encode())
    return Redeem(by, previous, public(key), role, proof, actor, person[:MAX_NAME])


def may(role: Role | None, document: str) -> bool:
    """Whether a role writes a document."""
    return role is not None and document in WRITES[role]


def read(envelope: Envelope, room: bytes) -> Statement:
    """The statement in an envelope of a room. Raises EnvelopeRefused for anything that is not written as one must be."""
    header = envelope.header
    if (header.document, header.kind, header.room) != ("members", "update", room) or len(envelope.payload) > MAX_STATEMENT:
        raise EnvelopeRefused("not a statement about this room's members")
    try:
        statement: Statement = _DECODER.decode(envelope.payload)
    except UNDECODABLE as error:
        raise EnvelopeRefused(f"not a statement about members: {error}") from None
    if encode(statement) != envelope.payload:
        raise EnvelopeRefused("a statement is not written in the one form that it must have")
    if statement.by != envelope.header.actor:
        raise EnvelopeRefused("a statement by another than its author")
    named = [getattr(statement, "person", ""), getattr(statement, "actor", ""), getattr(statement, "name", "")]
    if any(len(text) > MAX_NAME for text in named):
        raise EnvelopeRefused("a statement with a name that is too long")
    key = getattr(statement, "key", None)
    if key is not None and len(key) != KEY:
        raise EnvelopeRefused("a statement about a key that cannot be one")
    if isinstance(statement, Moved) and (len(statement.room) != KEY or statement.room == room):
        raise EnvelopeRefused("a statement about a room that cannot be one")
    if isinstance(statement, Keys):
        lengths = {len(key) for key, _ in statement.boxes} | {len(box) - BOX for _, box in statement.boxes}
        if lengths - {KEY} or len(statement.commit) != KEY or not 0 < statement.epoch <= MAX_NUMBER:
            raise EnvelopeRefused("a statement about keys that cannot be some")
    return statement

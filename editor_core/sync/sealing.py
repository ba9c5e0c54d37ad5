"""Sealing: payloads under a room's key, and secrets under the public key of a device or an invite (SPEC 6).

Owns: the two sealed forms and what they are bound to. Refuses: knowing which key is whose (see `epochs`), and keeping any.

Payloads: ChaCha20-Poly1305 (RFC 8439) under a key that HKDF-SHA256 (RFC 5869) derives from the room's key for this one place, so that no
two envelopes share one; the nonce is random besides. Boxes: X25519 (RFC 7748) with a key made for the one box, HKDF-SHA256,
ChaCha20-Poly1305. A device's X25519 key is its Ed25519 key on the other form of the same curve (RFC 7748, 4.1), so that who is granted
a role can be given keys without having to say another one first.
"""

from __future__ import annotations

import secrets
from hashlib import sha512

from blake3 import blake3
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from editor_core.sync.errors import SyncError

ROOM_KEY = 32
"""Bytes of a room's key."""
NONCE = 12
TAG = 16
OVERHEAD = NONCE + TAG
"""Bytes by which a sealed payload is longer."""
BOX = 32 + TAG
"""Bytes by which a box is longer than its secret."""
_PRIME = 2**255 - 19
_PAYLOAD, _BOX, _COMMIT = b"ProEditor payload 1\x00", b"ProEditor box 1\x00", "ProEditor 2026 room key v1"


class NotOpened(SyncError):
    """A sealed thing was not sealed under this key, or for this place, or was changed. Nothing of it is known."""


def new_room_key() -> bytes:
    """A key for a room."""
    return secrets.token_bytes(ROOM_KEY)


def commitment(key: bytes) -> bytes:
    """32 bytes by which a room's key is known without being told."""
    return blake3(key, derive_key_context=_COMMIT).digest()


def seal_payload(key: bytes, bound: bytes, payload: bytes) -> bytes:
    """A payload sealed under a room's key; `bound` is all that it may be read together with, and goes in the clear."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + _cipher(key, bound).encrypt(nonce, payload, bound)


def open_payload(key: bytes, bound: bytes, sealed: bytes) -> bytes:
    """The payload. Raises NotOpened."""
    try:
        return _cipher(key, bound).decrypt(sealed[:NONCE], sealed[NONCE:], bound)
    except (InvalidTag, ValueError):
        raise NotOpened("what is sealed in it was changed, or was sealed for another place or under another key") from None


def _cipher(key: bytes, bound: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDFExpand(hashes.SHA256(), ROOM_KEY, _PAYLOAD + bound).derive(key))


def seal_box(to: bytes, bound: bytes, secret: bytes) -> bytes:
    """A secret that only the holder of an Ed25519 key can open. Raises NotOpened for a key to which nothing can be sealed."""
    once = X25519PrivateKey.generate()
    mine = once.public_key().public_bytes_raw()
    return mine + ChaCha20Poly1305(_agreed(once, other_form(to), mine + to + bound)).encrypt(bytes(NONCE), secret, bound)


def open_box(key: Ed25519PrivateKey, bound: bytes, box: bytes) -> bytes:
    """The secret. Raises NotOpened."""
    half = X25519PrivateKey.from_private_bytes(sha512(key.private_bytes_raw()).digest()[:32])
    to = key.public_key().public_bytes_raw()
    try:
        return ChaCha20Poly1305(_agreed(half, box[:32], box[:32] + to + bound)).decrypt(bytes(NONCE), box[32:], bound)
    except (InvalidTag, ValueError):
        raise NotOpened("a box is not for this device, or was changed") from None


def _agreed(mine: X25519PrivateKey, theirs: bytes, said: bytes) -> bytes:
    try:
        shared = mine.exchange(X25519PublicKey.from_public_bytes(theirs))
    except ValueError:
        raise NotOpened("nothing can be sealed to such a key") from None
    return HKDF(hashes.SHA256(), ROOM_KEY, None, _BOX + said).derive(shared)


def other_form(key: bytes) -> bytes:
    """The X25519 form of a public Ed25519 key: u = (1 + y) / (1 - y). Raises NotOpened for bytes that are no key."""
    y = int.from_bytes(key, "little") & (2**255 - 1)
    if len(key) != ROOM_KEY or y >= _PRIME or y == 1:
        raise NotOpened("nothing can be sealed to such a key")
    return ((1 + y) * pow(1 - y, -1, _PRIME) % _PRIME).to_bytes(32, "little")

"""Envelopes: made, opened, and refused when anything about them is wrong."""

from __future__ import annotations

import random

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from editor_core.sync.envelope import MAX_UPDATE, EnvelopeRefused, make, open_envelope, public

ROOM = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def one(**changes):
    given = {"room": ROOM, "document": "timeline", "session": 77, "sequence": 3, "payload": b"update bytes"}
    return make(KEY, **{**given, **changes})


def test_an_envelope_opens_to_what_was_put_in():
    made = one(kind="snapshot", covers={5: 2, 3: 9})
    opened = open_envelope(made.raw, room=ROOM)
    assert opened == made and opened.payload == b"update bytes" and opened.header.actor == public(KEY)
    assert opened.header.covers == ((3, 9), (5, 2)) and opened.place == ("timeline", 77, 3)


def test_every_flipped_bit_is_noticed():
    raw = one().raw
    for bit in range(len(raw) * 8):
        broken = bytearray(raw)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(EnvelopeRefused):
            open_envelope(bytes(broken), room=ROOM)


def test_an_envelope_of_another_room_or_author_is_refused():
    with pytest.raises(EnvelopeRefused, match="another room"):
        open_envelope(one().raw, room=bytes(32))
    other = msgspec.msgpack.decode(one().raw)
    header = msgspec.msgpack.decode(other[0])
    header[5] = public(Ed25519PrivateKey.from_private_bytes(b"x" * 32))
    with pytest.raises(EnvelopeRefused, match="signature"):
        open_envelope(msgspec.msgpack.encode([msgspec.msgpack.encode(header), other[1], other[2]]), room=ROOM)


def test_the_same_content_written_another_way_is_refused():
    header, payload, signature = msgspec.msgpack.decode(one().raw)
    longer = b"\x93\xc5" + len(header).to_bytes(2, "big") + header + msgspec.msgpack.encode(payload) + msgspec.msgpack.encode(signature)
    assert msgspec.msgpack.decode(longer) == [header, payload, signature]
    with pytest.raises(EnvelopeRefused, match="one form"):
        open_envelope(longer, room=ROOM)


def test_impossible_envelopes_cannot_even_be_made():
    for wrong in ({"sequence": 0}, {"session": 2**53}, {"room": b"short"}, {"payload": bytes(MAX_UPDATE + 1)}, {"covers": {1: 1}}):
        with pytest.raises(EnvelopeRefused):
            one(**wrong)


def test_random_bytes_are_no_envelope():
    chance = random.Random(5)
    for length in range(0, 400, 3):
        with pytest.raises(EnvelopeRefused):
            open_envelope(chance.randbytes(length), room=ROOM)

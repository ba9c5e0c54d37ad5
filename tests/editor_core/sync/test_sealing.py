"""Sealed payloads and boxes: opened by whom they are for, in the one place they were made for, and by nobody else."""

from __future__ import annotations

import random

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from editor_core.sync import sealing
from editor_core.sync.envelope import MAX_UPDATE, EnvelopeRefused, content_of, make, open_envelope

ROOM = bytes(range(32))
ANN, BO = (Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"a", b"b"))
KEY = b"k" * 32


def sealed(key=ANN, **changes):
    given = {"room": ROOM, "document": "timeline", "session": 77, "sequence": 3, "payload": b"what was cut", "epoch": 9, "room_key": KEY}
    return make(key, **{**given, **changes})


def test_a_sealed_envelope_shows_its_header_and_hides_its_content():
    made = open_envelope(sealed().raw, room=ROOM)
    assert made.header.epoch == 9 and made.place == ("timeline", 77, 3)
    assert b"what was cut" not in made.raw
    assert content_of(made, [b"x" * 32, KEY]) == b"what was cut"
    with pytest.raises(EnvelopeRefused, match="sealed"):
        content_of(made, [b"x" * 32])
    assert sealed().payload != sealed().payload, "the same content in the same place is not sealed the same way twice"


def test_the_longest_content_can_be_sealed_and_statements_cannot():
    assert content_of(sealed(payload=bytes(MAX_UPDATE)), [KEY]) == bytes(MAX_UPDATE)
    for wrong in ({"document": "members"}, {"payload": bytes(MAX_UPDATE + 1)}):
        with pytest.raises(EnvelopeRefused):
            sealed(**wrong)


@pytest.mark.parametrize("other", [{"room": bytes(32)}, {"document": "journal"}, {"session": 78}, {"sequence": 4}, {"epoch": 10},
                                   {"kind": "snapshot"}, {"kind": "part"}, {"key": BO}])
def test_what_is_sealed_for_one_place_cannot_be_read_in_another(other):
    """Somebody who may write signs another's sealed content as an envelope of their own."""
    key = other.pop("key", ANN)
    taken = sealed().payload
    header = msgspec.msgpack.decode(open_envelope(sealed(key, **other).raw).header_bytes)
    moved = make(key, room=header[1], document=header[2], session=header[3], sequence=header[4], kind=header[6], payload=taken)
    moved = msgspec.structs.replace(moved, header=msgspec.structs.replace(moved.header, epoch=header[8]))
    with pytest.raises(EnvelopeRefused):
        content_of(moved, [KEY])


def test_every_changed_bit_of_what_is_sealed_is_noticed_even_when_it_is_signed_again():
    good = sealed()
    for bit in range(len(good.payload) * 8):
        broken = bytearray(good.payload)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(EnvelopeRefused):
            content_of(msgspec.structs.replace(good, payload=bytes(broken)), [KEY])


def test_a_box_is_opened_by_whom_it_is_for_and_where_it_is_said():
    to = BO.public_key().public_bytes_raw()
    box = sealing.seal_box(to, b"room", KEY)
    assert sealing.open_box(BO, b"room", box) == KEY and len(box) == len(KEY) + sealing.BOX
    for key, said, changed in ((ANN, b"room", box), (BO, b"elsewhere", box), (BO, b"room", box[:-1]), (BO, b"room", b""),
                               (BO, b"room", bytes(80))):
        with pytest.raises(sealing.NotOpened):
            sealing.open_box(key, said, changed)
    chance = random.Random(3)
    for _ in range(200):
        broken = bytearray(box)
        broken[chance.randrange(len(box))] ^= 1 << chance.randrange(8)
        with pytest.raises(sealing.NotOpened):
            sealing.open_box(BO, b"room", bytes(broken))


def test_a_signing_key_and_its_other_form_are_one_pair():
    """The public form is worked out from the public key alone, the secret one from the secret (checked against X25519 itself)."""
    from hashlib import sha512

    for key in (ANN, BO, Ed25519PrivateKey.generate()):
        half = X25519PrivateKey.from_private_bytes(sha512(key.private_bytes_raw()).digest()[:32])
        assert sealing.other_form(key.public_key().public_bytes_raw()) == half.public_key().public_bytes_raw()


@pytest.mark.parametrize("key", [b"", bytes(32), b"\xff" * 32, (1).to_bytes(32, "little"), (2**255 - 20).to_bytes(32, "little")])
def test_nothing_is_sealed_to_what_is_no_key(key):
    with pytest.raises(sealing.NotOpened):
        sealing.seal_box(key, b"", KEY)

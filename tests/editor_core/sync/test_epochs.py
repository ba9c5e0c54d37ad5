"""Who has which key of a sealed room: members and open invites have the newest, who was removed has none made since."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from editor_core.sync import members as m
from editor_core.sync.envelope import EnvelopeRefused, make, open_envelope, public
from editor_core.sync.epochs import RoomKeys
from tests.editor_core.sync.test_members import ANN, BO, CY, EVE, NUMBERS, SECRET, Room


class SealedRoom(Room):
    """A sealed room of Ann's; `keys` are those of each device."""

    def __init__(self):
        genesis = m.Genesis(public(ANN), "Film", b"n" * 16, "u1", "Ann", sealed=True)
        self.id = m.room_of(genesis)
        self.members = m.Members(self.id)
        self.said = []
        self.say(ANN, genesis)
        self.keys = {}
        self.give(ANN)

    def of(self, key: Ed25519PrivateKey) -> RoomKeys:
        found = self.keys.setdefault(public(key), RoomKeys(self.id, key))
        found.learn(self.members)
        return found

    def give(self, owner, now=0.0):
        """An owner says what has to be said; how many statements."""
        count = 0
        while (said := self.of(owner).wanted(self.members, now)) is not None:
            self.say(owner, said)
            count += 1
            assert count < 5
        return count

    def current(self, key):
        return self.of(key).current(self.members)

    def reads(self, key, epoch):
        return bool(self.of(key).of(epoch))


def test_members_come_to_the_same_key_and_strangers_to_none():
    room = SealedRoom()
    room.grant(ANN, BO, "editor")
    assert room.current(BO) is None and room.give(ANN) == 1 and room.give(ANN) == 0
    assert room.current(BO) == room.current(ANN) is not None
    assert room.current(EVE) is None


def test_who_has_a_link_opens_the_room_with_no_owner_there():
    room = SealedRoom()
    room.invite()
    room.give(ANN)
    room.redeem(BO)
    assert room.current(BO) is None
    room.of(BO).redeem(SECRET)
    assert room.current(BO) == room.current(ANN)
    again = RoomKeys(room.id, BO)
    again.take_kept(room.of(BO).kept())
    assert again.current(room.members) == room.current(ANN), "what a project file keeps opens them at the next start"
    stolen = RoomKeys(room.id, EVE)
    stolen.take_kept(room.of(BO).kept())
    assert len(stolen) == 0
    assert not any(SECRET in one or room.current(ANN)[1] in one for one in room.of(BO).kept().values())


def test_an_invite_or_a_role_that_is_over_is_given_no_new_key():
    room = SealedRoom()
    room.say(ANN, m.Invite(public(ANN), room.members.heads, public(m.invite_key(SECRET)), "editor", 1000))
    room.say(ANN, m.Grant(public(ANN), room.members.heads, public(BO), "viewer", until=1000))
    assert room.give(ANN, now=1001.0) == 0 and room.current(BO) is None
    assert room.give(ANN, now=999.0) == 1 and room.current(BO) is not None


def test_a_removal_makes_a_new_key_that_leads_back_to_the_old_ones_and_not_forward():
    room = SealedRoom()
    room.grant(ANN, BO, "editor")
    room.grant(ANN, CY, "viewer")
    room.give(ANN)
    first = room.current(ANN)[0]
    room.revoke(ANN, BO)
    assert room.current(ANN) is None and room.current(CY) is None, "nobody writes under a key that a removed member has"
    room.give(ANN)
    second = room.current(ANN)[0]
    assert second > first and room.current(CY) == room.current(ANN)
    assert room.reads(BO, first) and not room.reads(BO, second)
    room.grant(ANN, EVE, "viewer")
    room.give(ANN)
    assert room.reads(EVE, first) and room.reads(EVE, second), "who comes later reads everything"
    room.invite()
    room.give(ANN)
    room.revoke(ANN, CY)
    room.give(ANN)
    late = RoomKeys(room.id, Ed25519PrivateKey.generate())
    late.redeem(SECRET)
    late.learn(room.members)
    assert all(late.of(epoch) for epoch in (first, second, room.current(ANN)[0])), "also by a link that was made before the removal"


def test_taking_a_link_back_makes_a_new_key_and_lowering_a_role_alone_does_not():
    room = SealedRoom()
    room.invite()
    room.give(ANN)
    before = room.current(ANN)
    room.grant(ANN, BO, "editor")
    room.revoke(ANN, BO)
    room.grant(ANN, BO, "viewer")
    room.give(ANN)
    assert room.current(ANN) == before, "a viewer reads on"
    room.say(ANN, m.Revoke(public(ANN), room.members.heads, public(m.invite_key(SECRET))))
    room.give(ANN)
    late = RoomKeys(room.id, CY)
    late.redeem(SECRET)
    late.learn(room.members)
    assert late.of(before[0]) and not late.of(room.current(ANN)[0])


def test_two_owners_who_gave_keys_apart_come_to_one_that_leaves_out_both_whom_they_removed():
    room = SealedRoom()
    for key, role in ((BO, "owner"), (CY, "editor"), (EVE, "editor")):
        room.grant(ANN, key, role)
    room.give(ANN)
    base = room.members.heads
    sides = []
    for owner, gone in ((ANN, CY), (BO, EVE)):
        apart = m.Members(room.id)
        for envelope in room.said:
            apart.add(envelope)
        assert apart.heads == base
        keys = RoomKeys(room.id, owner)
        keys.learn(apart)
        statements = [m.Revoke(public(owner), base, public(gone))]
        apart.add(room.sealed(owner, statements[0]))
        statements.append(keys.wanted(apart, 0.0))
        sides.append((owner, statements))
    for owner, statements in sides:
        for statement in statements:
            room.say(owner, statement)
    assert room.members.epoch is None
    written = [statement.epoch for _, (_, statement) in sides]
    room.give(BO)
    room.give(ANN)
    room.give(BO)
    assert room.current(ANN) == room.current(BO) is not None
    newest = room.current(ANN)[0]
    assert newest not in written and not room.reads(CY, newest) and not room.reads(EVE, newest)
    assert all(room.reads(ANN, epoch) and room.reads(BO, epoch) for epoch in written), "what was written meanwhile can be read"
    assert room.give(ANN) == room.give(BO) == 0


def test_keys_are_given_by_owners_alone_and_only_where_content_is_sealed():
    room = SealedRoom()
    room.grant(ANN, BO, "editor")
    forged = m.Keys(public(BO), room.members.heads, 2**40, bytes(32), ())
    with pytest.raises(EnvelopeRefused, match="only owners"):
        room.say(BO, forged)
    clear = Room()
    with pytest.raises(EnvelopeRefused, match="not sealed"):
        clear.say(ANN, m.Keys(public(ANN), clear.members.heads, 2**40, bytes(32), ()))
    for wrong in ({"boxes": ((b"half", bytes(52)),)}, {"epoch": 0},
                  {"epoch": 2**53}, {"commit": b""}, {"boxes": ((bytes(32), b"short"),)}, {"boxes": ((b"", bytes(80)),)}):
        given = {"epoch": 5, "commit": bytes(32), "boxes": ()}
        with pytest.raises(EnvelopeRefused, match="cannot be"):
            room.say(ANN, m.Keys(public(ANN), room.members.heads, **{**given, **wrong}))


def test_a_key_that_is_not_the_one_that_was_promised_is_not_taken():
    room = SealedRoom()
    room.grant(ANN, BO, "editor")
    other = RoomKeys(room.id, ANN)
    real = other.wanted(room.members, 0.0)
    room.say(ANN, m.Keys(real.by, real.previous, real.epoch, bytes(32), real.boxes))
    assert not room.reads(BO, real.epoch)


def test_what_is_clear_is_refused_in_a_sealed_room_and_the_other_way_round():
    room, clear = SealedRoom(), Room()
    epoch, key = room.current(ANN)

    def header(where, **more):
        made = make(ANN, room=where.id, document="timeline", session=5, sequence=next(NUMBERS), payload=b"x", **more)
        return open_envelope(made.raw).header

    assert "not sealed" in room.members.reason_against(header(room))
    assert room.members.reason_against(header(room, epoch=epoch, room_key=key)) == ""
    assert "in a room that is not" in clear.members.reason_against(header(clear, epoch=epoch, room_key=key))
    assert room.members.has_epoch(epoch) and not room.members.has_epoch(epoch + 1)

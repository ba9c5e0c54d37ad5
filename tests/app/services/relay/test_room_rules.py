"""What one room takes in, decided without a network and with a clock of the test's own."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.relay import rooms
from app.services.relay.rooms import LiveRoom, Repeated
from app.services.relay.store import Summary
from editor_core.sync import members as m
from editor_core.sync.envelope import EnvelopeRefused, make, public
from editor_core.sync.epochs import RoomKeys

ANN, BO, CY = (Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"a", b"b", b"c"))
SECRET = b"s" * 16


class Rules:
    """A room of Ann's on a relay at a time that the test says."""

    def __init__(self, *, sealed: bool = False):
        genesis = m.Genesis(public(ANN), "Film", b"n" * 16, "u", "Ann", sealed)
        self.id = m.room_of(genesis)
        self.now = 1000.0
        self.room = LiveRoom(self.id, Summary({}, {}, 0, 0), [], body=lambda place: None, clock=lambda: self.now)
        self.numbers: dict = {}
        self.say(ANN, genesis)

    def put(self, key, document="timeline", session=None, payload=b"x", **more):
        session = session or {ANN: 1, BO: 2, CY: 3}[key]
        sequence = more.pop("sequence", self.numbers.get((document, session), 0) + 1)
        made = make(key, room=self.id, document=document, session=session, sequence=sequence, payload=payload, **more)
        self.room.take(made.raw)
        self.numbers[document, session] = sequence

    def say(self, key, statement):
        self.put(key, "members", payload=m.encode(statement))

    @property
    def heads(self):
        return self.room.members.heads

    def redeem(self, key):
        self.say(key, m.redeem_statement(SECRET, room=self.id, by=public(key), role="editor", previous=self.heads, actor="u", person="P"))


def test_a_link_lets_in_until_its_time_is_over_and_not_a_second_longer():
    rules = Rules()
    rules.say(ANN, m.Invite(public(ANN), rules.heads, public(m.invite_key(SECRET)), "editor", 2000))
    rules.now = 2000.0
    rules.redeem(BO)
    rules.now = 2000.5
    with pytest.raises(EnvelopeRefused, match="time is over") as refusal:
        rules.redeem(CY)
    assert not refusal.value.offence
    assert rules.room.role(public(BO)) == "editor", "who joined in time stays"


def test_a_role_ends_when_its_time_is_over():
    rules = Rules()
    rules.say(ANN, m.Grant(public(ANN), rules.heads, public(BO), "editor", until=2000))
    assert rules.room.role(public(BO)) == "editor"
    rules.now = 2001.0
    assert rules.room.role(public(BO)) is None and rules.room.members.role(public(BO)) == "editor", "peers have no clock"


def test_a_sealed_room_takes_nothing_in_the_clear_and_nothing_under_a_key_that_nobody_gave():
    rules, clear = Rules(sealed=True), Rules()
    keys = RoomKeys(rules.id, ANN)
    rules.say(ANN, keys.wanted(rules.room.members, rules.now))
    epoch, key = keys.current(rules.room.members)
    for document in ("timeline", "journal", "comments"):
        with pytest.raises(EnvelopeRefused, match="not sealed"):
            rules.put(ANN, document)
    with pytest.raises(EnvelopeRefused, match="not given"):
        rules.put(ANN, epoch=epoch + 1, room_key=key)
    rules.put(ANN, epoch=epoch, room_key=key)
    with pytest.raises(EnvelopeRefused, match="a room that is not"):
        clear.put(ANN, epoch=epoch, room_key=key)


@pytest.mark.parametrize("role", ["viewer", "commenter"])
def test_roles_hold_in_sealed_rooms_where_the_relay_sees_headers_alone(role):
    rules = Rules(sealed=True)
    rules.say(ANN, m.Grant(public(ANN), rules.heads, public(BO), role))
    keys = RoomKeys(rules.id, ANN)
    rules.say(ANN, keys.wanted(rules.room.members, rules.now))
    epoch, key = keys.current(rules.room.members)
    for document in ("timeline", "journal", "comments"):
        if document == "comments" and role == "commenter":
            rules.put(BO, document, epoch=epoch, room_key=key)
            continue
        with pytest.raises(EnvelopeRefused, match=f"a {role} may not write"):
            rules.put(BO, document, epoch=epoch, room_key=key)
        with pytest.raises(EnvelopeRefused, match=f"a {role} may not write"):
            rules.put(BO, document, epoch=epoch, room_key=key, kind="snapshot", covers={1: 1})
    with pytest.raises(EnvelopeRefused, match="only owners"):
        rules.say(BO, m.Keys(public(BO), rules.heads, epoch + 1, bytes(32), ()))


def test_a_snapshot_has_a_session_of_its_own():
    rules = Rules()
    rules.put(ANN)
    with pytest.raises(EnvelopeRefused, match="of its own"):
        rules.put(ANN, kind="snapshot", covers={1: 1})
    rules.put(ANN, session=7, kind="part", covers={1: 1})
    for wrong in ({"kind": "part", "covers": {1: 2}}, {}, {"kind": "snapshot"}):
        with pytest.raises(EnvelopeRefused, match="session of a snapshot"):
            rules.put(ANN, session=7, **wrong)
    rules.put(ANN, session=7, kind="snapshot", covers={1: 1})
    with pytest.raises(EnvelopeRefused, match="session of a snapshot"):
        rules.put(ANN, session=7, kind="part", covers={1: 1})


def test_a_snapshot_that_claims_more_than_there_is_shuts_nobody_out():
    rules = Rules()
    rules.say(ANN, m.Grant(public(ANN), rules.heads, public(BO), "editor"))
    rules.put(ANN)
    for document in ("timeline", "journal"):
        rules.put(BO, document, session=8, kind="snapshot", covers={1: 99, 3: 5})
    known: dict = {}
    assert rules.room.bases.choose(known, rules.room.have, rules.room.last, rules.room.members) is None and known == {}
    known = {"timeline": {1: 1, 8: 1}, "journal": {8: 1}}
    rules.room.bases.choose(known, rules.room.have, rules.room.last, rules.room.members)
    assert known["timeline"][1] == 1, "who has that snapshot is still given what others write"
    rules.put(ANN)
    with pytest.raises(EnvelopeRefused, match="before it is missing"):
        rules.put(ANN, sequence=5)
    rules.put(ANN, sequence=100)
    assert rules.room.have["timeline"][1] == 100, "what its author wrote after what a snapshot holds follows it"


def test_a_snapshot_by_somebody_who_was_removed_is_given_to_nobody():
    rules = Rules()
    rules.say(ANN, m.Grant(public(ANN), rules.heads, public(BO), "editor"))
    rules.put(ANN)
    for document in ("timeline", "journal"):
        rules.put(BO, document, session=8, kind="snapshot", covers={1: 1} if document == "timeline" else {9: 0})
    assert rules.room.bases.choose({}, rules.room.have, rules.room.last, rules.room.members).session == 8
    rules.say(ANN, m.Revoke(public(ANN), rules.heads, public(BO)))
    assert rules.room.bases.choose({}, rules.room.have, rules.room.last, rules.room.members) is None


def test_another_envelope_in_a_place_that_is_still_on_its_way_to_disk_is_refused_and_not_acknowledged():
    rules = Rules()
    rules.put(ANN, payload=b"one")
    with pytest.raises(Repeated):
        rules.put(ANN, payload=b"one", sequence=1)
    with pytest.raises(EnvelopeRefused, match="two different"):
        rules.put(ANN, payload=b"other", sequence=1)


def test_a_link_that_got_about_does_not_fill_the_list_of_members(monkeypatch):
    monkeypatch.setattr(rooms, "MAX_JOINED", 1)
    rules = Rules()
    rules.say(ANN, m.Invite(public(ANN), rules.heads, public(m.invite_key(SECRET)), "editor"))
    rules.redeem(BO)
    with pytest.raises(EnvelopeRefused, match="as many") as refusal:
        rules.redeem(CY)
    assert not refusal.value.offence and rules.room.role(public(CY)) is None


def test_a_room_that_goes_on_elsewhere_takes_nothing_more_and_a_sealed_one_stays():
    rules = Rules()
    rules.say(ANN, m.Grant(public(ANN), rules.heads, public(BO), "owner"))
    heads = rules.heads
    rules.say(ANN, m.Grant(public(ANN), rules.heads, public(CY), "editor"))
    with pytest.raises(EnvelopeRefused, match="changed meanwhile") as refusal:
        rules.say(BO, m.Moved(public(BO), heads, b"n" * 32))
    assert not refusal.value.offence, "somebody came of whom its author did not know"
    rules.put(CY)
    rules.say(BO, m.Moved(public(BO), rules.heads, b"n" * 32))
    for say in (lambda: rules.put(CY), lambda: rules.say(ANN, m.Grant(public(ANN), rules.heads, public(CY), "viewer"))):
        with pytest.raises(EnvelopeRefused, match="goes on in another") as refusal:
            say()
        assert not refusal.value.offence
    with pytest.raises(Repeated):
        rules.put(CY, sequence=1)
    rules.room.empty()
    assert set(rules.room.have) == {"members"} and not rules.room.ring
    with pytest.raises(EnvelopeRefused, match="stays where it is"):
        sealed = Rules(sealed=True)
        sealed.say(ANN, m.Moved(public(ANN), sealed.heads, b"n" * 32))

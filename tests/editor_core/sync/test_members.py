"""Who may write in a room follows from signed statements; removals win."""

from __future__ import annotations

import contextlib
import itertools
import random
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from editor_core.sync import members as m
from editor_core.sync.envelope import EnvelopeRefused, make, open_envelope, public

NUMBERS = itertools.count(1)
SECRET = b"0123456789abcdef"


def device(name):
    return Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b"."))


ANN, BO, CY, EVE = map(device, ("ann", "bo", "cy", "eve"))


class Room:
    """A room of Ann's, and statements said in it."""

    def __init__(self):
        genesis = m.Genesis(public(ANN), "Film", b"n" * 16, "u1", "Ann")
        self.id = m.room_of(genesis)
        self.members = m.Members(self.id)
        self.said = []
        self.say(ANN, genesis)

    def sealed(self, key, statement):
        return make(key, room=self.id, document="members", session=9, sequence=next(NUMBERS), payload=m.encode(statement))

    def say(self, key, statement):
        envelope = self.sealed(key, statement)
        self.members.add(open_envelope(envelope.raw, room=self.id))
        self.said.append(envelope)

    def invite(self, role="editor"):
        self.say(ANN, m.Invite(public(ANN), self.members.heads, public(m.invite_key(SECRET)), role))

    def redeem(self, key, role="editor", **more):
        self.say(key, m.redeem_statement(SECRET, room=self.id, by=public(key), role=role, previous=self.members.heads, actor="u",
                                         person="P", **more))

    def grant(self, by, to, role, previous=None):
        self.say(by, m.Grant(public(by), previous or self.members.heads, public(to), role))

    def revoke(self, by, whom, kept=None, previous=None):
        self.say(by, m.Revoke(public(by), previous or self.members.heads, public(whom), kept or {}))

    def against(self, key, document, session=5, sequence=1):
        made = make(key, room=self.id, document=document, session=session, sequence=sequence, payload=b"")
        return self.members.reason_against(made.header)


def test_a_room_certifies_itself_and_its_maker_owns_it():
    room = Room()
    assert room.members.role(public(ANN)) == "owner" and room.members.name == "Film"
    other = m.Genesis(public(EVE), "Film", b"n" * 16)
    with pytest.raises(EnvelopeRefused):
        m.Members(room.id).add(make(EVE, room=room.id, document="members", session=1, sequence=1, payload=m.encode(other)))


@pytest.mark.parametrize(("role", "documents"), [("viewer", ""), ("commenter", "comments"), ("editor", "comments timeline journal"),
                                                 ("owner", "comments timeline journal")])
def test_each_role_writes_what_it_may_and_nothing_else(role, documents):
    room = Room()
    room.grant(ANN, BO, role)
    for document in ("timeline", "journal", "comments"):
        assert (room.against(BO, document) == "") == (document in documents.split())
    assert "no member" in room.against(EVE, "timeline")


def test_an_invite_lets_its_holder_join_with_its_role_at_most():
    room = Room()
    room.invite("commenter")
    room.redeem(BO, "commenter")
    assert room.members.role(public(BO)) == "commenter"
    with pytest.raises(EnvelopeRefused, match="for a commenter"):
        room.redeem(CY, "editor")
    stolen = m.redeem_statement(SECRET, room=room.id, by=public(BO), role="viewer", previous=room.members.heads, actor="", person="")
    with pytest.raises(EnvelopeRefused, match="signature"):
        room.say(EVE, m.Redeem(public(EVE), stolen.previous, stolen.invite, "viewer", stolen.proof))


def test_only_owners_change_who_takes_part():
    room = Room()
    room.grant(ANN, BO, "editor")
    for statement in (lambda: room.grant(BO, EVE, "owner"), lambda: room.revoke(BO, ANN), lambda: room.grant(EVE, EVE, "owner")):
        with pytest.raises(EnvelopeRefused, match="only owners"):
            statement()
    with pytest.raises(EnvelopeRefused, match="another than its author"):
        room.say(BO, m.Grant(public(ANN), room.members.heads, public(BO), "owner"))
    with pytest.raises(EnvelopeRefused, match="maker"):
        room.revoke(ANN, ANN)


def test_a_removed_member_keeps_what_was_known_and_writes_nothing_more():
    room = Room()
    room.grant(ANN, BO, "editor")
    room.revoke(ANN, BO, {"timeline": {5: 3}})
    assert room.members.role(public(BO)) is None
    assert room.against(BO, "timeline", 5, 3) == "" and "removed" in room.against(BO, "timeline", 5, 4)
    assert "removed" in room.against(BO, "timeline", 6, 1)
    room.grant(ANN, BO, "viewer")
    assert room.against(BO, "timeline", 5, 3) == "" and "viewer" in room.against(BO, "timeline", 5, 4)
    room.grant(ANN, BO, "editor")
    assert room.against(BO, "timeline", 5, 4) == ""


def test_a_removal_wins_over_a_grant_and_over_deeds_that_did_not_know_it():
    room = Room()
    room.grant(ANN, BO, "owner")
    before = room.members.heads
    room.revoke(ANN, BO)
    room.grant(BO, CY, "editor", before)
    room.grant(ANN, BO, "editor", before)
    assert room.members.role(public(BO)) is None and room.members.role(public(CY)) is None


def test_an_invite_that_was_taken_back_is_worth_nothing():
    room = Room()
    room.invite()
    room.redeem(BO)
    before = room.members.heads
    room.say(ANN, m.Revoke(public(ANN), before, public(m.invite_key(SECRET))))
    assert room.members.role(public(BO)) == "editor", "who joined before stays"
    with pytest.raises(EnvelopeRefused, match="not valid any more"):
        room.redeem(CY)
    room.say(CY, m.redeem_statement(SECRET, room=room.id, by=public(CY), role="editor", previous=before, actor="", person=""))
    assert room.members.role(public(CY)) is None, "a removal wins over a joining that did not know it"


def test_who_was_removed_does_not_come_back_by_an_old_link():
    room = Room()
    room.invite()
    room.redeem(BO)
    assert room.members.came_by(public(BO)) is not None
    before = room.members.heads
    room.revoke(ANN, BO)
    with pytest.raises(EnvelopeRefused, match="new link"):
        room.redeem(BO)
    room.say(BO, m.redeem_statement(SECRET, room=room.id, by=public(BO), role="editor", previous=before, actor="", person=""))
    assert room.members.role(public(BO)) is None
    room.invite("viewer")
    room.redeem(BO, "viewer")
    assert room.members.role(public(BO)) == "viewer", "a link made since lets them in again"


def test_the_order_in_which_statements_come_does_not_matter_where_they_did_not_know_each_other():
    room = Room()
    room.grant(ANN, BO, "owner")
    base, count = room.members.heads, len(room.said)
    room.grant(ANN, CY, "viewer", base)
    room.grant(BO, EVE, "editor", base)
    room.revoke(BO, CY, previous=base)
    outcomes = set()
    for order in itertools.permutations(room.said[count:]):
        view = m.Members(room.id)
        for envelope in [*room.said[:count], *order]:
            view.add(envelope)
        outcomes.add(tuple(view.present()))
    assert len(outcomes) == 1
    assert room.members.role(public(CY)) is None and room.members.role(public(EVE)) == "editor"


def test_a_chain_with_a_missing_link_is_refused_and_the_same_twice_is_nothing_new():
    room = Room()
    with pytest.raises(EnvelopeRefused, match="not here"):
        room.grant(ANN, BO, "editor", (b"?" * 32,))
    assert room.members.add(room.said[0]) is False and len(room.members) == 1


def test_what_follows_from_statements_is_the_same_worked_out_one_by_one_and_all_at_once():
    chance = random.Random(4)
    for _ in range(30):
        room = Room()
        room.invite()
        known = [room.members.heads]
        for _ in range(25):
            previous = chance.choice(known[-4:])
            by, whom, role = chance.choice([ANN, ANN, BO]), chance.choice([BO, CY, EVE]), chance.choice(m.ROLES)
            with contextlib.suppress(EnvelopeRefused):
                chance.choice([lambda: room.grant(by, whom, role, previous), lambda: room.revoke(by, whom, previous=previous),  # noqa: B023
                               lambda: room.redeem(whom, "viewer"), room.invite])()  # noqa: B023
            known.append(room.members.heads)
        said = (room.members.present(), room.members.invites(), sorted(room.members.removed()))
        room.members._follow()
        assert said == (room.members.present(), room.members.invites(), sorted(room.members.removed()))


def test_a_thousand_who_join_by_one_link_cost_no_more_each_than_the_first():
    room = Room()
    room.invite()
    began = time.process_time()
    for number in range(1000):
        room.redeem(device(f"guest {number}"))
    view = m.Members(room.id)
    for envelope in room.said:
        view.add(envelope)
    assert view.present() == room.members.present() and len(view.present()) == 1001
    assert time.process_time() - began < 4, "by the square it would take minutes"


def test_an_owner_alone_says_that_a_room_goes_on_elsewhere_and_who_was_removed_did_not_say_it():
    room = Room()
    room.invite("owner")
    room.redeem(BO, "owner")
    room.grant(ANN, CY, "editor")
    other = b"r" * 32
    for key, to in ((CY, other), (BO, room.id), (BO, b"short")):
        with pytest.raises(EnvelopeRefused):
            room.say(key, m.Moved(public(key), room.members.heads, to))
    assert room.members.moved is None
    heads = room.members.heads
    room.say(BO, m.Moved(public(BO), heads, other))
    assert room.members.moved == other
    room.revoke(ANN, BO, previous=heads)
    assert room.members.moved is None, "said without the remover knowing it"
    again = m.Members(room.id)
    for envelope in (room.said[0], *room.said[1:-2], room.said[-1], room.said[-2]):
        again.add(envelope)
    assert again.moved is None and again.heads == room.members.heads
    room.say(ANN, m.Moved(public(ANN), room.members.heads, b"s" * 32))
    assert room.members.moved == b"s" * 32


def test_of_two_rooms_in_which_owners_let_one_go_on_everybody_finds_the_same():
    room = Room()
    room.invite("owner")
    room.redeem(BO, "owner")
    heads = room.members.heads
    room.say(ANN, m.Moved(public(ANN), heads, b"1" * 32))
    room.say(BO, m.Moved(public(BO), heads, b"2" * 32))
    again = m.Members(room.id)
    for envelope in (*room.said[:-2], room.said[-1], room.said[-2]):
        again.add(envelope)
    assert again.moved == room.members.moved and room.members.moved in (b"1" * 32, b"2" * 32)

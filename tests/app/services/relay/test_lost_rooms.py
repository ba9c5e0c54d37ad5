"""A relay that lost what it had is given its rooms back by those who have copies, and nobody comes in who might not."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab import sharing, syncing
from app.services.collab.connection import NoRelay, RelayRefuses, open_connection
from app.services.collab.participant import Participant
from app.services.relay import rooms
from app.services.relay.returned import NotYet, given_back
from app.services.relay.rooms import LiveRoom
from app.services.relay.store import Summary
from editor_core.sync import members as m
from editor_core.sync.envelope import EnvelopeRefused, make, public
from tests.support.relays import RunningRelay
from tests.support.sharing import Person

ANN, BO, CY = (Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"a", b"b", b"c"))


class Places:
    """A relay whose folder is thrown away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.relay = RunningRelay(folder)

    def lose_everything(self) -> None:
        port = self.relay.port
        self.relay.kill()
        shutil.rmtree(self.folder / "data")
        self.relay = RunningRelay(self.folder, port=port)


@pytest.fixture
def place(tmp_path):
    found = Places(tmp_path / "relay")
    yield found
    found.relay.kill()


def people(folder: Path, *names: str) -> list[Person]:
    found = [Person(folder, name) for name in names]
    found[0].make()
    return found


def remove(owner: Person, other: Person) -> None:
    with owner.open() as (parts, project):
        sharing.revoke(Participant(project, owner.key, parts.session), public(other.key).hex())


def test_a_room_whose_links_are_over_comes_back_with_who_made_it_and_then_with_everybody(place, tmp_path):
    ana, bo = people(tmp_path, "ana", "bo")
    ana.mark("first")
    bo.join(ana.share(place.relay.address, expires=5))
    over = time.time() + 5.1
    bo.mark("from bo")
    bo.sync(), ana.sync()
    ana.mark("only ana has this"), bo.mark("only bo has this")
    time.sleep(max(0.0, over - time.time()))
    place.lose_everything()
    with pytest.raises(NoRelay, match="when who made it connects"):
        bo.sync()
    ana.sync()
    bo.sync(), ana.sync()
    assert ana.print() == bo.print() and bo.texts() == ["first", "from bo", "only ana has this", "only bo has this"]
    cy = Person(tmp_path, "cy")
    cy.join(ana.share(place.relay.address))
    assert cy.print() == ana.print()


def test_any_member_gives_a_room_back_where_no_link_is_in_question_also_members_that_a_copy_did_not_know(place, tmp_path):
    ana, bo, cy = people(tmp_path, "ana", "bo", "cy")
    ana.mark("first")
    bo.join(ana.share(place.relay.address))
    cy.join(ana.share(place.relay.address))
    cy.mark("from cy")
    cy.sync()
    place.lose_everything()
    bo.sync()
    assert "from cy" not in bo.texts(), "it had not met it before"
    cy.sync(), bo.sync(), ana.sync()
    assert ana.print() == bo.print() == cy.print() and "from cy" in bo.texts()


def test_what_somebody_wrote_who_was_removed_stays_out_although_they_come_first_to_the_relay_that_lost_the_removal(place, tmp_path):
    ana, bo, cy = people(tmp_path, "ana", "bo", "cy")
    ana.mark("first")
    link = ana.share(place.relay.address)
    for one in (bo, cy):
        one.join(link)
    cy.mark("in time")
    cy.sync(), bo.sync()
    remove(ana, cy)
    bo.sync()
    place.lose_everything()
    cy.mark("too late")
    cy.sync()
    bo.sync()
    ana.sync(), bo.sync()
    assert ana.print() == bo.print() and ana.texts() == bo.texts() == ["first", "in time"]
    with pytest.raises(RelayRefuses, match="not a member"):
        cy.sync()
    dee = Person(tmp_path, "dee")
    dee.join(ana.share(place.relay.address))
    assert dee.texts() == ["first", "in time"]


def test_a_stranger_who_says_that_they_have_a_copy_is_sent_away(place, tmp_path):
    (ana,) = people(tmp_path, "ana")
    link = ana.share(place.relay.address)

    async def work():
        line = await open_connection(link.relay, link.room, CY, 77, copy=True)
        assert line.welcome.role == "" and line.welcome.have == {}
        with pytest.raises(RelayRefuses, match="not a member"):
            await line.give_back([])
        forged = make(CY, room=link.room, document="members", session=78, sequence=1,
                      payload=m.encode(m.Grant(public(CY), (b"1" * 32,), public(CY), "owner"))).raw
        line = await open_connection(link.relay, link.room, CY, 77, copy=True)
        with pytest.raises((RelayRefuses, NoRelay)):
            await line.give_back([forged])

    asyncio.run(work())


def test_a_join_by_a_link_that_is_over_counts_if_the_maker_spoke_after_it_or_gives_it(monkeypatch):
    genesis = m.Genesis(public(ANN), "Film", b"n" * 16, "u", "Ann")
    room_id, secret = m.room_of(genesis), os.urandom(16)
    known, said = m.Members(room_id), []

    def say(key, statement):
        session = {ANN: 1, BO: 2}[key]
        sequence = 1 + sum(envelope.header.session == session for envelope in said)
        said.append(make(key, room=room_id, document="members", session=session, sequence=sequence, payload=m.encode(statement)))
        known.add(said[-1])

    say(ANN, genesis)
    say(ANN, m.Invite(public(ANN), known.heads, public(m.invite_key(secret)), "editor", 2000))
    say(BO, m.redeem_statement(secret, room=room_id, by=public(BO), role="editor", previous=known.heads, actor="u", person="Bo"))

    def returned(by, envelopes) -> LiveRoom:
        room = LiveRoom(room_id, Summary({}, {}, 0, 0), [], body=lambda place: None, clock=lambda: 3000.0)
        list(given_back(room, [one.raw for one in envelopes], public(by)))
        return room

    with pytest.raises(NotYet):
        returned(BO, said)
    assert returned(ANN, said).role(public(BO)) == "editor"
    say(ANN, m.Grant(public(ANN), known.heads, public(CY), "viewer"))
    room = returned(BO, said)
    assert room.role(public(BO)) == "editor" and room.role(public(CY)) == "viewer"
    monkeypatch.setattr(rooms, "MAX_JOINED", 0)
    with pytest.raises(EnvelopeRefused, match="more than one link may bring"):
        returned(ANN, said)


def test_who_came_by_a_link_that_is_over_gives_the_room_back_alone_once_the_maker_s_program_has_met_them(place, tmp_path):
    ana, bo, cy = people(tmp_path, "ana", "bo", "cy")
    link = ana.share(place.relay.address, expires=3600)
    bo.join(link)

    def given_by(person: Person) -> LiveRoom:
        """A relay's room long after, given back by one person who is alone."""
        with person.open() as (parts, project):
            one = Participant(project, person.key, parts.session)
            raws = list(one.rooms.bodies(one.rooms.all("members")))
        room = LiveRoom(link.room, Summary({}, {}, 0, 0), [], body=lambda place: None, clock=lambda: time.time() + 7200)
        list(given_back(room, raws, public(person.key)))
        return room

    def sync(person: Person) -> None:
        with person.open() as (parts, project):
            syncing.sync(project, person.key, parts.session, None)

    sync(bo)
    with pytest.raises(NotYet):
        given_by(bo)
    sync(ana), sync(bo)
    before = len(given_by(bo).members)
    cy.join(link)
    with pytest.raises(NotYet):
        given_by(cy)
    sync(ana), sync(cy), sync(ana)
    room = given_by(cy)
    assert {room.role(public(one.key)) for one in (bo, cy)} == {"editor"} and len(room.members) == before + 2, "said once for each who came"

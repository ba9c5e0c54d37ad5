"""Encrypted rooms through a real relay: the relay has ciphertext alone, members read, who was removed reads nothing more."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab import sharing
from app.services.collab.connection import RelayRefuses
from app.services.collab.contents import uncover
from app.services.collab.exchange import Exchange
from app.services.collab.participant import Participant
from app.services.collab.syncing import lines
from app.services.errors import AppError
from editor_core.schema import Marker
from editor_core.sync.envelope import content_of, make, open_envelope
from editor_core.sync.epochs import RoomKeys
from editor_core.sync.members import Members
from editor_core.sync.messages import Present, Want
from editor_core.sync.statements import read
from tests.support.sharing import shared_by


@pytest.fixture
def shared(people, relay):
    """Ann's film, shared with Bo in an encrypted room."""
    return shared_by(*people[:2], relay, "the butler did it", encrypt=True)


def on_relay(relay, room):
    """Envelopes of a room as they lie on the relay's disk."""
    with closing(sqlite3.connect(relay.folder / "data" / "relay.sqlite")) as connection:
        rows = connection.execute("SELECT body FROM envelopes WHERE room = ? ORDER BY number", (room,)).fetchall()
    return [open_envelope(bytes(body)) for (body,) in rows]


def raw_file(path):
    return b"".join(one.read_bytes() for one in path.parent.glob(path.name + "*"))


def test_films_come_to_the_same_cut_and_the_relay_can_read_none_of_it(people, shared, relay):
    ann, bo, cy = people
    bo.mark("from bo")
    assert bo.sync()["encrypted"] is True
    ann.sync()
    cy.join(shared)
    cy.mark("from cy")
    for person in (cy, ann, bo):
        report = person.sync()
        assert report["waiting"] == report["held_back"] == 0 and report["refused"] == []
    assert ann.print() == bo.print() == cy.print() and len(ann.texts()) == 3
    kept = on_relay(relay, shared.room)
    assert {envelope.header.epoch for envelope in kept if envelope.header.document != "members"} == {kept_epoch(kept)}
    everything = b"".join(envelope.payload for envelope in kept if envelope.header.document != "members")
    assert len(everything) > 2000 and b"marker" not in everything and b"butler" not in everything
    with cy.open() as (parts, project):
        assert Participant(project, cy.key, parts.session).name == "ann" and read(kept[0], shared.room).name == "", "a name is content"
    outsider = RoomKeys(shared.room, Ed25519PrivateKey.generate())
    members = Members(shared.room)
    for envelope in kept:
        if envelope.header.document == "members":
            members.add(envelope)
    outsider.learn(members)
    assert len(outsider) == 0


def kept_epoch(kept):
    return next(envelope.header.epoch for envelope in kept if envelope.header.document == "timeline")


def test_no_key_lies_in_a_project_file(people, shared, caplog):
    _, bo, _ = people
    with bo.open() as (parts, project):
        one = Participant(project, bo.key, parts.session)
        secrets = [one.keys.current(one.members)[1], shared.secret, bo.key.private_bytes_raw()]
    raw = raw_file(bo.film)
    for secret in secrets:
        assert secret not in raw and secret.hex() not in caplog.text
    assert b"butler" in raw or bo.texts() == ["the butler did it"], "the film itself is clear at home"


def test_who_was_removed_cannot_read_what_is_written_since(people, shared, relay):
    ann, bo, cy = people
    bo.mark("b")
    bo.sync()
    ann.sync()
    again = ann.share(relay.address)
    cy.join(again)
    with bo.open() as (parts, project):
        old = Participant(project, bo.key, parts.session).keys
    with ann.open() as (parts, project):
        one = Participant(project, ann.key, parts.session)
        before = one.keys.current(one.members)
        sharing.revoke(one, "bo")
        after = one.keys.current(one.members)
        assert after is not None and after != before
    ann.mark("the alibi is false")
    ann.sync()
    cy.sync()
    assert cy.print() == ann.print()
    kept = on_relay(relay, shared.room)
    members = Members(shared.room)
    for envelope in kept:
        if envelope.header.document == "members":
            members.add(envelope)
    old.redeem(shared.secret)
    old.learn(members)
    assert old.of(before[0]) and not old.of(after[0]), "neither by its key nor by the link it came by"
    newest = [envelope for envelope in kept if envelope.header.document == "timeline"][-1]
    assert newest.header.epoch == after[0]
    with pytest.raises(Exception, match="sealed"):
        content_of(newest, old.of(before[0]))
    with pytest.raises(RelayRefuses):
        bo.sync()


def test_what_comes_before_its_key_waits_for_it_and_is_not_thrown_away(people, shared, relay):
    _, bo, cy = people
    cy.join(shared)
    bo.mark("while cy has no key")
    bo.sync()
    with cy.open() as (parts, project):
        one = Participant(project, cy.key, parts.session)
        known, one.keys = one.keys, RoomKeys(one.room.id, cy.key)
        taken = one.take([envelope.raw for envelope in on_relay(relay, shared.room)])
        assert taken.kept == 2 and taken.refused == taken.spoiled == [] and one.apply() == 0 and one.waiting == 1
        assert "while cy has no key" not in cy_texts(project)
        one.keys = known
        assert one.apply() == 1 and one.waiting == 0 and "while cy has no key" in cy_texts(project)
    with cy.open() as (parts, project):
        one = Participant(project, cy.key, parts.session)
        assert one.waiting == 0 and one.rooms.unread == set()


def cy_texts(project):
    return [marker.text for marker in project.snapshot.of_kind(Marker)]


def test_what_waits_for_its_key_is_opened_at_the_next_start(people, shared, relay):
    ann, bo, _ = people
    ann.mark("sealed")
    ann.sync()
    with bo.open() as (parts, project):
        one = Participant(project, bo.key, parts.session)
        one.keys = RoomKeys(one.room.id, bo.key)
        one.take([envelope.raw for envelope in on_relay(relay, shared.room) if envelope.header.document != "members"])
        assert one.apply() == 0 and one.waiting == 1
    assert bo.sync()["applied"] == 1 and bo.print() == ann.print()


def test_garbled_content_is_kept_out_and_stops_nobody(people, shared):
    """An editor who seals nonsense, seals under a key of their own, moves sealed content to another place, or writes in the clear."""
    ann, bo, _ = people
    ann.sync()
    with bo.open() as (parts, project):
        project.door.execute("marker.add", {"at": "1s", "text": "honest"})
        one = Participant(project, bo.key, parts.session)
        epoch, key = one.keys.current(one.members)
        one.prepare().wait(10)
        honest = list(one.rooms.bodies([("timeline", parts.session, 1), ("journal", parts.session, 1)]))

    def sealed(session, timeline, journal, room_key=key, **more):
        return [make(bo.key, room=shared.room, document=document, session=session, sequence=1, payload=payload, epoch=epoch,
                     room_key=room_key, **more).raw for document, payload in (("timeline", timeline), ("journal", journal))]

    timeline, journal = (content_of(open_envelope(raw), [key]) for raw in honest)
    moved = [make(bo.key, room=shared.room, document=document, session=14, sequence=1, payload=open_envelope(raw).payload).raw
             for document, raw in zip(("timeline", "journal"), honest, strict=True)]
    wrong = {"nonsense": sealed(11, b"nonsense", b"nonsense"), "another key": sealed(12, timeline, journal, b"x" * 32),
             "half": sealed(13, timeline, b"nonsense")}
    with ann.open() as (parts, project):
        one = Participant(project, ann.key, parts.session)
        before = project.snapshot
        for name, raws in wrong.items():
            taken = one.take(raws)
            assert taken.refused == [] and taken.spoiled and taken.spoiled[0][0] == honest_author(honest), name
        for raw in [*moved, make(bo.key, room=shared.room, document="timeline", session=15, sequence=1, payload=timeline).raw]:
            taken = one.take([raw])
            assert taken.refused and taken.kept == 0, "clear content has no place here"
        assert one.apply() == 0 and one.waiting == 0 and project.snapshot is before
        assert one.take(honest).kept == 2 and one.apply() == 1
        assert [marker.text for marker in project.snapshot.records.values() if getattr(marker, "text", "") == "honest"]
    with ann.open() as (parts, project):
        one = Participant(project, ann.key, parts.session)
        assert one.apply() == 0 and one.waiting == 0, "and so it stays"


def honest_author(raws):
    return open_envelope(raws[0]).header.actor.hex()[:12]


def test_an_encrypted_room_stays_encrypted(people, shared, relay):
    ann = people[0]
    with pytest.raises(AppError, match="stays so"):
        ann.share(relay.address, encrypt=False)
    assert ann.share(relay.address, encrypt=True).room == shared.room


def test_an_editor_holds_edits_back_until_an_owner_has_given_a_new_key(people, shared, relay, monkeypatch):
    ann, _, cy = people
    cy.join(ann.share(relay.address))
    with ann.open() as (parts, project):
        one = Participant(project, ann.key, parts.session)
        with monkeypatch.context() as patched:
            patched.setattr(RoomKeys, "wanted", lambda *given: None)  # the owner's program ended just then
            sharing.revoke(one, "bo")
    cy.mark("not for bo")
    report = cy.sync()
    assert report["sent"] == 0 and report["held_back"] == 1 and report["key"] == "missing"
    assert any("until an owner" in line for line in lines(report))
    ann.sync()
    report = cy.sync()
    assert report["held_back"] == 0 and report["key"] == "here"
    ann.sync()
    assert "not for bo" in ann.texts()


def test_presence_is_sealed_and_seen_by_members(people, shared, relay):
    ann, bo, _ = people
    ann.sync()

    async def seen(table, state):
        async with asyncio.timeout(20):
            while state not in table.values():
                await asyncio.sleep(0.02)

    with ann.open() as (parts, project), bo.open() as (other_parts, other):
        async def work():
            one, two = (Exchange(Participant(p, who.key, q.session)) for p, who, q in ((project, ann, parts), (other, bo, other_parts)))
            tasks = [asyncio.create_task(exchange.for_seconds(60)) for exchange in (one, two)]
            await two.show(b"bo, in teal", slow=True)
            async with asyncio.timeout(20):
                while not (one.online and two.online):
                    await asyncio.sleep(0.02)
            await one.show(b"playhead at 5")
            await asyncio.gather(seen(two.peers, b"playhead at 5"), seen(one.slow, b"bo, in teal"))
            async with await ann.connect(shared) as raw:
                await raw.send(Want({}))
                async with asyncio.timeout(20):
                    async for message in raw.messages():
                        if isinstance(message, Present) and message.states:
                            break
            assert all(len(state) == 13 + 36 and b"playhead" not in state for state in message.states.values())
            forged = Present({parts.session: message.states[parts.session], 77: message.states[parts.session]})
            assert uncover(forged, shared.room, two.participant.keys).states == {parts.session: b"playhead at 5"}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run(work())

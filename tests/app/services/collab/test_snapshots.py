"""Snapshots and parts: newcomers do not replay everything, content of any length is shared, and a lost relay is filled from either."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import pytest

from app.services.collab import sharing
from app.services.collab.participant import Participant
from app.services.relay import bases
from app.services.relay.server import Relay
from editor_core.sync import envelope as envelopes
from editor_core.sync.envelope import make, open_envelope
from tests.support.relays import RunningRelay
from tests.support.sharing import Person, everything


@pytest.fixture
def people(tmp_path):
    return [Person(tmp_path, name) for name in ("ann", "bo", "cy", "dee")]


def give_snapshot(person) -> int:
    """As when the relay asks for one; how many envelopes it takes."""
    with person.open() as (parts, project):
        one = Participant(project, person.key, parts.session)
        made = one.snapshot()()
        one.keep_snapshot(made).wait(10)
    person.sync()
    return len(made)


def received(person, link) -> list:
    """What the relay gives to somebody with nothing."""
    async def fetch():
        async with await person.connect(link) as connection:
            return [open_envelope(raw) for raw in await everything(connection)]

    return asyncio.run(fetch())


@pytest.mark.parametrize("encrypt", [False, True])
def test_a_newcomer_gets_the_newest_snapshot_and_what_is_after_it(people, relay, encrypt):
    ann, bo, cy, dee = people
    ann.make()
    ann.mark("first")
    link = ann.share(relay.address, encrypt=encrypt)
    cy.join(link)
    for number in range(12):
        ann.mark(f"a{number}")
    cy.mark("c1")
    cy.sync()
    ann.sync()
    before = len(received(ann, link))
    assert give_snapshot(ann) == 2
    ann.mark("after")
    ann.sync()
    came = [e.header for e in received(ann, link) if e.header.document in ("timeline", "journal")]
    assert before > 28 and [header.kind for header in came] == ["snapshot", "snapshot", "update", "update"]
    assert cy.sync()["received"] == 26 + encrypt, "who was away is given what it lacks, and not the snapshot"
    bo.join(link)
    bo.mark("b1")
    bo.sync()
    cy.mark("c2")
    for person in (cy, ann, bo, cy):
        report = person.sync()
        assert report["waiting"] == 0 and report["refused"] == []
    assert ann.print() == bo.print() == cy.print() and len(bo.texts()) == 17
    with bo.open() as (_, project):
        project.door.execute("edit.undo")
        assert project.file.replay().snapshot.records == project.snapshot.records
    give_snapshot(bo)
    dee.join(link)
    bo.sync()
    dee.sync()
    assert dee.print() == bo.print() and len([e for e in received(ann, link) if e.header.document == "journal"]) <= 2


def test_who_joined_by_a_snapshot_fills_a_lost_relay_and_removes_those_it_never_met(people, tmp_path):
    ann, bo, cy, dee = people
    with RunningRelay(tmp_path / "one") as first:
        ann.make()
        link = ann.share(first.address, role="owner")
        cy.join(link)
        cy.mark("c1", "c2")
        cy.sync()
        ann.sync()
        give_snapshot(ann)
        bo.join(link)
        cy.mark("c3")
        cy.sync()
        bo.sync()
        with bo.open() as (parts, project):
            assert parts.session not in Participant(project, bo.key, parts.session).rooms.have["timeline"]
        port = first.port
    with RunningRelay(tmp_path / "two", port=port) as second:
        bo.sync()
        dee.join(link)
        assert dee.print() == bo.print() and dee.texts() == ["c1", "c2", "c3"]
        cy.mark("c4")
        for person in (cy, ann, dee, bo, cy, ann):
            assert person.sync()["waiting"] == 0
        assert ann.print() == bo.print() == cy.print() == dee.print()
        with bo.open() as (parts, project):
            sharing.revoke(Participant(project, bo.key, parts.session), "cy")
        eve = Person(tmp_path, "eve")
        eve.join(ann.share(second.address))
        assert eve.print() == ann.print() and "c4" in eve.texts()


def test_content_of_any_length_goes_in_parts(people, relay, monkeypatch):
    monkeypatch.setattr(envelopes, "PART", 400)
    ann, bo, cy, _ = people
    ann.make()
    ann.mark(*(f"long marker number {number}" for number in range(20)))
    link = ann.share(relay.address, encrypt=True)
    bo.join(link)
    assert bo.print() == ann.print()
    with bo.open() as (_, project), project.door.batch("many at once") as commit:
        for number in range(30):
            project.door.execute("marker.add", {"at": f"{number}s", "text": f"from bo {number} {'x' * 50}"})
        commit()
    assert bo.sync()["sent"] > 8
    ann.sync()
    assert ann.print() == bo.print()
    assert give_snapshot(ann) > 10
    cy.join(link)
    assert cy.print() == ann.print() and len(cy.texts()) == 50
    kinds = [e.header.kind for e in received(ann, link) if e.header.document == "timeline"]
    assert kinds.count("snapshot") == 1 and kinds.count("part") > 4
    assert all(e.header.covers for e in received(ann, link) if e.header.kind == "part")


def test_what_was_cut_off_between_parts_goes_on_at_the_next_start(people, relay, monkeypatch):
    monkeypatch.setattr(envelopes, "PART", 100)
    ann, bo, _, _ = people
    ann.make()
    link = ann.share(relay.address)
    bo.join(link)
    ann.mark("one that takes several parts, because it is so long " * 6)
    with ann.open() as (parts, project):
        one = Participant(project, ann.key, parts.session)
        one.prepare().wait(10)
        raws = list(one.rooms.bodies([place for place in one.rooms.beyond({}) if place[1] == parts.session and place[0] != "members"]))
    assert len(raws) > 6
    for first, last in ((0, 3), (3, len(raws))):
        with bo.open() as (parts, project):
            one = Participant(project, bo.key, parts.session)
            assert one.take(raws[first:last]).refused == []
            assert one.apply() == (1 if last == len(raws) else 0)
    ann.sync()
    assert bo.print() == ann.print()


def test_a_snapshot_by_somebody_who_may_not_write_is_refused_and_so_is_what_follows_one(people, relay):
    ann, bo, cy, _ = people
    ann.make()
    link = ann.share(relay.address, role="commenter")
    bo.join(link)
    ann.sync()
    with ann.open() as (parts, project):
        one = Participant(project, ann.key, parts.session)
        made = one.snapshot()()
        forged = [make(bo.key, room=link.room, document="timeline", session=4, sequence=1, payload=b"", kind="snapshot", covers={9: 9}).raw,
                  make(cy.key, room=link.room, document="timeline", session=5, sequence=1, payload=b"", kind="snapshot", covers={9: 9}).raw]
        assert len(one.take(forged).refused) == 2 and one.rooms.floors == {}
        one.keep_snapshot(made).wait(10)
        after = make(ann.key, room=link.room, document="timeline", session=made[0].session, sequence=2, payload=b"").raw
        assert one.take([after]).refused


@contextlib.contextmanager
def relay_here(folder):
    """A relay in this process, so that its bounds can be moved."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    address: list[str] = []

    def told(text):
        address.append(text)
        ready.set()

    async def work():
        task = asyncio.current_task()
        stop.append(lambda: loop.call_soon_threadsafe(task.cancel))
        with contextlib.suppress(asyncio.CancelledError):
            await Relay(folder).run("127.0.0.1", 0, None, told)

    stop: list = []
    thread = threading.Thread(target=lambda: loop.run_until_complete(work()))
    thread.start()
    assert ready.wait(10)
    try:
        yield address[0]
    finally:
        stop[0]()
        thread.join(10)
        loop.close()


def test_the_relay_asks_for_a_snapshot_when_the_room_has_grown_and_not_again_at_once(people, tmp_path, monkeypatch):
    monkeypatch.setattr(bases, "DUE_COUNT", 20)
    ann, bo, _, _ = people
    with relay_here(tmp_path / "relay") as address:
        ann.make()
        link = ann.share(address, encrypt=True)
        ann.mark(*(f"a{number}" for number in range(15)))
        ann.sync()
        ann.sync()
        kinds = [e.header.kind for e in received(ann, link) if e.header.document == "journal"]
        assert kinds == ["snapshot"], "one holds everything"
        bo.join(link)
        assert bo.print() == ann.print()
        bo.mark("b")
        bo.sync()
        assert [e.header.kind for e in received(ann, link) if e.header.document == "journal"] == ["snapshot", "update"]
    with relay_here(tmp_path / "relay") as address:
        moved = link._replace(relay=address)
        kinds = [e.header.kind for e in received(ann, moved) if e.header.document == "journal"]
        assert kinds == ["snapshot", "update"], "after a restart too"

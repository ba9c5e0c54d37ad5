"""Sharing, joining and syncing films through a real relay; roles held by relay and peers."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import time

import pytest

from app.services import branches, open_project
from app.services.collab import sharing
from app.services.collab.announcing import known_members
from app.services.collab.connection import NoRelay, RelayRefuses
from app.services.collab.exchange import Distrust
from app.services.collab.participant import NotShared, Participant
from app.services.collab.syncing import run_live
from app.services.deciding import resolve
from app.services.errors import AppError
from app.services.open_project import LocalTarget
from app.services.people import names
from editor_core.commands.registry import CommandError
from editor_core.storage import ProjectExists, StorageError
from editor_core.storage.journal import Journal
from editor_core.sync.envelope import make, open_envelope
from editor_core.sync.parcel import unseal
from tests.support.relays import RunningRelay
from tests.support.sharing import Person, shared_by


@pytest.fixture
def shared(people, relay):
    """Ann's film, shared with Bo."""
    return shared_by(*people[:2], relay, "before")


def test_three_films_edited_apart_come_to_the_same_cut_in_any_order_of_syncing(people, shared):
    ann, bo, cy = people
    cy.join(shared)
    ann.mark("a1", "a2")
    bo.mark("b1")
    cy.mark("c1", "c2", "c3")
    for person in (cy, bo, ann, bo, cy):
        report = person.sync()
        assert report["waiting"] == 0 and report["refused"] == []
    assert ann.print() == bo.print() == cy.print()
    assert ann.texts() == ["a1", "a2", "b1", "before", "c1", "c2", "c3"]
    again = ann.sync()
    assert again["sent"] == again["applied"] == 0, "nothing is sent twice"
    assert {member["person"]: member["role"] for member in again["members"]} == {"ann": "owner", "bo": "editor", "cy": "editor"}


def test_who_joins_while_somebody_else_does_gets_the_film(people, shared, monkeypatch):
    _, _, cy = people
    everything, dee, asked = sharing.everything, Person(cy.folder, "dee"), []

    async def in_between(connection, have=None):
        asked.append(connection)
        if len(asked) == 2:  # cy was let in, and has not asked for the film
            await asyncio.to_thread(dee.join, shared)
        return await everything(connection, have)

    monkeypatch.setattr(sharing, "everything", in_between)
    cy.join(shared)
    assert cy.texts() == dee.texts() == ["before"]


def test_members_told_without_their_beginning_are_refused_in_words(people, shared):
    async def all_members():
        async with await people[1].connect(shared) as connection:
            return [raw for raw in await sharing.everything(connection) if open_envelope(raw).header.document == "members"]

    raws = asyncio.run(all_members())
    assert known_members(shared.room, raws).present()
    with pytest.raises(RelayRefuses, match="a list of members that cannot be"):
        known_members(shared.room, raws[1:])


def test_what_one_undoes_is_undone_for_all(people, shared):
    ann, bo, _ = people
    bo.mark("oops")
    bo.sync()
    ann.sync()
    assert "oops" in ann.texts()
    with bo.open() as (_, project):
        project.door.execute("edit.undo")
    bo.sync()
    ann.sync()
    assert ann.print() == bo.print()


def test_a_conflict_is_listed_by_everyone_until_one_decides_it(people, shared):
    ann, bo, _ = people
    with ann.open() as (_, project):
        clip = project.door.execute("solid.add", {"color": "#102030", "at": "0s", "duration": "4s"}).result["clip"]
    ann.sync()
    bo.sync()
    for person, value in ((ann, 0.25), (bo, 0.75)):
        with person.open() as (_, project):
            project.door.execute("clip.set", {"clip": clip, "property": "opacity", "value": value})
    ann.sync()
    theirs = bo.sync()
    mine = ann.sync()
    assert len(mine["conflicts"]) == 1 and [c["id"] for c in mine["conflicts"]] == [c["id"] for c in theirs["conflicts"]]
    assert mine["fingerprint"] == theirs["fingerprint"]
    with bo.open() as (_, project):
        resolve(project, theirs["conflicts"][0]["id"], "mine")
    assert bo.sync()["conflicts"] == [] and ann.sync()["conflicts"] == []
    with ann.open() as (_, project):
        assert project.snapshot.record(clip).opacity == 0.75
    assert ann.print() == bo.print()


def test_a_film_that_came_from_a_room_opens_and_is_shared_on_by_its_next_sessions(people, shared):
    ann, bo, _ = people
    for number in range(4):
        bo.mark(f"b{number}")
        ann.mark(f"a{number}")
        ann.sync()
        bo.sync()
    ann.sync()
    assert ann.print() == bo.print()
    with bo.open() as (_, project):
        assert [line.command for line in project.door.history.entries if line.kind == "do"] == ["marker.add"] * 4
        assert project.file.replay().snapshot.records == project.snapshot.records


def test_a_viewer_sees_everything_and_gives_nothing(people, relay):
    ann, bo, _ = people
    ann.make()
    ann.mark("one")
    bo.join(ann.share(relay.address, role="viewer"))
    bo.mark("mine alone")
    ann.mark("two")
    ann.sync()
    report = bo.sync()
    assert report["role"] == "viewer" and report["applied"] == 1 and report["sent"] == 0 and report["held_back"] == 1
    assert ann.sync()["received"] == 0 and ann.texts() == ["one", "two"]


def test_a_viewer_who_edits_while_connected_is_told_so_and_nothing_is_done(people, relay):
    ann, bo, _ = people
    ann.make()
    bo.join(ann.share(relay.address, role="viewer"))
    with (bo.open() as (parts, project),
          pytest.raises(CommandError, match="Viewers cannot edit this film; ask ann to make you an editor")):
        run_live(project, bo.key, parts.session, lambda target: target.execute("marker.add", {"at": "1s"}))
    assert bo.texts() == []


@pytest.mark.parametrize("role", ["viewer", "commenter"])
def test_who_may_not_edit_is_told_so_by_every_command_also_without_a_connection(people, relay, role):
    ann, bo, _ = people
    ann.make()
    ann.mark("one")
    bo.join(ann.share(relay.address, role=role))
    words = f"{role.capitalize()}s cannot edit this film; ask ann to make you an editor$"
    copy = ann.film.with_name("copy.proedit")
    shutil.copy(ann.film, copy)
    with bo.open() as (_, project):
        target = LocalTarget(project)
        for run in (lambda: target.execute("marker.add", {"at": "1s"}),
                    lambda: target.batch(['{"command": "marker.add", "args": {"at": 0}}'], "Script"),
                    lambda: target.together("merge", {"other": str(copy)}),
                    lambda: target.together("version.restore", {"name": "x"}),
                    lambda: target.together("blame.restore", {"clip": "c", "stamp": "1:1"}),
                    lambda: target.together("branch.merge", {"name": "x"})):
            with pytest.raises((CommandError, AppError), match=words):
                run()
    assert bo.texts() == ["one"] and bo.sync()["held_back"] == 0
    with ann.open() as (parts, project):
        sharing.grant(Participant(project, ann.key, parts.session), "bo", "editor")
    bo.sync()
    with bo.open() as (_, project):
        LocalTarget(project).execute("marker.add", {"at": "1s"})
    bo.sync()
    ann.sync()
    assert ann.texts() == ["", "one"]


def test_what_the_relay_should_have_refused_is_refused_by_peers(people, relay):
    ann, bo, cy = people
    ann.make()
    link = ann.share(relay.address, role="viewer")
    bo.join(link)
    bo.mark("smuggled")
    ann.sync()
    with bo.open() as (parts, project):
        stamp = project.door.history.entries[-1].stamp
        parcel = unseal(project.file.parcel(stamp))
        session = parts.session

    def sealed(key, document, payload, sequence=1, number=session):
        return make(key, room=link.room, document=document, session=number, sequence=sequence, payload=payload).raw

    good = [sealed(ann.key, "timeline", parcel.timeline), sealed(ann.key, "journal", parcel.journal)]
    flipped = bytearray(good[1])
    flipped[-80] ^= 1
    wrong = {
        "a viewer": sealed(bo.key, "timeline", parcel.timeline),
        "no member": sealed(cy.key, "journal", parcel.journal),
        "damaged": bytes(flipped),
        "a gap": sealed(ann.key, "timeline", parcel.timeline, 3),
    }
    with ann.open() as (parts, project):
        one = Participant(project, ann.key, parts.session)
        before = project.snapshot
        for name, raw in wrong.items():
            taken = one.take([raw])
            assert taken.kept == 0 and len(taken.refused) == 1, name
        for name, timeline, journal in (("no update ", b"\x01\x02\x03 nonsense", parcel.journal), ("no change", parcel.timeline, b"")):
            number = len(name) + 1
            taken = one.take([sealed(ann.key, "timeline", timeline, 1, number), sealed(ann.key, "journal", journal, 1, number)])
            assert taken.refused == [] and len(taken.spoiled) == 1, f"{name}: no relay can know what is in it"
        assert one.apply() == 0 and one.waiting == 0 and project.snapshot is before
        assert one.take(good).refused == [] and one.apply() == 1
        assert one.take(good).kept == 0, "the same twice is nothing new"
        assert one.take([sealed(bo.key, "timeline", b"", 2)]).refused, "nobody goes on in another's session"
    assert "smuggled" in ann.texts()


def test_an_exchange_ends_when_the_relay_cannot_be_trusted(people, shared, monkeypatch):
    ann, bo, _ = people
    bo.mark("b")
    bo.sync()
    monkeypatch.setattr(Participant, "_known", lambda *given: open_envelope(b"forged"))
    with pytest.raises(Distrust, match="should have refused"):
        ann.sync()


def test_roles_can_be_changed_and_members_removed_and_what_they_did_stays(people, shared):
    ann, bo, cy = people
    bo.mark("b1")
    bo.sync()
    with ann.open() as (parts, project):
        sharing.grant(Participant(project, ann.key, parts.session), "bo", "viewer")
    bo.mark("b2")
    assert bo.sync()["held_back"] == 1
    with ann.open() as (parts, project):
        sharing.grant(Participant(project, ann.key, parts.session), "bo", "editor")
    bo.sync()
    assert bo.sync()["held_back"] == 0
    ann.sync()
    assert ann.texts() == ["b1", "b2", "before"]
    with ann.open() as (parts, project):
        one = Participant(project, ann.key, parts.session)
        sharing.revoke(one, "bo")
        with pytest.raises(AppError, match="no member"):
            sharing.revoke(one, "bo")
        assert "bo" in names(project, room=True).values(), "what they did is still called theirs"
    bo.mark("b3")
    with pytest.raises(RelayRefuses, match="not a member"):
        bo.sync()
    with pytest.raises(RelayRefuses, match="new link"):
        cy.join(shared)
    again = ann.share(shared.relay)
    cy.join(again)
    assert cy.print() == ann.print() and cy.texts() == ["b1", "b2", "before"], "old work of who was removed is still believed"


def test_a_relay_that_lost_everything_is_filled_again_by_any_member(people, tmp_path):
    ann, bo, cy = people
    with RunningRelay(tmp_path / "one") as first:
        ann.make()
        ann.mark("a")
        link = ann.share(first.address)
        bo.join(link)
        bo.mark("b")
        port = first.port
        with pytest.raises(ProjectExists):
            bo.join(link)
    with pytest.raises(NoRelay, match=r"does not answer \(connection refused\)"):
        bo.sync()
    with RunningRelay(tmp_path / "two", port=port):
        assert bo.sync()["sent"] >= 7
        assert ann.sync()["applied"] == 1
        cy.join(link)
    assert ann.print() == bo.print() == cy.print()


@pytest.mark.parametrize("damage", ["UPDATE head SET chain = zeroblob(32)",
                                    "UPDATE head SET chain = zeroblob(32); UPDATE envelopes SET body = zeroblob(9) WHERE number IN (1, 4)"])
def test_a_film_that_was_damaged_and_mended_is_still_shared_and_fetches_what_it_lost(people, shared, damage):
    ann, bo, _ = people
    ann.mark("a")
    ann.sync()
    bo.sync()
    with contextlib.closing(sqlite3.connect(bo.film)) as connection:
        connection.executescript(damage)
    with bo.open() as (_, project):
        assert project.file.problems, "it was mended"
    bo.mark("b")
    bo.sync()
    ann.sync()
    assert bo.sync()["waiting"] == 0 and ann.print() == bo.print() and ann.texts() == ["a", "b", "before"]


def test_a_film_that_is_not_shared_has_nothing_to_sync_and_is_not_touched(people):
    ann = people[0]
    ann.make()
    before = ann.film.read_bytes()
    with pytest.raises(NotShared, match="proeditor share"):
        ann.sync()
    assert ann.film.read_bytes() == before
    with ann.open() as (_, project):
        branches.serve(project, "new", "try")
        branches.switch(project, "try")
    with pytest.raises(NotShared, match=r"branch 'try' now.*switch main"):
        ann.sync()


def test_a_film_that_does_not_fit_on_the_disk_is_not_made_and_nobody_waits_for_it(people, shared, monkeypatch):
    cy = people[2]

    def full(self, batch):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(open_project, "TROUBLE_WITHIN", 0.3)
    monkeypatch.setattr(Journal, "_write", full)
    began = time.monotonic()
    with pytest.raises(StorageError, match="was not made"):
        cy.join(shared)
    assert time.monotonic() - began < 20, "it waits for the disk once, and not again to close what is thrown away"
    assert [path.name for path in cy.folder.iterdir() if path.name.startswith((".proedit", cy.film.name))] == []

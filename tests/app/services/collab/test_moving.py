"""A room that was shared in the clear becomes an encrypted one: real relay, real files, everyone there, away, new or removed."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing

import pytest

from app.services.collab import moving, sharing
from app.services.collab.connection import RelayRefuses
from app.services.collab.moving import encrypt
from app.services.collab.participant import Participant
from app.services.collab.peeking import peek
from app.services.errors import AppError
from editor_core.sync.envelope import open_envelope, public
from editor_core.sync.members import invite_key
from editor_core.sync.presence import PLAYING, Fast
from tests.app.services.collab.test_comments import say, threads
from tests.app.services.collab.test_live import Desk, until
from tests.app.services.collab.test_snapshots import received
from tests.support.command_line import CommandLine
from tests.support.sharing import Person


@pytest.fixture
def people(tmp_path, relay):
    """Ann's film in the clear, in which Bo edits and Cy comments; and the link of an editor."""
    ann, bo, cy = (Person(tmp_path, name) for name in ("ann", "bo", "cy"))
    ann.make()
    ann.mark("the butler did it")
    link = ann.share(relay.address)
    bo.join(link)
    cy.join(ann.share(relay.address, "commenter"))
    say(cy, "said in the clear")
    cy.sync()
    ann.sync()
    return ann, bo, cy, link


def on_disk(relay) -> bytes:
    return b"".join(one.read_bytes() for one in (relay.folder / "data").glob("relay.sqlite*"))


def documents(relay, room: bytes) -> set[tuple[str, bool]]:
    with closing(sqlite3.connect(relay.folder / "data" / "relay.sqlite")) as connection:
        rows = connection.execute("SELECT document, body FROM envelopes WHERE room = ?", (room,)).fetchall()
    return {(document, bool(open_envelope(bytes(body)).header.epoch)) for document, body in rows}


def test_everyone_is_in_the_encrypted_room_with_their_role_and_the_relay_keeps_nothing_in_the_clear(people, relay):
    ann, bo, cy, link = people
    assert b"said in the clear" in on_disk(relay)
    ann.mark("only ann has it")
    bo.mark("made while it was encrypted")  # not given yet
    say(cy, "said meanwhile")
    made = ann.share(relay.address, "viewer", encrypt=True)
    assert made.room != link.room
    assert documents(relay, link.room) == {("members", False)}
    assert documents(relay, made.room) == {("members", False), ("timeline", True), ("journal", True), ("comments", True)}
    assert b"said in the clear" not in on_disk(relay)
    for person in (bo, cy, ann, bo, cy):
        report = person.sync()
        assert report["encrypted"] and report["room"] == made.room.hex() and report["key"] == "here", report
        assert report["held_back"] == report["waiting"] == 0 and not report["refused"]
    assert "only ann has it" in cy.texts()
    assert ann.print() == bo.print() == cy.print() and "made while it was encrypted" in ann.texts()
    assert threads(ann) == threads(bo) == threads(cy) and len(threads(ann)) == 2
    again = bo.sync()
    assert again["sent"] == again["received"] == 0, "nothing is given twice"
    with ann.open() as (parts, project):
        one = Participant(project, ann.key, parts.session)
        assert {m.person: m.role for m in one.members.present()} == {"ann": "owner", "bo": "editor", "cy": "commenter"}
        assert project.file.replay().snapshot.records == project.snapshot.records
        assert all(line.kind != "merge" or line.merged for line in project.door.history.entries), "no line of history for nothing"
    cy.mark("no editor")
    assert cy.sync()["held_back"] == 1


def test_an_old_link_leads_into_the_new_room_and_one_that_was_taken_back_does_not(people, relay, tmp_path):
    ann, bo, _, link = people
    taken_back = ann.share(relay.address)
    with ann.open() as (parts, project):
        one = Participant(project, ann.key, parts.session)
        sharing.revoke(one, public(invite_key(taken_back.secret)).hex()[:12])
    ann.share(relay.address, encrypt=True)
    di, ed = Person(tmp_path, "di"), Person(tmp_path, "ed")
    report = di.join(link)
    assert report["encrypted"] and report["role"] == "editor" and di.print() == ann.print()
    with pytest.raises((AppError, RelayRefuses), match="not valid any more"):
        ed.join(taken_back)
    di.mark("from di")
    di.sync()
    bo.sync()
    assert "from di" in bo.texts()


def test_who_is_removed_from_the_new_room_has_no_way_in_by_the_link_that_led_into_the_old_one(people, relay, tmp_path):
    ann, bo, cy, link = people
    made = ann.share(relay.address, encrypt=True)
    for one in (bo, cy):
        one.sync()
    with ann.open() as (parts, project):
        sharing.revoke(Participant(project, ann.key, parts.session), "bo")
    with pytest.raises((AppError, RelayRefuses), match="not valid any more"):
        Person(tmp_path, "bo on another machine").join(link)
    Person(tmp_path, "di").join(made)
    assert cy.sync()["role"] == "commenter"


def test_who_heard_of_it_and_was_killed_then_goes_along_at_the_next_start(people, relay):
    ann, bo, _, link = people
    bo.mark("not given yet")
    made = ann.share(relay.address, encrypt=True)
    heard = received(bo, link)
    assert {envelope.header.document for envelope in heard} == {"members"}
    with bo.open() as (parts, project):
        one = Participant(project, bo.key, parts.session)
        assert not one.take([envelope.raw for envelope in heard]).refused and one.moved == made.room
        assert one.missing({}) == [], "nothing is given in the old room any more"
    report = bo.sync()
    assert report["room"] == made.room.hex() and report["encrypted"] and report["sent"] >= 2
    ann.sync()
    assert ann.print() == bo.print() and "not given yet" in ann.texts()
    found = peek(link, bo.key, 5)
    assert found.mine and found.role == "editor" and {m.person for m in found.members} == {"ann", "bo", "cy"}


def test_windows_that_are_open_go_along_by_themselves_and_lose_nothing(people, relay):
    ann, bo, _, _ = people
    desks = first, second = Desk(ann), Desk(bo)
    try:
        until(lambda: all(desk.now.line == "online" and desk.seen for desk in desks), *desks, seconds=60)
        done = first.live.aside(lambda do: encrypt(first.live.participant, do))
        number = last = 0
        while not done.done() or number < 10:
            if time.monotonic() - last > 0.02:
                number, last = number + 1, time.monotonic()
                second.mark(f"during {number}")
            first.turn(), second.turn()
        assert done.result(0)["dropped"] is True
        until(lambda: all(d.now.encrypted and d.now.line == "online" and d.seen and not d.now.to_send for d in desks), *desks, seconds=60)
        first.mark("after")
        until(lambda: "after" in second.texts() and f"during {number}" in first.texts(), *desks, seconds=60)
        assert first.texts() == second.texts() and not first.over and not second.over
        assert not first.reviews and not second.reviews, "nobody was away"
    finally:
        for desk in desks:
            desk.close()
    assert ann.print() == bo.print()
    assert ann.sync()["received"] == bo.sync()["received"] == 0


def test_windows_in_which_nothing_is_done_see_each_other_in_the_new_room_too(people, relay):
    """Who somebody is was signed for the old room; nothing else gives a reason to say it again."""
    ann, bo, _, _ = people
    desks = first, second = Desk(ann), Desk(bo)
    try:
        first.live.show(Fast(0, PLAYING, 500, 0, 1000, 0, 40, "k1", 1, (), 0, ()))
        until(lambda: all(desk.now.line == "online" and desk.seen for desk in desks), *desks, seconds=60)
        old = first.live.participant.room.id
        done = first.live.aside(lambda do: encrypt(first.live.participant, do))
        until(done.done, *desks, seconds=60)
        until(lambda: all(desk.live.participant.room.id != old and desk.now.line == "online" and desk.seen for desk in desks), *desks,
              seconds=60)
        until(lambda: any(one.fast is not None for one in second.seen.values()), *desks, seconds=60)
    finally:
        for desk in desks:
            desk.close()


def test_only_an_owner_moves_a_room_only_once_and_never_back(people, relay):
    ann, bo, _, _ = people
    with pytest.raises(AppError, match="Only owners"):
        bo.share(relay.address, encrypt=True)
    room = ann.share(relay.address, encrypt=True).room
    assert ann.share(relay.address, encrypt=True).room == room
    with pytest.raises(AppError, match="stays so"):
        ann.share(relay.address, encrypt=False)


def test_three_programs_on_the_command_line_go_along_by_the_commands_that_they_always_use(relay, tmp_path):
    ann, bo, cy = (CommandLine(tmp_path / name) for name in ("ann", "bo", "cy"))
    films = [tmp_path / f"{name}.proedit" for name in ("ann", "bo", "cy")]
    ann("new", films[0])
    link = ann("share", films[0], "--relay", relay.address, "--json").json["link"]
    bo("join", link, films[1])
    refused = bo("members", films[1], "encrypt", ok=False)
    assert "Only owners" in refused.err
    said = ann("members", films[0], "encrypt").out
    assert "Encrypted from now on" in said and "threw away" in said and "encrypted: members alone can read it" in said
    cy("join", link, films[2])
    for person, film in ((bo, films[1]), (cy, films[2])):
        report = person("sync", film, "--json").json
        assert report["encrypted"] and report["key"] == "here" and report["held_back"] == 0
    prints = {person("fingerprint", film).out for person, film in zip((ann, bo, cy), films, strict=True)}
    assert len(prints) == 1
    ann("sync", films[0])
    found = ann("members", films[0], "--json").json
    assert found["encrypted"] and len(found["members"]) == 3
    again = ann("members", films[0], "encrypt", ok=False)
    assert "encrypted already" in again.err


def killed_before_saying_where(ann, relay, monkeypatch):
    """Ann begins to encrypt the film and gets as far as the new room."""

    async def killed(*_said, **_how):
        raise AppError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(moving, "announce", killed)
        with pytest.raises(AppError, match="killed"):
            ann.share(relay.address, encrypt=True)


def test_who_was_killed_before_saying_where_the_film_goes_on_goes_on_with_the_room_that_was_begun(people, relay, monkeypatch):
    ann, bo, cy, _ = people
    killed_before_saying_where(ann, relay, monkeypatch)
    bo.mark("made in between")
    bo.sync()
    made = ann.share(relay.address, encrypt=True)
    with closing(sqlite3.connect(relay.folder / "data" / "relay.sqlite")) as connection:
        by_ann = connection.execute("SELECT COUNT(DISTINCT room) FROM envelopes WHERE actor = ?", (public(ann.key),)).fetchone()
    assert by_ann == (2,), "no room is left over"
    for person in (bo, cy, ann):
        report = person.sync()
        assert report["room"] == made.room.hex() and report["held_back"] == report["waiting"] == 0 and not report["refused"], report
    assert ann.print() == bo.print() == cy.print() and ann.texts() == ["made in between", "the butler did it"]


def test_a_room_that_was_begun_is_not_gone_on_with_when_somebody_in_it_was_removed_since(people, relay, monkeypatch):
    ann, bo, cy, _ = people
    killed_before_saying_where(ann, relay, monkeypatch)
    with ann.open() as (parts, project):
        sharing.revoke(Participant(project, ann.key, parts.session), "bo")
    made = ann.share(relay.address, encrypt=True)
    assert cy.sync()["room"] == made.room.hex()
    with pytest.raises(RelayRefuses, match="not a member"):
        bo.sync()
    with pytest.raises(RelayRefuses, match="not a member"):
        asyncio.run(bo.connect(made))

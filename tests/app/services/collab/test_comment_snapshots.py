"""Snapshots hold comments too: a newcomer does not replay them all, and a commenter cannot speak for others through one."""

from __future__ import annotations

import asyncio

import pytest

from app.services.collab.connection import RelayRefuses
from app.services.collab.participant import Participant
from editor_core.comments import Anchor
from editor_core.comments import Person as Someone
from editor_core.comments.acts import ActRefused, Say, encode, pack, pack_all, unpack
from editor_core.sync.envelope import make
from tests.app.services.collab.test_comments import Room, say, threads
from tests.app.services.collab.test_snapshots import give_snapshot, received
from tests.support.relays import RunningRelay
from tests.support.sharing import Person


@pytest.fixture
def room(request, tmp_path, relay):
    return Room(tmp_path, relay.address, getattr(request, "param", False))


def comments(person: Person, link) -> list[tuple[str, int]]:
    return [(e.header.kind, len(e.header.covers)) for e in received(person, link) if e.header.document == "comments"]


@pytest.mark.parametrize("room", [False, True], ids=["open", "sealed"], indirect=True)
def test_a_newcomer_takes_all_comments_in_one_and_goes_on_from_there(room, tmp_path):
    link = room.links["editor"]
    for number in range(5):
        say(room.cy, f"cy {number}")
        room.cy.sync()
    say(room.cy, "I see", "comment.reply", comment=threads(room.cy)[0].name)
    before = room.settle()
    assert len(comments(room.ann, link)) >= 7
    assert give_snapshot(room.bo) == 3
    assert comments(room.ann, link) == [("snapshot", 7)], "each session wrote one"
    ed = Person(tmp_path, "ed")
    ed.join(link)
    assert threads(ed) == before
    for _ in range(2):
        say(room.cy, "later")
        room.cy.sync()
        report = ed.sync()
        assert report["comments"] == 1 and not report["refused"] and report["waiting"] == 0
        with ed.open() as (parts, project):
            rooms = Participant(project, ed.key, parts.session).rooms
            assert len(rooms.floors["comments"]) == 7, "what the snapshot holds is known also when the film is opened again"
    say(ed, "from ed")
    ed.sync()
    assert threads(ed) == room.settle() and len(threads(ed)) == len(before) + 3
    assert ed.sync()["sent"] == ed.sync()["received"] == 0
    assert room.bo.sync()["sent"] == 0, "who made it has nothing more to give"


def test_a_lost_relay_has_all_comments_again_from_who_joined_by_a_snapshot(tmp_path):
    with RunningRelay(tmp_path / "one") as first:
        room = Room(tmp_path, first.address, False)
        say(room.cy, "kept by others")
        room.settle()
        give_snapshot(room.ann)
        ed, link, port = Person(tmp_path, "ed"), room.links["editor"], first.port
        ed.join(link)
    with RunningRelay(tmp_path / "two", port=port):
        ed.sync()
        fay = Person(tmp_path, "fay")
        fay.join(link)
        assert threads(fay) == threads(ed) and len(threads(fay)) == 2


def test_a_commenter_cannot_make_a_snapshot_neither_at_the_relay_nor_at_peers(room):
    link = room.links["commenter"]
    forged = Say(session=9, number=1, author=Someone("u-ann", "ann"), time=1, text="never said", anchor=Anchor(start=0))
    made = make(room.cy.key, room=link.room, document="comments", session=4242, sequence=1, payload=pack_all([encode(forged)]),
                kind="snapshot", covers={77: 5})

    async def put() -> None:
        async with await room.cy.connect(link) as connection:
            await connection.put([made.raw])
            await connection.receive()

    with pytest.raises(RelayRefuses, match="commenter may not write to timeline"):
        asyncio.run(put())
    room.bo.sync()
    with room.bo.open() as (parts, project):
        one = Participant(project, room.bo.key, parts.session)
        taken = one.take([made.raw])
        assert not taken.kept and "commenter may not" in taken.refused[0][1]
        assert one.rooms.floors.get("comments") is None
    assert all(t.root.text != "never said" for t in room.settle())


def test_a_snapshot_of_comments_is_bounded_and_holds_nothing_else():
    raws = [encode(Say(session=1, number=n, author=Someone("u", "n"), time=1, text="x" * 200, anchor=Anchor(start=0))) for n in range(6000)]
    assert unpack(pack_all(raws)) == raws and unpack(pack_all([])) == []
    for wrong in (b"\x92\x02\x91\xc4\x01x", b"\x92\x02\x91\xc4\x04\x92\x02\x90\x00", pack([])):
        with pytest.raises(ActRefused):
            unpack(wrong)
    nested = b"\x92\x02\x91" + b"\xc4\x03\x92\x02\x90"
    with pytest.raises(ActRefused):
        unpack(nested)

"""Comments in shared films: they come to everyone, roles hold at the relay and at every peer, nothing is said under another's name."""

from __future__ import annotations

import asyncio

import pytest

from app.services.collab.connection import RelayRefuses
from app.services.collab.participant import Participant
from app.services.collab.talking import SMALL
from editor_core.commands.registry import CommandError
from editor_core.comments import Anchor, Thread
from editor_core.comments import Person as Someone
from editor_core.comments.acts import SetRemoved, encode, pack
from editor_core.sync.messages import Put
from tests.support.sharing import Person


class Room:
    """Ann's film with a comment, in which Bo edits, Cy comments and Di looks on."""

    def __init__(self, folder, relay: str, encrypt: bool) -> None:
        self.ann, self.bo, self.cy, self.di = everyone = [Person(folder, name) for name in ("ann", "bo", "cy", "di")]
        self.ann.make()
        say(self.ann, "before sharing")
        self.links = {}
        for person, role in zip(everyone[1:], ("editor", "commenter", "viewer"), strict=True):
            self.links[role] = self.ann.share(relay, role, encrypt=encrypt)
            person.join(self.links[role])

    def settle(self) -> tuple[Thread, ...]:
        """Everyone syncs until all have everything; what all of them see."""
        for person in (self.cy, self.bo, self.ann, self.cy, self.bo, self.di):
            person.sync()
        seen = [threads(person) for person in (self.ann, self.bo, self.cy, self.di)]
        assert all(one == seen[0] for one in seen)
        return seen[0]


@pytest.fixture
def room(request, tmp_path, relay):
    return Room(tmp_path, relay.address, getattr(request, "param", False))


def say(person: Person, text: str, command: str = "comment.add", **args):
    with person.open() as (_, project):
        given = {"text": text, "at": "1s", **args} if command == "comment.add" else {**({"text": text} if text else {}), **args}
        outcome = project.door.execute(command, given)
        outcome.wait(30)
        return outcome.result


def threads(person: Person) -> tuple[Thread, ...]:
    with person.open() as (_, project):
        return project.talk.comments.threads()


@pytest.mark.parametrize("room", [False, True], ids=["open", "sealed"], indirect=True)
def test_comments_come_to_everyone_also_those_made_before_sharing(room):
    say(room.cy, "from the commenter @bo")
    first = threads(room.cy)[0].name
    say(room.cy, "I see", "comment.reply", comment=first)
    say(room.bo, "", "comment.resolve", comment=first)
    found = room.settle()
    assert sorted((t.root.text, t.state, len(t.replies)) for t in found) == [
        ("before sharing", "resolved", 1), ("from the commenter @bo", "open", 0)]
    assert next(t for t in found if t.open).root.mentions == (Someone("u-bo", "bo"),)
    again = room.cy.sync()
    assert again["sent"] == again["received"] == 0, "nothing is said twice"


def test_a_viewer_is_told_who_to_ask_and_a_commenter_may_not_touch_what_is_anothers(room):
    with pytest.raises(CommandError, match=r"viewer reads comments.*Ask ann"):
        say(room.di, "hello?")
    before = threads(room.cy)[0].name
    with pytest.raises(CommandError, match="Only ann or an owner"):
        say(room.cy, "", "comment.delete", comment=before)
    say(room.cy, "mine")
    room.settle()
    mine = next(t.name for t in threads(room.ann) if t.root.text == "mine")
    say(room.ann, "", "comment.delete", comment=mine)
    assert [t.root.text for t in room.settle()] == ["before sharing"]


async def _put_as(person: Person, link, raw: bytes) -> None:
    async with await person.connect(link) as connection:
        await connection.send(Put([raw]))
        await connection.receive()


def test_a_viewers_comments_are_refused_by_the_relay_and_by_peers(room, relay):
    room.bo.sync()
    with room.di.open() as (parts, project):
        one = Participant(project, room.di.key, parts.session)
        draft = project.talk.draft(Someone("u-di", "di"))
        draft.start("let me in", Anchor(start=0))
        made = one._made({"comments": pack([encode(act) for act in draft.made.values()])})
        refused = made[0].body
    with pytest.raises(RelayRefuses, match="viewer may not write to comments"):
        asyncio.run(_put_as(room.di, room.links["viewer"], refused))
    with room.bo.open() as (parts, project):
        taken = Participant(project, room.bo.key, parts.session).take([refused])
        assert taken.kept == 0 and "viewer may not write to comments" in taken.refused[0][1]
    assert [t.root.text for t in threads(room.bo)] == ["before sharing"]


def test_what_a_commenter_forges_is_passed_over_by_every_peer_and_what_follows_counts(room):
    root = threads(room.cy)[0].id
    with room.cy.open() as (parts, project):
        one = Participant(project, room.cy.key, parts.session)
        anns = project.talk.draft(Someone("u-ann", "ann"))
        anns.start("never said", Anchor(start=0))
        anns.write(SetRemoved, root, removed=True)
        own = project.talk.draft(Someone("u-cy", "cy"))
        own.write(SetRemoved, root, removed=True, moderating=True)
        bad = [encode(act) for draft in (anns, own) for act in draft.made.values()]
        one._say(pack([*bad, b"\x00 no act"]), ()).wait(30)
        one._say(b"no comments at all", ()).wait(30)
        project.door.execute("comment.add", {"text": "honest", "at": "2s"}).wait(30)
    found = room.settle()
    assert sorted(t.root.text for t in found) == ["before sharing", "honest"]
    assert room.bo.sync()["waiting"] == 0


def test_a_commenters_long_absence_goes_out_in_messages_that_the_relay_takes(room):
    stroke = {"kind": "stroke", "points": [[n % 97 / 97, n % 89 / 89] for n in range(1000)]}
    with room.cy.open() as (_, project):
        for number in range(12):
            project.door.execute("comment.add", {"text": f"note {number} " + "x" * 2000, "at": f"{number}s", "drawing": [stroke, stroke]})
        assert sum(len(project.talk.comments.raw(i)) for i in project.talk.comments.ids) > 2 * SMALL
        one = Participant(project, room.cy.key, 7)
        newest = project.talk.comments.ids[-1]
        assert project.talk.standing.waits(newest)
        one.prepare().wait(30)
        assert not project.talk.standing.waits(newest)
    report = room.cy.sync()
    assert report["sent"] > 2
    assert len(room.settle()) == 13

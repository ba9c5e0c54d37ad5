"""A role that was given for a time ends when that is over: at the relay, at the device itself, at owners who give the next key."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest

from app.services.collab import sharing
from app.services.collab.connection import open_connection
from app.services.collab.exchange import Exchange, TimeIsOver
from app.services.collab.participant import Participant
from app.services.collab.transport import LineClosed, NoRelay, RelayRefuses
from tests.support.sharing import Person

END = 2_000_000_000


@pytest.fixture
def people(tmp_path, relay):
    """Ann's encrypted film, in which Bo edits for a time that is long for the relay, and Cy without end."""
    ann, bo, cy = (Person(tmp_path, name) for name in ("ann", "bo", "cy"))
    ann.make()
    for person in (bo, cy):
        person.join(ann.share(relay.address, encrypt=True))
    limit(ann, "bo", END)
    return ann, bo, cy


def limit(owner: Person, who: str, until: int) -> None:
    with owner.open() as (parts, project):
        sharing.grant(Participant(project, owner.key, parts.session), who, "editor", until)


class Clock:
    def __init__(self) -> None:
        self.now = END - 5.0

    def __call__(self) -> float:
        return self.now


@contextlib.asynccontextmanager
async def staying(person: Person, clock):
    """Somebody's exchange, connected; (the exchange, what it ended with)."""
    with person.open() as (parts, project):
        exchange = Exchange(Participant(project, person.key, parts.session, clock))
        stay = asyncio.ensure_future(exchange.stay())
        try:
            while not exchange.caught_up:
                assert not stay.done(), stay.result()
                await asyncio.sleep(0.01)
            yield exchange, stay
        finally:
            stay.cancel()
            await asyncio.gather(stay, return_exceptions=True)


def marked(exchange: Exchange, text: str) -> None:
    exchange.participant.project.door.execute("marker.add", {"at": "1s", "text": text})
    exchange.something_changed()


def texts(exchange: Exchange) -> set[str]:
    return {record.text for record in exchange.participant.project.snapshot.records.values() if record.kind_name == "marker"}


async def soon(check, seconds: float = 30.0) -> float:
    began = time.monotonic()
    while not check():
        assert time.monotonic() - began < seconds, "it did not come about"
        await asyncio.sleep(0.01)
    return time.monotonic() - began


def test_an_owner_who_is_there_removes_at_the_time_itself_and_gives_a_key_that_leaves_out_who_was_removed(people):
    ann, bo, cy = people

    async def run() -> None:
        clock = Clock()
        async with staying(ann, clock) as (first, _), staying(bo, time.time) as (second, ended), staying(cy, time.time) as (third, _):
            for one, text in ((first, "a"), (second, "b"), (third, "c")):
                marked(one, text)
            await soon(lambda: texts(first) == texts(second) == texts(third) == {"a", "b", "c"})
            before = first.participant.members.epoch
            await asyncio.sleep(1.2)
            assert second.online and first.participant.members.epoch == before, "not a moment too early"
            clock.now = END + 0.5
            took = await soon(lambda: not second.online and first.participant.members.epoch not in (None, before))
            assert took < 10, "a second or so where there is nothing else to do"
            assert first.participant.members.role(bo.key.public_key().public_bytes_raw()) is None
            marked(third, "after")
            await soon(lambda: "after" in texts(first))
            assert (first.report.connections, third.report.connections) == (1, 1), "others are not disturbed"
            epoch = first.participant.members.epoch
            assert second.participant.keys.of(epoch[0]) == () and third.participant.keys.of(epoch[0])
            with pytest.raises((RelayRefuses, NoRelay)):
                await asyncio.wait_for(ended, 60)
            assert "after" not in texts(second) and {"a", "b", "c"} == texts(second)

    asyncio.run(run())
    assert {"b", "after"} <= set(ann.texts()), "what they did stays"


def test_a_device_ends_by_itself_when_its_time_is_over_whoever_else_is_there(people):
    _, bo, _ = people

    async def run() -> None:
        clock = Clock()
        async with staying(bo, clock) as (exchange, ended):
            assert exchange.participant.role == "editor"
            await asyncio.sleep(0.8)
            assert exchange.online and not ended.done()
            clock.now = END + 0.5
            with pytest.raises(TimeIsOver, match="ask an owner"):
                await asyncio.wait_for(ended, 20)
            assert exchange.participant.role == "" and not exchange.online

    asyncio.run(run())


def test_the_relay_cuts_off_both_lines_of_who_is_connected_when_the_time_is_over(people, relay):
    ann, bo, _ = people
    until = int(time.time()) + 8  # what a busy machine needs to connect
    limit(ann, "bo", until)

    async def ends(media: bool) -> float:
        room = relay_room(bo)
        async with await open_connection(relay.address, room, bo.key, 77 + media, media=media) as connection:
            assert time.time() < until, "the machine is too slow for this test"
            with contextlib.suppress(LineClosed):
                while True:
                    await connection.line.receive()
        return time.time()

    async def run() -> list[float]:
        return await asyncio.gather(ends(False), ends(True))

    for ended in asyncio.run(asyncio.wait_for(run(), 60)):
        assert until <= ended < until + 4
    with pytest.raises((RelayRefuses, TimeIsOver)):
        bo.sync()


def relay_room(person: Person) -> bytes:
    with person.open() as (parts, project):
        return Participant(project, person.key, parts.session).room.id

"""Several relays that share their rooms by a real Redis server: what one acknowledged is with all, also when that one is killed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab import sharing
from app.services.collab.connection import NoRelay, RelayRefuses, open_connection
from app.services.collab.participant import Participant
from app.services.collab.transport import WebSockets
from app.services.identity import new_session
from editor_core.sync import members as m
from editor_core.sync.envelope import make, public
from editor_core.sync.messages import Ack, CaughtUp, Envelopes, Presence, Present, Want
from tests.support.ports import quiet_port
from tests.support.redis_server import RunningRedis, why_no_redis
from tests.support.relays import RunningRelay
from tests.support.sharing import BareRoom, Person, acknowledged, everything


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    if reason := why_no_redis():
        pytest.skip(reason)
    with RunningRedis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="module")
def relays(redis, tmp_path_factory):
    folder = tmp_path_factory.mktemp("relays")
    with RunningRelay(folder / "one", "--bus", redis.url) as one, RunningRelay(folder / "two", "--bus", redis.url) as two:
        yield one, two


class Room(BareRoom):
    """A room that can be entered at any relay."""

    async def at(self, relay: RunningRelay, key, session=None):
        self.relay = relay.address
        return await self.connect(key, session)


async def caught_up(line, have=None) -> list[bytes]:
    await line.send(Want(have or {}))
    raws: list[bytes] = []
    while not isinstance(message := await line.receive(), CaughtUp):
        raws += message.raw if isinstance(message, Envelopes) else []
    return raws


async def until(line, wanted: set[bytes]) -> None:
    """Returns when all of it has come."""
    left = set(wanted)
    while left:
        message = await line.receive()
        if isinstance(message, Envelopes):
            left -= set(message.raw)


def run(work, seconds: float = 40):
    async def limited():
        async with asyncio.timeout(seconds):
            return await work
    return asyncio.run(limited())


def test_peers_of_one_room_on_two_relays_see_each_other_s_edits_and_presence(relays):
    async def work():
        keys = [Ed25519PrivateKey.generate() for _ in range(2)]
        room = Room(relays[0].address)
        await room.made(*((key, "editor") for key in keys))
        sessions = [new_session() for _ in keys]
        lines = [await room.at(relay, key, session) for relay, key, session in zip(relays, keys, sessions, strict=True)]
        assert lines[1].welcome.role == "editor", "what the members said at one relay is known at the other"
        for line in lines:
            await caught_up(line)
        given = [[room.written(n, key=key, session=session) for n in range(1, 101)] for key, session in zip(keys, sessions, strict=True)]

        async def write(line, raws):
            for raw in raws:
                await line.put([raw])
                await asyncio.sleep(0.002)

        async def follow(line, mine, theirs):
            writing = asyncio.create_task(write(line, given[mine]))
            await until(line, set(given[theirs]))
            await writing

        await asyncio.gather(follow(lines[0], 0, 1), follow(lines[1], 1, 0))
        await lines[0].send(Presence(b"here I am"))
        while not (isinstance(message := await lines[1].receive(), Present) and message.states.get(sessions[0]) == b"here I am"):
            pass
        third = await room.at(relays[1], keys[1])
        assert set(await caught_up(third)) >= {*given[0], *given[1]}
        while not (isinstance(message := await third.receive(), Present) and sessions[0] in message.states):
            pass
        await lines[0].close()
        while not (isinstance(message := await third.receive(), Present) and message.states.get(sessions[0]) == b""):
            pass
        await lines[1].close()
        await third.close()

    run(work())
    assert [relay.metric("overtaken_total") for relay in relays] == [0, 0]


def test_what_is_acknowledged_by_one_relay_survives_its_end_at_the_other(redis, relays, tmp_path):
    with RunningRelay(tmp_path / "one", "--bus", redis.url) as dying:
        _killed(dying, relays[1])


def _killed(dying, other) -> None:
    relays = dying, other

    async def work():
        key = Ed25519PrivateKey.generate()
        room = Room(relays[0].address)
        await room.made((key, "editor"))
        watcher = await room.at(relays[1], room.key)
        await caught_up(watcher)
        session, given, safe = new_session(), [], 0
        line = await room.at(relays[0], key, session)
        await caught_up(line)
        writing = asyncio.create_task(_write(room, line, key, session, given))
        try:
            while True:
                message = await line.receive()
                if isinstance(message, Ack):
                    safe = max(safe, message.have["timeline"][session])
                if safe > 300 and relays[0].process.poll() is None:
                    relays[0].process.kill()
        except (NoRelay, RelayRefuses):
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
        await until(watcher, set(given[:safe]))
        late = await room.at(relays[1], key, session)
        there = late.welcome.have["timeline"][session]
        assert there >= safe and set(given[:safe]) <= set(await everything(late))
        await late.put([room.written(there + 1, key=key, session=session)])
        await acknowledged(late, "timeline", session, there + 1)
        await watcher.close()
        await late.close()

    run(work())


async def _write(room, line, key, session, given) -> None:
    for number in range(1, 100_000):
        given.append(room.written(number, key=key, session=session))
        await line.put([given[-1]])
        if number % 10 == 0:
            await asyncio.sleep(0.001)


def test_who_was_removed_at_one_relay_is_sent_away_by_the_other_and_films_go_over_both(relays, tmp_path):
    ana, bo = Person(tmp_path, "ana"), Person(tmp_path, "bo")
    ana.make()
    ana.mark("first")
    link = ana.share(relays[0].address)
    bo.join(link._replace(relay=relays[1].address))
    ana.mark("from ana")
    bo.mark("from bo")
    ana.sync(), bo.sync(), ana.sync()
    assert ana.texts() == bo.texts() == ["first", "from ana", "from bo"]

    async def removed():
        line = await bo.connect(link._replace(relay=relays[1].address))
        await caught_up(line)
        with ana.open() as (parts, project):
            one = Participant(project, ana.key, parts.session)
            await sharing.change_member(one, public(bo.key).hex(), None)
        with pytest.raises((RelayRefuses, NoRelay)):
            while True:
                await line.receive()
        with pytest.raises(RelayRefuses, match="not a member"):
            await bo.connect(link._replace(relay=relays[1].address))

    run(removed())


def test_an_invite_that_was_redeemed_in_time_counts_at_a_relay_that_hears_of_it_later(relays, tmp_path):
    async def work():
        room = Room(relays[0].address)
        await room.made()
        secret, joiner, session = os.urandom(16), Ed25519PrivateKey.generate(), new_session()
        until = int(time.time()) + 5  # a busy machine redeems in time, too
        invited = room.said(m.Invite(public(room.key), room.members.heads, public(m.invite_key(secret)), "editor", until))
        statement = m.redeem_statement(secret, room=room.id, by=public(joiner), role="editor", previous=room.members.heads, actor="a",
                                       person="b")
        redeemed = make(joiner, room=room.id, document="members", session=session, sequence=1, payload=m.encode(statement)).raw
        async with await room.at(relays[0], room.key, room.session) as line:
            await line.put([invited])
            await acknowledged(line, "members", room.session, 2)
        async with await open_connection(relays[0].address, room.id, joiner, session, secret) as line:
            await line.put([redeemed])
            await acknowledged(line, "members", session, 1)
        await asyncio.sleep(until + 0.5 - time.time())
        async with await room.at(relays[1], joiner) as late:
            assert late.welcome.role == "editor"

    run(work())


def test_rooms_are_sent_to_the_relay_that_serves_them_and_found_again_when_it_is_gone(redis, tmp_path):
    ports = [quiet_port(), quiet_port()]
    places = [f"ws://127.0.0.1:{port}" for port in ports]
    one, two = (RunningRelay(tmp_path / str(n), "--bus", redis.url, "--public", places[n], port=ports[n]) for n in range(2))
    with one, two:
        async def work():
            rooms = [Room(one.address) for _ in range(12)]
            await acquainted(one, two)
            before = one.metric("sent_on_total") + two.metric("sent_on_total")
            for room in rooms:
                await room.made()
                line = await WebSockets().line(two.address, room.id)
                await line.close()
            served = [relay.metric("commits_total") for relay in (one, two)]
            assert all(served) and one.metric("sent_on_total") + two.metric("sent_on_total") - before == 12
            there = [room for room in rooms if await _role(room, two) == "owner"]
            two.process.kill()
            assert len(there) == 12
            for room in rooms:
                assert await _role(room, one, patient=True) == "owner"

        run(work(), 60)


async def acquainted(*relays: RunningRelay) -> None:
    """Waits until each has heard of another: it sends some room on to it."""
    async with asyncio.timeout(30):
        for relay in relays:
            while not relay.metric("sent_on_total"):
                await (await WebSockets().line(relay.address, os.urandom(32))).close()
                await asyncio.sleep(0.05)


async def _role(room: Room, relay: RunningRelay, *, patient: bool = False) -> str:
    while True:
        try:
            async with await room.at(relay, room.key) as line:
                return line.welcome.role
        except NoRelay:
            assert patient
            await asyncio.sleep(0.2)


def test_a_bus_that_is_not_there_is_said(tmp_path):
    pytest.importorskip("redis")
    done = subprocess.run([sys.executable, "-m", "app.cli", "relay", "--data", str(tmp_path), "--bus", "redis://127.0.0.1:1"],
                          capture_output=True, text=True, timeout=30, env={**os.environ, "PROEDITOR_HOME": str(tmp_path)})
    assert done.returncode == 1 and "bus" in done.stderr and "Traceback" not in done.stderr


def test_what_was_in_the_clear_is_thrown_away_by_all_relays_and_the_bus_also_by_one_that_was_away(redis, relays, tmp_path):
    redis_url = redis.url

    async def bus() -> bytes:
        import redis.asyncio as library

        client = library.from_url(redis_url)
        found = b""
        async for key in client.scan_iter("proeditor:1:*"):
            kind = await client.type(key)
            found += b"".join(await client.lrange(key, 0, -1)) if kind == b"list" else b""
        await client.aclose()
        return found

    def clear(relay: RunningRelay) -> bool:
        return b"in the clear" in b"".join(one.read_bytes() for one in (relay.folder / "data").glob("relay.sqlite*"))

    ann, bo = (Person(tmp_path, name) for name in ("ann", "bo"))
    ann.make()
    ann.mark("this is in the clear")
    link = ann.share(relays[0].address)
    bo.join(link._replace(relay=relays[1].address))
    with RunningRelay(tmp_path / "three", "--bus", redis.url) as away:
        asyncio.run(bo.connect(link._replace(relay=away.address)))
        assert all(map(clear, (*relays, away))) and b"in the clear" in asyncio.run(bus())
    made = ann.share(relays[0].address, encrypt=True)
    until_so(lambda: not any(map(clear, relays)))
    assert b"in the clear" not in asyncio.run(bus())
    with RunningRelay(tmp_path / "three", "--bus", redis.url) as away:
        until_so(lambda: not clear(away))
        assert b"in the clear" not in asyncio.run(bus()), "it gives nothing back to the bus"
    assert bo.sync()["room"] == made.room.hex() and bo.print() == ann.print()


def until_so(done, within: float = 20.0) -> None:
    ends = time.monotonic() + within
    while not done():
        assert time.monotonic() < ends
        time.sleep(0.1)

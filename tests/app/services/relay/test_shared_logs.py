"""The log that relays share is trimmed of what all have; who was away longer asks another relay. Real Redis, real processes."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.connection import NoRelay
from app.services.identity import new_session
from app.services.relay import filling, shared
from app.services.relay.bus import Bus
from app.services.relay.server import Relay
from tests.support.redis_server import RunningRedis, why_no_redis
from tests.support.relays import RunningRelay
from tests.support.sharing import BareRoom, acknowledged, everything


@pytest.fixture
def redis(tmp_path):
    if reason := why_no_redis():
        pytest.skip(reason)
    with RunningRedis(tmp_path) as running:
        yield running


class Log:
    """A room's log as it is on the server."""

    def __init__(self, redis: RunningRedis, room: BareRoom) -> None:
        import redis as library

        self._redis = library.Redis(port=redis.port)
        self._name = room.id.hex()

    def length(self) -> int:
        return self._redis.llen(f"proeditor:1:log:{{{self._name}}}")

    def trimmed(self) -> int:
        return int(self._redis.hget(f"proeditor:1:have:{{{self._name}}}", "trimmed") or 0)

    def becomes_short(self, within: float = 15.0) -> bool:
        until = time.monotonic() + within
        while self.length() > 400 or not self.trimmed():
            if time.monotonic() > until:
                return False
            time.sleep(0.1)
        return True


class Writer:
    """Somebody who writes in a room; `given` is acknowledged."""

    def __init__(self, room: BareRoom, key: Ed25519PrivateKey) -> None:
        self.room, self.key, self.session = room, key, new_session()
        self.given: list[bytes] = []

    async def write(self, relay: RunningRelay, count: int, size: int = 20) -> None:
        self.room.relay = relay.address
        async with await self.room.connect(self.key, self.session) as line:
            first = len(self.given) + 1
            raws = [self.room.written(n, key=self.key, session=self.session, payload=b"%d " % n * size)
                    for n in range(first, first + count)]
            await line.put(raws)
            await acknowledged(line, "timeline", self.session, len(self.given) + count)
            self.given += raws


async def there(room: BareRoom, address: str, *, within: float = 10.0) -> set[bytes]:
    """All of a room at a relay, once that lets its owner in."""
    room.relay = address
    until = time.monotonic() + within
    while True:
        try:
            async with await room.connect() as line:
                return set(await everything(line))
        except NoRelay:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.2)


async def _begun(relay: RunningRelay) -> tuple[BareRoom, Writer]:
    room, key = BareRoom(relay.address), Ed25519PrivateKey.generate()
    await room.made((key, "editor"))
    return room, Writer(room, key)


def test_a_log_is_trimmed_once_every_relay_has_it_on_its_disk_also_those_where_nobody_is(redis, tmp_path: Path):
    with RunningRelay(tmp_path / "one", "--bus", redis.url) as one, RunningRelay(tmp_path / "two", "--bus", redis.url) as two:
        room, writer = asyncio.run(_begun(one))
        asyncio.run(writer.write(one, 900))
        assert Log(redis, room).becomes_short()
        one.kill()
        assert set(writer.given) <= asyncio.run(there(room, two.address)), "it was given to the other before it was trimmed"


def test_nothing_acknowledged_is_lost_when_a_relay_comes_back_after_the_log_was_trimmed(redis, tmp_path: Path):
    with RunningRelay(tmp_path / "one", "--bus", redis.url) as one:
        room, writer = asyncio.run(_begun(one))
        asyncio.run(writer.write(one, 300))
        with RunningRelay(tmp_path / "two", "--bus", redis.url) as two:
            assert set(writer.given) <= asyncio.run(there(room, two.address))
            one.kill()
            time.sleep(6)  # it is known to be gone
            log = Log(redis, room)
            asyncio.run(writer.write(two, 350))
            time.sleep(2.5)
            assert log.trimmed() <= 310, "one that is away is waited for"
            asyncio.run(writer.write(two, 260, 33_000))
            assert log.becomes_short(), "but not for ever"
            with RunningRelay(tmp_path / "one", "--bus", redis.url) as again:
                assert set(writer.given) <= asyncio.run(there(room, again.address))
                two.kill()
                asyncio.run(writer.write(again, 1))
            with RunningRelay(tmp_path / "one", "--bus", redis.url) as again:
                assert set(writer.given) <= asyncio.run(there(room, again.address)), "it is on the disk"


def test_a_relay_that_lacks_what_was_trimmed_serves_a_room_only_after_a_while_without_those_who_have_it(redis, tmp_path, monkeypatch):
    with RunningRelay(tmp_path / "one", "--bus", redis.url) as one:
        room, writer = asyncio.run(_begun(one))
        asyncio.run(writer.write(one, 600))
        assert Log(redis, room).becomes_short()
    monkeypatch.setattr(filling, "WITHIN", 0.2)
    monkeypatch.setattr(shared, "ABANDONED", 1.0)

    async def work():
        address = asyncio.get_running_loop().create_future()
        new = Relay(tmp_path / "new", bus=Bus(redis.url))
        running = asyncio.ensure_future(new.run("127.0.0.1", 0, None, address.set_result))
        room.relay = await address
        began = time.monotonic()
        with pytest.raises(NoRelay, match="ended the connection"):
            await room.connect()
        while True:
            try:
                line = await room.connect()
                break
            except NoRelay:
                await asyncio.sleep(0.2)
        assert time.monotonic() - began > 1 and line.welcome.exists is False
        await line.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(work())
    with RunningRelay(tmp_path / "one", "--bus", redis.url) as back:
        assert set(writer.given) <= asyncio.run(there(room, back.address)), "what it has, it has still"

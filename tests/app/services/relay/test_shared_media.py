"""Media lines of one room at different relays, over a real Redis server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.services.collab.connection import open_connection
from assets.pieces import PIECE
from editor_core.sync.media_messages import MAX_MEDIA_LINE, Here, To, encode, passed
from editor_core.sync.messages import pieces
from tests.support.media_machines import Machine, Room, film_bytes, media_of
from tests.support.redis_server import RunningRedis, why_no_redis
from tests.support.relays import RunningRelay


@pytest.fixture(scope="module")
def relays(tmp_path_factory):
    if reason := why_no_redis():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("relays")
    with RunningRedis(folder) as redis, RunningRelay(folder / "one", "--bus", redis.url) as one, \
            RunningRelay(folder / "two", "--bus", redis.url) as two:
        yield one, two, redis


def test_media_go_from_a_peer_of_one_relay_to_a_peer_of_another(relays, tmp_path: Path):
    raw = film_bytes(7 * PIECE + 4321)
    room = Room(relays[0])
    reference = media_of(raw)
    giver, getter = (Machine(tmp_path / name, room, [reference], session) for name, session in (("giver", 900), ("getter", 901)))
    giver.folder.mkdir()
    (giver.folder / "mine.mov").write_bytes(raw)
    giver.paths["a1"] = [giver.folder / "mine.mov"]

    async def work():
        offer = giver.exchange()
        giving = asyncio.ensure_future(offer.stay())
        async with asyncio.timeout(20):
            while not offer.online:
                await asyncio.sleep(0.01)
        room.relay = relays[1]
        wanting = getter.exchange("originals")
        async with asyncio.timeout(40):
            await wanting.until_idle()
        giving.cancel()
        await asyncio.gather(giving, return_exceptions=True)

    asyncio.run(work())
    assert getter.paths["a1"][0].read_bytes() == raw
    assert all(relay.metric("media_bytes_total") > 0 for relay in relays[:2]), "each said something at its own relay"


def test_a_sender_waits_for_a_slow_receiver_at_another_relay_and_is_told_when_that_relay_is_gone(relays, tmp_path: Path):
    with RunningRelay(tmp_path / "third", "--bus", relays[2].url) as third:
        room = Room(relays[0])
        keys = room.key(), room.key()

        async def work():
            slow = await open_connection(third.address, room.id, keys[1], 921, media=True)
            quick = await open_connection(relays[0].address, room.id, keys[0], 920, media=True)
            while not (isinstance(message := passed(await quick.line.receive()), Here) and message.sessions == (921,)):
                pass
            piece = encode(To(921, b"x" * (MAX_MEDIA_LINE - 2000)))
            sent = 0

            async def send():
                nonlocal sent
                for _ in range(40):
                    await quick.line.send(pieces(piece))
                    sent += 1

            sending = asyncio.ensure_future(send())
            await asyncio.sleep(2.5)
            assert sent < 25, "160 MiB are not gathered anywhere"
            third.process.kill()
            async with asyncio.timeout(20):
                while passed(await quick.line.receive()) != Here(()):
                    pass
                await sending
            await quick.close()
            slow.line.socket.transport.abort()

        asyncio.run(work())

"""Coming into a room: who is let in, with which key, invite and session, for how long, and seen by whom."""

from __future__ import annotations

import asyncio
import contextlib
import time

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.services.collab.connection import RelayRefuses, open_connection
from app.services.identity import new_session
from app.services.relay.server import MAX_OF_ONE
from editor_core.sync import members as m
from editor_core.sync.envelope import public
from editor_core.sync.messages import Challenge, Envelopes, Presence, Present, Want, decode, encode, hello
from tests.support.relays import RunningRelay, cut_off, run
from tests.support.sharing import BareRoom, acknowledged, everything

BO, CY, EVE = (Ed25519PrivateKey.generate() for _ in range(3))


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    with RunningRelay(tmp_path_factory.mktemp("relay")) as running:
        yield running
        assert running.stop() == 0


def test_a_room_lets_in_only_members_and_only_with_their_own_key(relay):
    async def work():
        room = BareRoom(relay.address)
        await room.made()
        with pytest.raises(RelayRefuses, match="not a member"):
            await room.connect(EVE)
        async with connect(f"{relay.address}/v1") as socket:
            challenge = decode(await socket.recv())
            assert isinstance(challenge, Challenge)
            said = hello(EVE, challenge.nonce, room.id, 5)
            await socket.send(encode(msgspec.structs.replace(said, key=public(room.key))))
            with pytest.raises(ConnectionClosed):
                while b"refused" in await socket.recv():
                    pass
        async with connect(f"{relay.address}/v1") as socket:
            await socket.send(encode(hello(room.key, b"old nonce", room.id, 5)))
            with pytest.raises(ConnectionClosed):
                for _ in range(3):
                    await socket.recv()

    run(work())


def test_browsers_are_not_let_in_and_pages_are_served(relay):
    async def work():
        with pytest.raises(InvalidStatus):
            await connect(f"{relay.address}/v1", origin="https://example.org")
        with pytest.raises(InvalidStatus):
            await connect(f"{relay.address}/elsewhere")

    run(work())
    assert relay.page("/health") == "ok\n" and relay.metric("connections_total") > 0


def test_an_invite_is_redeemed_once_its_time_has_not_passed(relay):
    async def work():
        room = BareRoom(relay.address)
        await room.made()
        good, late = b"g" * 16, b"l" * 16
        async with await room.connect(session=room.session) as ann:
            for secret, expires in ((good, int(time.time()) + 60), (late, int(time.time()) - 5)):
                await ann.put([room.said(m.Invite(public(room.key), room.members.heads, public(m.invite_key(secret)), "editor", expires))])
            await acknowledged(ann, "members", room.session, 3)
            await ann.put([room.written(1)])
            await acknowledged(ann, "timeline", room.session, 1)
        with pytest.raises(RelayRefuses, match="new link"):
            await open_connection(relay.address, room.id, BO, new_session(), late)
        async with await open_connection(relay.address, room.id, BO, new_session(), good) as guest:
            assert guest.welcome.role == ""
            assert len(await everything(guest)) == 3, "who has not joined yet sees the members alone"
            await guest.put([room.written(1, key=BO, session=77)])
            await cut_off(guest)

    run(work())


@pytest.mark.real_time
def test_who_is_removed_is_sent_away_at_once_and_cannot_come_back(relay):
    async def work():
        room = BareRoom(relay.address)
        await room.made((BO, "editor"))
        async with await room.connect(session=room.session) as ann, await room.connect(BO) as bo:
            await ann.put([room.said(m.Revoke(public(room.key), room.members.heads, public(BO)))])
            assert await cut_off(bo) < 2
        with pytest.raises(RelayRefuses, match="not a member"):
            await room.connect(BO)

    run(work())


def test_who_is_in_a_room_for_a_time_is_sent_away_when_it_is_over(relay):
    async def work():
        room = BareRoom(relay.address)
        await room.made()
        until = int(time.time()) + 1
        async with await room.connect(session=room.session) as ann:
            await ann.put([room.said(m.Grant(public(room.key), room.members.heads, public(BO), "editor", until=until))])
            await acknowledged(ann, "members", room.session, 2)
        async with await room.connect(BO) as bo:
            assert bo.welcome.role == "editor"
            assert await cut_off(bo) < 4 and time.time() > until
        with pytest.raises(RelayRefuses, match="not a member"):
            await room.connect(BO)

    run(work())


@pytest.mark.real_time
def test_presence_reaches_newcomers_and_goes_when_its_owner_goes(relay):
    async def work():
        room = BareRoom(relay.address)
        await room.made((BO, "viewer"))
        bo = await room.connect(BO, 4242)
        await bo.send(Want({}))
        await bo.send(Presence(b"playhead"))
        async with await room.connect() as ann:
            await ann.send(Want({}))
            began = time.monotonic()

            async def seen(state):
                async with asyncio.timeout(5):
                    while True:
                        message = await ann.receive()
                        if isinstance(message, Present) and message.states.get(4242) == state:
                            return time.monotonic() - began

            assert await seen(b"playhead") < 2
            again = await room.connect(BO, 4242)
            await again.send(Want({}))
            await again.send(Presence(b"back again"))
            await seen(b"back again")
            await bo.close()
            await again.send(Presence(b"still there"))
            while (state := (await ann.receive()).states.get(4242)) != b"still there":
                assert state != b"", "who came again before the old line was known to be dead did not leave"
            began = time.monotonic()
            await again.close()
            assert await seen(b"") < 2

    run(work())


def test_nobody_comes_in_by_the_session_of_another(relay):
    async def work():
        room = BareRoom(relay.address)
        await room.made((BO, "viewer"), (CY, "viewer"))
        with pytest.raises(RelayRefuses, match="somebody else's"):
            await room.connect(CY, room.session)
        bo = await room.connect(BO, 4343)
        with pytest.raises(RelayRefuses, match="somebody else's"):
            await room.connect(CY, 4343)
        await bo.close()

    run(work())


def test_one_device_does_not_fill_a_room(relay):
    async def work():
        room = BareRoom(relay.address)
        await room.made((BO, "viewer"), (CY, "viewer"))
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(MAX_OF_ONE):
                await stack.enter_async_context(await room.connect(BO))
            with pytest.raises(RelayRefuses, match="this device has as many"):
                await room.connect(BO)
            await stack.enter_async_context(await room.connect(CY))

    run(work())


def test_all_who_join_a_new_room_at_once_see_everything(relay):
    async def work():
        for _ in range(3):
            keys = [Ed25519PrivateKey.generate() for _ in range(12)]
            room = BareRoom(relay.address)
            await room.made(*((key, "editor") for key in keys))

            async def one(key, room=room):
                session, seen = new_session(), set()
                async with await room.connect(key, session) as connection:
                    mine = room.written(1, key=key, session=session)
                    seen.add(mine)
                    await connection.send(Want({}))
                    await connection.put([mine])
                    async with asyncio.timeout(20):
                        while len(seen) < 12:
                            message = await connection.receive()
                            if isinstance(message, Envelopes):
                                seen |= {raw for raw in message.raw if b"update 1" in raw}
                    return seen

            outcomes = await asyncio.gather(*map(one, keys))
            assert all(seen == outcomes[0] for seen in outcomes)

    run(work())

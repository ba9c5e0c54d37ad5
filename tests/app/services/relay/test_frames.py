"""What is written once for many is what each would have been sent."""

from __future__ import annotations

import asyncio

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.frames import Frame, Opcode

from app.services.collab.connection import NoRelay, RelayRefuses
from app.services.identity import new_session
from app.services.relay.frames import frame
from editor_core.sync.messages import CaughtUp, Envelopes, Put, Want
from tests.support.relays import RunningRelay
from tests.support.sharing import BareRoom


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65535, 65536, 100_000])
def test_a_frame_is_as_the_library_makes_it(length):
    assert frame(b"x" * length) == Frame(Opcode.BINARY, b"x" * length).serialize(mask=False)


def test_everybody_gets_everything_once_and_in_order_and_who_gives_back_what_it_was_handed_is_cut_off(tmp_path):
    people, count = 12, 150

    async def work(relay: RunningRelay):
        room = BareRoom(relay.address)
        keys = [Ed25519PrivateKey.generate() for _ in range(people)]
        await room.made(*((key, "editor") for key in keys))
        sessions = [new_session() for _ in keys]
        lines = [await room.connect(key, session) for key, session in zip(keys, sessions, strict=True)]
        for line in lines:
            await line.send(Want({}))
            while not isinstance(await line.receive(), CaughtUp):
                pass
        given = [[room.written(n, key=key, session=session) for n in range(1, count + 1)]
                 for key, session in zip(keys[:3], sessions, strict=False)]

        async def write(line, raws):
            for number, raw in enumerate(raws):
                await line.put([raw])
                await asyncio.sleep(0.001 * (number % 3))

        async def hear(number: int) -> list[bytes]:
            lacking = (3 - (number < 3)) * count
            heard: list[bytes] = []
            while len(heard) < lacking:
                if isinstance(message := await lines[number].receive(), Envelopes):
                    heard += message.raw
            return heard

        async with asyncio.timeout(40):
            *_, heard = (await asyncio.gather(*(write(line, raws) for line, raws in zip(lines, given, strict=False)),
                                              asyncio.gather(*map(hear, range(people)))))
        for number, raws in enumerate(heard):
            assert len(set(raws)) == len(raws)
            for author, mine in enumerate(given):
                assert [raw for raw in raws if raw in set(mine)] == ([] if author == number else mine)
        await lines[11].send(Put([given[0][count // 2]]))
        with pytest.raises((RelayRefuses, NoRelay)):
            while True:
                await lines[11].receive()
        for line in lines[:11]:
            await line.close()

    with RunningRelay(tmp_path) as relay:
        asyncio.run(work(relay))
        assert relay.metric("offences_total") == 1

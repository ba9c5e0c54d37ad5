"""Is an acknowledged envelope ever lost where two relays share rooms? `python -m tests.fuzz.relays --kills 40`

Owns: a real Redis server, two relays, writers at both who write so much that logs are trimmed, SIGKILL of one or both at random instants,
relays started again on the same folders, and what was acknowledged looked for at each of them. Refuses: films, one relay (see `relay`).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.connection import NoRelay
from tests.fuzz.relay import Writer
from tests.support.redis_server import RunningRedis, why_no_redis
from tests.support.relays import RunningRelay
from tests.support.sharing import BareRoom, everything

WRITERS = 4
PATIENCE = 30.0
"""Seconds in which a relay that came back must serve the room again: it may have to ask the other for what was trimmed."""


class Place(BareRoom):
    """A room as it is entered at one of the relays."""

    def at(self, relay: RunningRelay) -> Place:
        self.relay = relay.address
        return self


async def _there(room: Place, relay: RunningRelay) -> set[bytes]:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            async with await room.at(relay).connect() as line:
                return set(await everything(line))
        except NoRelay:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.2)


async def _write(writers: list[Writer], relays: list[RunningRelay], victims: list[RunningRelay], after: float) -> None:
    async def work(number: int, writer: Writer) -> None:
        relay = relays[number % 2]
        writer.room.relay = relay.address
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(after + 0.5):
                await writer.write()

    tasks = []
    for number, writer in enumerate(writers):
        tasks.append(asyncio.create_task(work(number, writer)))
        await asyncio.sleep(0)  # it has taken its relay's address
    await asyncio.sleep(after)
    for victim in victims:
        victim.process.kill()
    await asyncio.gather(*tasks)


def play(folder: Path, kills: int, seed: int) -> tuple[int, int, list[str]]:
    """Envelopes acknowledged, how many of the log were trimmed, and a line for each time that something was lost."""
    rng = random.Random(seed)
    with RunningRedis(folder) as redis:
        relays = [RunningRelay(folder / name, "--bus", redis.url) for name in ("one", "two")]
        room = Place(relays[0].address)
        keys = [Ed25519PrivateKey.generate() for _ in range(WRITERS)]
        asyncio.run(room.made(*((key, "editor") for key in keys)))
        writers = [Writer(room, key) for key in keys]
        lost: list[str] = []
        for number in range(kills):
            chosen = rng.choice([[0], [1], [0, 1]])
            asyncio.run(_write(writers, relays, [relays[one] for one in chosen], rng.uniform(0.2, 1.5)))
            for one in chosen:
                relays[one].kill()
                if rng.random() < 0.3:
                    time.sleep(2.5)  # the log may be trimmed of what it has not got, if that is much
                relays[one] = RunningRelay(relays[one].folder, "--bus", redis.url)
            for name, relay in zip(("one", "two"), relays, strict=True):
                there = asyncio.run(_there(room, relay))
                gone = sum(raw not in there for writer in writers for raw in writer.given[:writer.safe])
                if gone:
                    lost.append(f"kill {number}: {gone} acknowledged envelopes are not at relay {name}")
        for relay in relays:
            relay.kill()
        import redis as library

        fields = library.Redis(port=redis.port).hgetall(f"proeditor:1:have:{{{room.id.hex()}}}")
        return sum(writer.safe for writer in writers), int(fields.get(b"trimmed", 0)), lost


def main() -> int:
    """Exit status 1 if anything acknowledged was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", action="store_true", help="100 kills")
    given = parser.parse_args()
    if reason := why_no_redis():
        print(f"nothing was tried: {reason}")
        return 0
    kills, began = 100 if given.full else given.kills, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        acknowledged, trimmed, lost = play(Path(folder), kills, given.seed)
    print("\n".join(lost), file=sys.stderr)
    print(f"{kills} kills of relays that share a room, {acknowledged} envelopes acknowledged, {trimmed} trimmed from the log, "
          f"{len(lost)} times something was lost, {time.monotonic() - began:.0f} s")
    return 1 if lost or not acknowledged else 0


if __name__ == "__main__":
    sys.exit(main())

"""Is an acknowledged envelope ever lost? `python -m tests.fuzz.relay --kills 200`

Owns: several people who write as fast as it goes, SIGKILL of the relay at a random instant, a relay started again on the same folder, and
what was acknowledged looked for there, byte for byte. Refuses: films.
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

from app.services.collab.connection import NoRelay, RelayRefuses
from app.services.identity import new_session
from editor_core.sync.messages import Ack
from tests.support.relays import RunningRelay
from tests.support.sharing import BareRoom, everything

WRITERS = 4
AT_ONCE = 8


class Writer:
    """Somebody who writes until the relay is gone. `given` are all envelopes made, `safe` how many are acknowledged."""

    def __init__(self, room: BareRoom, key: Ed25519PrivateKey) -> None:
        self.room = room
        self.key = key
        self.session = new_session()
        self.given: list[bytes] = []
        self.safe = 0

    async def write(self) -> None:
        with contextlib.suppress(NoRelay, RelayRefuses):
            async with await self.room.connect(self.key, self.session) as line:
                self.safe = max(self.safe, line.welcome.have.get("timeline", {}).get(self.session, 0))
                del self.given[self.safe:]  # what was not acknowledged and is not there is written anew
                listening = asyncio.create_task(self._hear(line))
                try:
                    while not listening.done():
                        first = len(self.given) + 1
                        group = [self.room.written(n, key=self.key, session=self.session) for n in range(first, first + AT_ONCE)]
                        self.given += group
                        await line.put(group)
                        await asyncio.sleep(0)
                finally:
                    listening.cancel()
                    await asyncio.gather(listening, return_exceptions=True)

    async def _hear(self, line) -> None:
        async for message in line.messages():
            if isinstance(message, Ack):
                self.safe = max(self.safe, message.have.get("timeline", {}).get(self.session, 0))


async def _until_killed(relay: RunningRelay, writers: list[Writer], after: float) -> None:
    tasks = [asyncio.create_task(one.write()) for one in writers]
    await asyncio.sleep(after)
    relay.process.kill()
    await asyncio.gather(*tasks)


async def _lost(room: BareRoom, writers: list[Writer]) -> list[str]:
    async with await room.connect() as late:
        there = set(await everything(late))
    return [f"{sum(raw not in there for raw in one.given[:one.safe])} of {one.safe} acknowledged envelopes are gone"
            for one in writers if any(raw not in there for raw in one.given[:one.safe])]


def play(folder: Path, kills: int, seed: int) -> tuple[int, list[str]]:
    """Envelopes acknowledged, and a line for each time that something was lost. A new room every 25 kills."""
    rng = random.Random(seed)
    acknowledged, lost = 0, []
    room: BareRoom | None = None
    writers: list[Writer] = []
    for number in range(kills + 1):
        with RunningRelay(folder) as relay:
            if room is not None:
                room.relay = relay.address
                lost += [f"kill {number}: {line}" for line in asyncio.run(_lost(room, writers))]
            if number == kills:
                break
            if number % 25 == 0:
                acknowledged += sum(one.safe for one in writers)
                room = BareRoom(relay.address)
                keys = [Ed25519PrivateKey.generate() for _ in range(WRITERS)]
                asyncio.run(room.made(*((key, "editor") for key in keys)))
                writers = [Writer(room, key) for key in keys]
            asyncio.run(_until_killed(relay, writers, rng.uniform(0.02, 0.4)))
    return acknowledged + sum(one.safe for one in writers), lost


def main() -> int:
    """Exit status 1 if anything acknowledged was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", action="store_true", help="200 kills")
    given = parser.parse_args()
    kills, began = 200 if given.full else given.kills, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        acknowledged, lost = play(Path(folder), kills, given.seed)
    print("\n".join(lost), file=sys.stderr)
    print(f"{kills} kills, {acknowledged} envelopes acknowledged, {len(lost)} times something was lost, {time.monotonic() - began:.0f} s")
    return 1 if lost or not acknowledged else 0


if __name__ == "__main__":
    sys.exit(main())

"""A file of somebody else's, fetched through a relay on this machine: every piece checked, then the whole of it, then it is there.

Owns: both machines, in this process, and the relay in another; the time from asking until the file has its name. Refuses: judging.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from tests.support.media_machines import Machine, Room, media_of
from tests.support.relays import RunningRelay

MIB = 1 << 20


def fetched(folder: Path, mebibytes: int) -> float:
    """MiB a second, from the question for it until the whole file is there and was checked."""
    raw = os.urandom(MIB) * mebibytes
    with RunningRelay(folder / "relay") as relay:
        room, wanted = Room(relay), media_of(raw)
        giver, taker = Machine(folder / "giver", room, [wanted], 1000), Machine(folder / "taker", room, [wanted], 1001)
        giver.folder.mkdir()
        (giver.folder / "film.mov").write_bytes(raw)
        giver.paths[wanted.id] = [giver.folder / "film.mov"]
        return mebibytes / asyncio.run(_fetch(giver, taker))


async def _fetch(giver: Machine, taker: Machine) -> float:
    giving, wanting = giver.exchange(), taker.exchange("originals")
    tasks = [asyncio.ensure_future(giving.stay())]
    try:
        async with asyncio.timeout(300):
            while not giving.online:
                await asyncio.sleep(0.01)
            began = time.monotonic()
            tasks.append(asyncio.ensure_future(wanting.until_idle()))
            while not any(kind == "original" for _, kind, _ in wanting.report.came):
                await asyncio.sleep(0.005)
            return time.monotonic() - began
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

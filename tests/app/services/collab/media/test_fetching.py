"""What is begun and what is not, decided without a network."""

from __future__ import annotations

import asyncio
from pathlib import Path

from app.services.collab.media.fetching import Fetching
from app.services.collab.media.holdings import Wanted
from assets.pieces import HASH, PIECE, Arrival, PieceList, encode
from editor_core.schema import MediaReference
from editor_core.schema.media import AudioStream, VideoStream
from editor_core.sync.media_messages import Has, Listed, Said
from editor_core.timing import TICKS_PER_SECOND
from render.stand_in import longest


def test_a_stand_in_that_is_said_to_be_longer_than_one_can_be_is_not_begun(tmp_path: Path) -> None:
    asked: list[Said] = []

    async def say(session: int, message: Said) -> None:
        asked.append(message)

    async def arrived(wanted: Wanted, arrival: Arrival) -> str:
        return ""

    async def begun(pieces: int) -> bool:
        one = Wanted("quick:1", "preview")
        fetching = Fetching(lambda wanted: tmp_path, lambda wanted: (0, 20 * PIECE), arrived)
        fetching.want([one])
        await fetching.hear(7, Has((one,)))
        working = asyncio.ensure_future(fetching.work(say, lambda message: say(0, message)))
        await asyncio.sleep(0)
        await fetching.hear(7, Listed(*one, encode(PieceList(pieces * PIECE, bytes(HASH), (bytes(HASH),) * pieces))))
        found = bool(fetching.coming())
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        return found

    assert asyncio.run(begun(20)) and not asyncio.run(begun(21))
    assert not any(path.stat().st_size > 20 * PIECE for path in tmp_path.rglob("*"))


def test_the_longest_stand_in_is_far_above_one_that_is_made_and_far_below_a_disk() -> None:
    hour = MediaReference(id="a", name="a.mp4", hash="quick:1", size=2 * 2**30, duration=3600 * TICKS_PER_SECOND,
                          video=VideoStream(index=0, codec="h264", width=1920, height=1080),
                          audio=(AudioStream(index=1, codec="aac", sample_rate=48000, channels=2),))
    assert 3600 * 48000 * 4 < longest(hour, "preview") < 2 * 2**30
    assert 3600 * 600_000 < longest(hour, "proxy") < 40 * 2**30

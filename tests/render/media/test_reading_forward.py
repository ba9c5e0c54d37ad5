"""Reading a film from start to end costs every packet once."""

from __future__ import annotations

from pathlib import Path

import pytest

from editor_core.timing import Rate
from render.media.probe import describe
from render.media.reader import PictureReader, Threads
from tests.support.footage import numbered


@pytest.mark.parametrize("keyint", [12, 60, 250])
def test_frames_asked_for_in_order_are_decoded_once(keyint: int, tmp_path: Path) -> None:
    path = numbered(tmp_path / "film.mp4", 260, codec=("-c:v", "libx264", "-preset", "veryfast", "-g", str(keyint), "-bf", "3"))
    stream = describe(path, "film").video
    assert stream is not None
    reader = PictureReader(path, stream, threads=Threads(1, "none"))
    fed = 0
    feed = reader._pump

    def counted() -> bool:
        nonlocal fed
        fed += 1
        return feed()

    reader._pump = counted  # type: ignore[method-assign]
    for number in range(250):
        reader.at(number * Rate(25).ticks_per_frame)
    reader.close()
    assert fed <= 250 + 8, f"{fed} packets were decoded for 250 frames"

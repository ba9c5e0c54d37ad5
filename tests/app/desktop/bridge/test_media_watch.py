"""Media that goes away under an open window, and comes back."""

from __future__ import annotations

import threading
from pathlib import Path

from app.desktop.bridge.media_watch import LEAST_MS, MOST_MS, MediaWatch
from tests.app.desktop.desk import Desk, S
from tests.support.footage import run_ffmpeg


def test_a_file_that_is_moved_away_is_a_slate_in_both_viewers_at_once_and_comes_back(desk: Desk) -> None:
    desk.new()
    path = desk.folder / "lake.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2", "-pix_fmt", "yuv420p", path)
    desk.bench.imports.add([path])
    asset = desk.wait(lambda: list(desk.bench.services.project.file.locations))[0]
    desk.bench.run("clip.append", {"asset": asset})
    desk.bench.transport.seek(S)
    program = desk.bench.frames
    desk.wait(lambda: not program.image.isNull() and program.ticks == S)
    desk.bench.source.open(asset)
    source = desk.bench.source.deck.frames
    desk.wait(lambda: not source.image.isNull())
    assert not program.slates and not source.slates, "its decoders are open"
    path.rename(desk.folder / "elsewhere.mp4")
    desk.bench.media.look()
    desk.wait(lambda: program.slates and source.slates)
    assert asset in desk.bench.media.offline
    (desk.folder / "elsewhere.mp4").rename(path)
    desk.bench.media.look()
    desk.wait(lambda: not program.slates and not source.slates)


def test_slow_places_are_looked_at_less_often(desk: Desk) -> None:
    came = threading.Event()

    class Slow(type(Path())):  # type: ignore[misc]
        def is_file(self) -> bool:
            came.wait(0.3)
            return False

    watch = MediaWatch(lambda: {"m": [Slow("/far/away.mp4")]}, desk.window._post)
    assert watch._timer.interval() == LEAST_MS
    watch.look()
    desk.wait(lambda: watch.offline == {"m"} and not watch._busy)
    assert 300 * 40 <= watch._timer.interval() <= MOST_MS
    watch.stop()

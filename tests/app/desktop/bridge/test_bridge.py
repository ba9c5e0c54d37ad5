"""The parts that panels share: transport with real sound, selection, tiles, settings, jobs, imports."""

from __future__ import annotations

import itertools
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QThread

from app.desktop.bridge import Post, Settings
from app.desktop.bridge.post import SPELL, Closed
from app.desktop.bridge.tiles import reduce_wave
from app.desktop.start import application
from editor_core.schema import Clip, MediaReference
from editor_core.timing import TICKS_PER_SECOND
from tests.app.desktop.desk import Desk
from tests.support.footage import run_ffmpeg

S = TICKS_PER_SECOND


def test_playing_follows_the_clock_of_the_sound_and_stops_at_the_end(film: Desk) -> None:
    transport = film.bench.transport
    transport.seek(7 * S + S // 2)
    seen: list[int] = []
    transport.moved.connect(seen.append)
    transport.play()
    film.wait(lambda: not transport.playing)
    assert seen == sorted(seen) and transport.ticks == 8 * S
    assert all(ticks % transport.frame == 0 for ticks in seen)


def test_loop_goes_round_between_the_marks(film: Desk) -> None:
    transport = film.bench.transport
    transport.set_marks(S, S + S // 5)
    transport.set_loop(True)
    transport.play()
    seen: list[int] = []
    transport.moved.connect(seen.append)
    film.wait(lambda: sum(1 for a, b in itertools.pairwise(seen) if b < a) >= 2)
    transport.stop()
    assert min(seen) >= S - transport.frame and max(seen) < S + S // 5


def test_shuttle_gets_faster_and_turns_round(film: Desk) -> None:
    transport = film.bench.transport
    transport.seek(4 * S)
    speeds = []
    for direction in (1, 1, 1, -1, -1):
        transport.shuttle(direction)
        speeds.append(transport.speed)
    transport.stop()
    assert speeds == [1.0, 2.0, 4.0, -1.0, -2.0]


def test_a_mark_that_crosses_the_other_takes_it_away(film: Desk) -> None:
    transport = film.bench.transport
    transport.set_marks(2 * S, 4 * S)
    transport.set_marks(5 * S, 4 * S)
    assert (transport.mark_in, transport.mark_out) == (5 * S, None)
    transport.set_marks(5 * S, S)
    assert (transport.mark_in, transport.mark_out) == (None, S)


def test_the_place_is_remembered_with_the_project(film: Desk) -> None:
    path = film.bench.project_path
    film.bench.transport.seek(3 * S)
    film.bench.transport.set_marks(S, 5 * S)
    film.window.show_welcome()
    assert path is not None
    film.open(path)
    assert (film.bench.transport.ticks, film.bench.transport.marks()) == (3 * S, (S, 5 * S))


def test_what_is_deleted_is_not_selected_any_more(film: Desk) -> None:
    bench = film.bench
    clips = [c.id for c in bench.snapshot.of_kind(Clip)]
    bench.selection.set(clips)
    told: list[int] = []
    bench.selection.changed.connect(lambda: told.append(len(bench.selection.clips)))
    bench.run("clip.lift", {"clips": clips[:1]})
    assert set(bench.selection.clips) == {c.id for c in bench.snapshot.of_kind(Clip)} and told == [len(clips) - 2]


def test_targets_are_the_first_tracks_until_others_are_chosen(film: Desk) -> None:
    bench = film.bench
    first = [t.id for t in bench.snapshot.tracks()]
    assert list(bench.targets.tracks) == first
    bench.targets.toggle(first[1])
    assert bench.targets.tracks == (first[0],)
    second = bench.run("track.add", {"kind": "video"})["track"]
    bench.targets.toggle(second)
    assert set(bench.targets.tracks) == {first[0], second}


def test_a_source_plays_one_asset_and_remembers_where_it_was(film: Desk) -> None:
    bench = film.bench
    lake, pond = bench.snapshot.of_kind(MediaReference)[0].id, film.asset("pond.mp4", 6)
    assert bench.source.open(lake)
    deck = bench.source.deck
    deck.transport.seek(2 * S)
    deck.transport.set_marks(S, 3 * S)
    assert bench.source.open(pond) and deck.transport.ticks == 0 and deck.transport.end == 6 * S
    assert bench.source.open(lake) and deck.transport.ticks == 2 * S and bench.source.range() == (S, 2 * S)
    bench.late["focus"] = "source"
    assert bench.deck is deck
    bench.run("asset.remove", {"asset": pond})
    bench.run("asset.remove", {"asset": lake, "clips": True})
    assert bench.source.asset == "" and bench.deck is bench.program


def test_waves_are_gathered_into_buckets_with_zeros_outside() -> None:
    rows = np.zeros((100, 3), np.float32)
    rows[10:20] = (-0.5, 0.25, 0.5)
    made = reduce_wave(rows, 10, 0, 1000, 10)
    assert made.shape == (10, 3)
    assert made[1].tolist() == [-0.5, 0.25, 0.5] and not made[[0, 2, 9]].any()
    assert not reduce_wave(rows, 10, 2000, 3000, 4).any()
    fine = reduce_wave(rows, 10, 95, 105, 4)
    assert fine[:, 1].tolist() == [0.0, 0.0, 0.25, 0.25]


def test_settings_keep_types_and_mend_what_is_broken(tmp_path: Path) -> None:
    application()
    file = tmp_path / "a" / "window.ini"
    settings = Settings(file)
    told: list[str] = []
    settings.changed.connect(told.append)
    settings.set("a/list", [1, "two"])
    settings.set("a/list", [1, "two"])
    settings.set("a/float", 1)
    settings.sync()
    again = Settings(file)
    assert again.get("a/list", []) == [1, "two"] and told == ["a/list", "a/float"]
    assert again.get("a/list", "text") == "text" and again.get("a/float", 2.0) == 1
    again.store.setValue("a/list", "{broken")
    assert again.get("a/list", []) == []


def test_work_of_other_threads_arrives_on_the_interface_thread(desk: Desk) -> None:
    post = Post()
    here, seen, answers = QThread.currentThread(), [], []
    thread = threading.Thread(target=lambda: (post(lambda: seen.append(QThread.currentThread() is here)),
                                              answers.append(post.ask(lambda a: a + 1, 41))))
    thread.start()
    desk.wait(lambda: answers)
    thread.join()
    assert seen == [True] and answers == [42]
    post.close()
    post(lambda: seen.append(False))
    with pytest.raises(Closed):
        post.ask(lambda: None)
    desk.settle()
    assert seen == [True]


def test_work_that_takes_long_is_done_in_order_over_several_turns_of_the_event_loop() -> None:
    app, post = application(), Post()
    done: list[int] = []

    def work(number: int) -> None:
        done.append(number)
        until = time.perf_counter() + SPELL * 1.2
        while time.perf_counter() < until:
            pass

    for number in range(4):
        post(work, number)
    post(done.append, 4)
    turns = [0]
    post._later.timeout.connect(lambda: turns.append(len(done)))
    while len(done) < 5:
        app.processEvents()
    assert done == [0, 1, 2, 3, 4]
    assert len(turns) >= 4 and max(after - before for before, after in itertools.pairwise(turns)) <= 2


def test_a_thread_that_waits_for_the_window_is_let_go_when_it_closes(desk: Desk) -> None:
    post = Post()
    errors: list[Exception] = []

    def ask() -> None:
        try:
            post.ask(lambda: None)
        except Closed as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.05)
    post.close()
    thread.join(5)
    assert not thread.is_alive() and len(errors) == 1


def test_files_are_imported_without_stalling_and_unreadable_ones_say_why(desk: Desk) -> None:
    desk.new()
    folder = desk.folder / "footage"
    folder.mkdir()
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=1", "-pix_fmt", "yuv420p", folder / "good.mp4")
    (folder / "words.mp4").write_text("this is no film")
    gaps: list[float] = []
    late: list[float] = []
    last = time.monotonic()
    finished: list[list[str]] = []
    desk.bench.imports.finished.connect(finished.append)
    desk.bench.imports.add([folder])
    while not finished and time.monotonic() - last < 60:
        began = time.monotonic()
        desk.app.processEvents()
        gaps.append(time.monotonic() - began)
        began = time.monotonic()
        time.sleep(0.001)
        late.append(time.monotonic() - began)
    assets = desk.bench.snapshot.of_kind(MediaReference)
    assert [a.name for a in assets] == ["good.mp4"] and finished == [[assets[0].id]]
    assert [row.path.name for row in desk.bench.imports.unreadable] == ["words.mp4"]
    assert "words.mp4" in desk.bench.imports.unreadable[0].reason
    worst = [sorted(some)[len(some) * 99 // 100] for some in (gaps, late)]
    assert worst[0] < 0.1 + worst[1], "a machine that wakes a sleeper late does the rest late too"
    desk.wait(lambda: desk.bench.media.known)
    assert desk.bench.media.offline == frozenset()
    desk.bench.run("edit.undo")
    assert desk.bench.snapshot.of_kind(MediaReference) == []


def test_a_frame_arrives_for_the_playhead_and_after_an_edit(desk: Desk) -> None:
    desk.new()
    desk.bench.run("solid.add", {"color": "#C03020", "at": 0, "duration": "2s"})
    feed = desk.bench.frames
    feed.set_view(160, 90)

    def near(wanted: tuple[int, int, int]) -> bool:
        shown = feed.image.pixelColor(feed.image.width() // 2, feed.image.height() // 2) if not feed.image.isNull() else None
        return shown is not None and max(abs(a - b) for a, b in zip(shown.getRgb()[:3], wanted, strict=True)) <= 4  # type: ignore[arg-type]

    desk.wait(lambda: near((0xC0, 0x30, 0x20)) and (feed.image.width(), feed.image.height()) == (160, 90))
    clip = desk.bench.snapshot.of_kind(Clip)[0].id
    desk.bench.run("clip.set", {"clip": clip, "property": "color", "value": "#2060C0"})
    desk.wait(lambda: near((0x20, 0x60, 0xC0)))
    feed.set_quality("full")
    desk.wait(lambda: feed.image.width() == 320)


def test_thumbnails_and_waves_come_from_workers_and_are_kept(desk: Desk) -> None:
    desk.new()
    file = desk.folder / "tone.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "color=red:size=160x90:rate=25:duration=2", "-f", "lavfi", "-i", "sine=frequency=400:duration=2",
               "-pix_fmt", "yuv420p", "-c:a", "aac", file)
    finished: list[list[str]] = []
    desk.bench.imports.finished.connect(finished.append)
    desk.bench.imports.add([file])
    desk.wait(lambda: finished)
    asset, tiles = finished[0][0], desk.bench.tiles
    desk.wait(lambda: (found := tiles.thumbnail(asset, S, 36)) is not None and found.height() == 36)  # until then a card's taller one
    image = tiles.thumbnail(asset, S, 36)
    assert image is not None and image.pixelColor(5, 5).red() > 200
    desk.wait(lambda: tiles.peaks(asset, 0, 2 * S, 8) is not None)
    peaks = tiles.peaks(asset, 0, 2 * S, 8)
    assert peaks is not None and peaks.shape == (8, 3) and 0.05 < float(peaks[3, 1]) <= 1.0
    assert tiles.bytes > 0

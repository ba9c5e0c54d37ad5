"""The render server as a real process: frames, revisions, newest wins, kills and hangs.

Owns: tests of render.playback.client, link, render_server, frame_ring. Refuses: how pictures look, which draw's tests have.
"""

from __future__ import annotations

import gc
import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pytest

from editor_core.document import Document
from editor_core.schema import Clip, MediaReference, Point
from editor_core.timing import TimeRange
from render.confine import Limits
from render.draw.fonts import Fonts
from render.draw.text import text_drawing
from render.graph.build import build
from render.graph.build import generated as build_generated
from render.graph.request import Request
from render.messages import Kept, Show, Shown
from render.playback.client import RenderClient
from render.playback.delivered import FrameInfo
from render.playback.errors import FrameHeldTooLong
from render.playback.render_server import planes_digest
from render.playback.wishes import ticks_ahead
from render.wire import HEADER
from tests.render.playback.film import document, frame_ticks, number_of, picture_file, put

SIZE = (640, 360)


@dataclass
class Seen:
    ticks: int
    revision: int
    size: tuple[int, int]
    number: int
    pixels: bytes
    info: FrameInfo


class Viewer:
    """A client with a queue of what it showed."""

    def __init__(self, doc: Document, locations: dict[str, list[Path]], **options: float) -> None:
        self.client = RenderClient(**options)  # type: ignore[arg-type]
        self.doc = doc
        self.seen: queue.Queue[Seen] = queue.Queue()
        self.troubles: queue.Queue[tuple[str, str]] = queue.Queue()
        self.client.on_frame(self._frame)
        self.client.on_trouble(lambda text, about: self.troubles.put((text, about)))
        self.client.load(doc.snapshot, locations)

    def _frame(self, ticks: int, revision: int, width: int, height: int, pixels: memoryview, info: FrameInfo) -> None:
        self.seen.put(Seen(ticks, revision, (width, height), number_of(pixels, width, height), bytes(pixels), info))

    def ask(self, frame: int, timeout: float = 20, **options: object) -> Seen:
        number = self.client.request(frame_ticks(frame), *SIZE, **options)  # type: ignore[arg-type]
        return self.answer(number, timeout)

    def answer(self, number: int, timeout: float = 20) -> Seen:
        while True:
            seen = self.seen.get(timeout=timeout)
            if seen.info.request == number:
                return seen


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return picture_file(tmp_path_factory.mktemp("footage") / "a.mp4", width=SIZE[0], height=SIZE[1])


@pytest.fixture
def viewer(footage: Path) -> Iterator[Viewer]:
    made = Viewer(*document(footage))
    yield made
    made.client.close()


def test_a_request_shows_its_frame(viewer: Viewer) -> None:
    for frame in (0, 1, 2, 77, 78, 30, 5, 119):
        seen = viewer.ask(frame)
        assert (seen.number, seen.ticks, seen.size, seen.revision) == (frame, frame_ticks(frame), SIZE, 0)


def test_qualities_make_smaller_frames_of_the_same_moment(viewer: Viewer) -> None:
    assert viewer.ask(40, quality="half").size == (320, 180)
    quarter = viewer.ask(41, quality="quarter")
    assert quarter.size == (160, 90) and len(quarter.pixels) == 160 * 90 * 4
    assert viewer.ask(42, quality="auto").size == SIZE


def test_full_quality_is_what_an_export_encodes_bit_for_bit(viewer: Viewer, footage: Path) -> None:
    from render.draw.evaluate import Evaluator
    from render.media.convert import to_rgb
    from render.media.pool import PicturePool

    change, after = put(viewer.doc, "cv0", position=Point(300, 200), opacity=0.7, rotation=10.0)
    viewer.client.change(change, after)
    pool = PicturePool(lambda asset: (footage, after.get(MediaReference, asset)))
    evaluator = Evaluator(pool)
    for frame in (3, 60, 61):
        seen = viewer.ask(frame, hashed=True)
        planes = evaluator.evaluate(build(after, frame_ticks(frame), Request(*SIZE)))
        assert seen.info.planes == planes_digest(planes)
        assert np.array_equal(np.frombuffer(seen.pixels, np.uint8).reshape(360, 640, 4), to_rgb(planes))
    pool.close()


def test_a_frame_asked_for_again_is_ready(viewer: Viewer) -> None:
    first, again = viewer.ask(50), viewer.ask(50)
    assert not first.info.cached and again.info.cached and first.pixels == again.pixels and first.info.digest == again.info.digest


def test_frames_are_made_ahead_while_playing(viewer: Viewer) -> None:
    told: queue.Queue[Kept] = queue.Queue()
    viewer.client.on_kept(told.put)

    def until_there(first: int, last: int) -> None:
        while not any(start <= frame_ticks(first) and frame_ticks(last + 1) <= end for start, end in told.get(timeout=20).ready):
            pass

    viewer.ask(20, step=frame_ticks(1), ahead=6)
    until_there(20, 26)
    assert all(viewer.ask(frame, step=frame_ticks(1), ahead=6).info.cached for frame in range(21, 27))
    viewer.ask(90, step=-frame_ticks(1), ahead=4)
    until_there(86, 90)
    assert [viewer.ask(frame).info.cached for frame in (89, 88, 87, 86, 85)] == [True] * 4 + [False]


def test_what_is_in_memory_is_told_and_follows_edits(viewer: Viewer) -> None:
    told: queue.Queue[Kept] = queue.Queue()
    viewer.client.on_kept(told.put)

    def until(ready: Callable[[Kept], bool]) -> Kept:
        while True:
            kept = told.get(timeout=10)
            if ready(kept):
                return kept

    viewer.ask(0, step=frame_ticks(1), ahead=5)
    kept = until(lambda one: one.ready == ((0, frame_ticks(6)),))
    assert kept.stale == () and kept.nbytes == 6 * SIZE[0] * SIZE[1] * 4 < kept.budget
    clip = next(iter(viewer.doc.snapshot.of_kind(Clip)))
    change, after = put(viewer.doc, clip.id, opacity=0.5)
    viewer.client.change(change, after)
    until(lambda one: one.stale == ((0, frame_ticks(6)),) and one.ready == () and one.revision == after.revision)
    viewer.ask(2)
    until(lambda one: one.ready == ((frame_ticks(2), frame_ticks(3)),))
    change, after = put(viewer.doc, clip.id, opacity=clip.opacity)
    viewer.client.change(change, after)
    until(lambda one: one.ready == ((0, frame_ticks(6)),) and one.stale == ())
    assert viewer.ask(4).info.cached
    os.kill(viewer.client.pid, signal.SIGKILL)
    until(lambda one: one.ready == ())


def test_a_range_is_made_ready_in_advance_and_an_edit_ends_that(viewer: Viewer) -> None:
    told: queue.Queue[Kept] = queue.Queue()
    viewer.client.on_kept(told.put)
    viewer.ask(0)
    viewer.client.prepare(frame_ticks(10), frame_ticks(22))
    while (kept := told.get(timeout=10)).ready != ((0, frame_ticks(1)), (frame_ticks(10), frame_ticks(22))):
        pass
    assert viewer.ask(15).info.cached and kept.stale == ()
    viewer.client.prepare(0, frame_ticks(100_000))  # past the film's end
    while (kept := told.get(timeout=20)).ready[-1][1] < viewer.doc.snapshot.end():
        pass
    assert kept.ready == ((0, viewer.doc.snapshot.end()),)


def test_titles_are_measured_as_they_are_drawn(viewer: Viewer) -> None:
    answers: queue.Queue[tuple[int, list[tuple[float, float]]]] = queue.Queue()
    viewer.client.on_measured(lambda request, sizes: answers.put((request, list(sizes))))
    title = Clip(id="t", track="k2", kind="title", text="Harbour", font_size=60, source_range=TimeRange(0, frame_ticks(30)), start=0)
    longer = msgspec.structs.replace(title, text="Harbour\nfilm at dawn, in the north of the island", font_size=60)
    number = viewer.client.measure([title, longer], 640, 360)
    request, (one, two) = answers.get(timeout=20)
    assert request == number
    assert 60 < one[1] < 90 and 150 < one[0] < 320
    assert two[0] <= 0.9 * 640 + 1 and two[1] > 2 * one[1]
    drawn = text_drawing(title.text, build_generated(title, 640, 360).style, 0.9 * 640, Fonts())
    assert one == (drawn.width, drawn.height)


def test_pictures_of_a_trim_show_clips_as_they_might_be(viewer: Viewer) -> None:
    answers: queue.Queue[tuple[int, list[int], bytes]] = queue.Queue()

    def take(request: int, count: int, width: int, height: int, pixels: memoryview) -> None:
        each = width * height * 4
        answers.put((request, [number_of(pixels[n * each:(n + 1) * each], width, height) for n in range(count)], bytes(pixels[-each:])))

    viewer.client.on_peek(take)
    clip = next(iter(viewer.doc.snapshot.of_kind(Clip)))
    later = msgspec.structs.replace(clip, fade_in=frame_ticks(20), opacity=0.2,
                                    source_range=TimeRange(clip.source_range.start + frame_ticks(7), clip.source_range.duration))
    number = viewer.client.peek([(clip, clip.start + frame_ticks(3)), (later, clip.start), (None, 0)], *SIZE)
    request, numbers, last = answers.get(timeout=20)
    source = round(clip.source_range.start / frame_ticks(1))
    assert (request, numbers[:2]) == (number, [source + 3, source + 7])
    assert set(last[0::4]) == {0} and set(last[3::4]) == {255}  # nothing there: black
    assert viewer.ask(2).number == source + 2
    for shift in range(30):
        number = viewer.client.peek([(clip, clip.start + frame_ticks(shift))], *SIZE)
    while True:
        request, numbers, _ = answers.get(timeout=20)
        if request == number:
            break
    assert numbers == [source + 29] and answers.empty()
    assert viewer.client.statistics.restarts == 0


def test_the_frames_ahead_go_round_a_loop_and_stop_before_the_start() -> None:
    show = Show(request=1, revision=0, ticks=50, width=2, height=2, step=10, ahead=4, loop_start=20, loop_end=70)
    assert ticks_ahead(show, 9) == [60, 20, 30, 40] and ticks_ahead(show, 2) == [60, 20]
    back = Show(request=1, revision=0, ticks=20, width=2, height=2, step=-10, ahead=4)
    assert ticks_ahead(back, 9) == [10, 0]
    assert ticks_ahead(msgspec.structs.replace(back, step=0), 9) == []
    assert ticks_ahead(msgspec.structs.replace(back, loop_end=40), 9) == [10, 0, 30, 20]


def test_a_request_before_the_document_waits_for_it(footage: Path) -> None:
    client = RenderClient(patience=2.0)
    seen: queue.Queue[int] = queue.Queue()
    client.on_frame(lambda ticks, *_: seen.put(ticks))
    client.request(frame_ticks(3), *SIZE)
    time.sleep(3.0)
    assert client.statistics.restarts == 0 and seen.empty()
    client.load(*(lambda doc, where: (doc.snapshot, where))(*document(footage)))
    assert seen.get(timeout=20) == frame_ticks(3)
    client.close()


def test_only_the_newest_request_counts(viewer: Viewer) -> None:
    viewer.ask(0)
    numbers = [viewer.client.request(frame_ticks(n), *SIZE) for n in range(100)]
    last = viewer.answer(numbers[-1])
    assert last.number == 99
    counts = viewer.client.statistics
    assert counts.superseded > 50 and counts.superseded + counts.delivered == 101


def test_changes_are_seen_at_once_and_in_order(viewer: Viewer) -> None:
    plain = viewer.ask(10)
    for opacity in (0.5, 0.25, 0.0):
        change, after = put(viewer.doc, "cv0", opacity=opacity)
        viewer.client.change(change, after)
        seen = viewer.ask(10)
        assert seen.revision == after.revision and seen.pixels != plain.pixels
    assert not np.frombuffer(seen.pixels, np.uint8).reshape(-1, 4)[:, :3].any()
    change, after = put(viewer.doc, "cv0", opacity=1.0)
    viewer.client.change(change, after)
    assert viewer.ask(10).pixels == plain.pixels


def test_a_change_that_was_missed_is_made_good_by_loading_again(viewer: Viewer) -> None:
    viewer.ask(10)
    put(viewer.doc, "cv0", opacity=0.5)
    change, after = put(viewer.doc, "cv0", opacity=0.0)
    viewer.client.change(change, after)
    assert viewer.ask(10).revision == 2


def test_another_document_may_be_loaded_while_a_request_is_open(viewer: Viewer, footage: Path) -> None:
    for opacity in (0.9, 0.8, 0.7):
        viewer.client.change(*put(viewer.doc, "cv0", opacity=opacity))
    viewer.ask(3)
    os.kill(viewer.client.pid, signal.SIGSTOP)
    number = viewer.client.request(frame_ticks(4), *SIZE)
    other, locations = document(footage, footage)
    viewer.client.load(other.snapshot, locations)
    os.kill(viewer.client.pid, signal.SIGCONT)
    seen = viewer.answer(number)
    assert seen.number == 4 and seen.revision in (0, 3)
    assert viewer.ask(125).number == 5


def test_memory_is_given_back_before_it_runs_out(footage: Path) -> None:
    doc, locations = document(footage)
    viewer = Viewer(doc, locations, limits=Limits(memory_mib=420))
    for frame in range(0, 120, 2):
        number = viewer.client.request(frame_ticks(frame), 1600, 900)
        assert viewer.answer(number).number == frame
        time.sleep(0.02)
    assert viewer.client.statistics.restarts == viewer.client.statistics.failed == 0
    viewer.client.close()


def test_media_that_is_missing_is_a_slate_with_a_reason_until_it_is_back(footage: Path) -> None:
    doc, _ = document(footage)
    viewer = Viewer(doc, {"m0": [footage.with_name("gone.mp4")]})
    slate = viewer.ask(10)
    text, about = viewer.troubles.get(timeout=20)
    assert about == "m0" and "a.mp4" in text and len(set(slate.pixels[::4])) > 1 and slate.info.slates == (text,)
    viewer.client.locate("m0", [footage])
    assert viewer.ask(10).number == 10
    viewer.client.close()


@pytest.mark.real_time
def test_a_killed_server_is_replaced_and_the_open_request_answered(viewer: Viewer) -> None:
    viewer.ask(0)
    for frame in (10, 60):
        pid = viewer.client.pid
        begun = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        seen = viewer.ask(frame)
        assert seen.number == frame and viewer.client.pid != pid
        assert time.monotonic() - begun < 3.0  # about 0.3 s on an idle machine
    assert viewer.client.statistics.restarts == 2
    assert "goes on" in viewer.troubles.get(timeout=20)[0]


def test_playback_resumes_after_kills_with_edits_in_between(viewer: Viewer) -> None:
    shown_after_kill = []
    for kill in range(2):
        for frame in range(20):
            number = viewer.client.request(frame_ticks(frame + 40 * kill), *SIZE, "half", step=frame_ticks(1), ahead=5)
            time.sleep(1 / 30)
            if frame == 8:
                os.kill(viewer.client.pid, signal.SIGKILL)
                change, after = put(viewer.doc, "cv0", opacity=0.9 - kill / 10)
                viewer.client.change(change, after)
        shown_after_kill.append(viewer.answer(number))
    assert [(seen.number, seen.revision) for seen in shown_after_kill] == [(19, 1), (59, 2)]


@pytest.mark.real_time
def test_a_stopped_server_is_found_by_the_watchdog_and_replaced(footage: Path) -> None:
    viewer = Viewer(*document(footage), silence=1.5)
    viewer.ask(0)
    pid = viewer.client.pid
    os.kill(pid, signal.SIGSTOP)
    begun = time.monotonic()
    assert viewer.ask(33).number == 33
    assert 1.0 < time.monotonic() - begun < 5 and viewer.client.pid != pid
    viewer.client.close()


@pytest.mark.real_time
def test_a_server_that_beats_but_does_not_answer_is_replaced(footage: Path, tmp_path: Path) -> None:
    fifo = tmp_path / "stuck.mp4"
    os.mkfifo(fifo)  # opening it waits for ever, as a dead network share does
    doc, _ = document(footage)
    viewer = Viewer(doc, {"m0": [fifo]}, patience=4)
    viewer.client.request(0, *SIZE)
    text, _ = viewer.troubles.get(timeout=40)
    assert "did not answer for 4 seconds" in text
    viewer.client.locate("m0", [footage])
    assert viewer.ask(5).number == 5
    viewer.client.close()


def test_a_frame_that_kills_twice_is_left_out_and_the_next_one_works(viewer: Viewer) -> None:
    viewer.ask(0)
    os.kill(viewer.client.pid, signal.SIGSTOP)
    bad = viewer.client.request(frame_ticks(7), *SIZE)
    for _ in range(2):
        os.kill(viewer.client.pid, signal.SIGKILL)
        killed = viewer.client.statistics.restarts
        while viewer.client.statistics.restarts == killed or not viewer.client.pid:
            time.sleep(0.001)
    seen = viewer.ask(8)
    assert seen.number == 8 and seen.info.request == bad + 1
    assert any("left out" in viewer.troubles.get(timeout=20)[0] for _ in range(3))


def test_a_server_that_breaks_the_rules_is_replaced(viewer: Viewer) -> None:
    good = viewer.ask(0)
    slots = viewer.client._slots
    assert slots is not None
    lie = Shown(request=99, revision=0, ticks=0, width=640, height=360, ring=slots.ring.number, slot=0, sequence=0, milliseconds=1)
    for wrong in ({"sequence": 12345}, {"slot": 63}, {"width": 4000, "height": 4000}):
        pid = viewer.client.pid
        viewer.client._hear(msgspec.structs.replace(lie, **wrong))
        deadline = time.monotonic() + 10
        while viewer.client.pid in (0, pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert viewer.client.pid not in (0, pid)
        assert viewer.ask(0).pixels == good.pixels


def test_garbage_sent_to_a_server_ends_only_the_server(viewer: Viewer) -> None:
    rng = random.Random(9)
    viewer.ask(0)
    for garbage in (HEADER.pack(0xFFFFFFFF), HEADER.pack(5) + b"\xc1\xc1\xc1\xc1\xc1", HEADER.pack(40) + rng.randbytes(40)):
        worker = viewer.client._link._worker
        assert worker is not None
        os.write(worker._channel._write_fd, garbage)
        deadline = time.monotonic() + 10
        while worker.alive and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not worker.alive
        assert viewer.ask(12).number == 12


def test_frames_are_never_torn_under_load(viewer: Viewer) -> None:
    held = []
    torn = []

    def check(ticks: int, revision: int, width: int, height: int, pixels: memoryview, info: FrameInfo) -> None:
        before = bytes(pixels)
        time.sleep(0.004)
        if bytes(pixels) != before or number_of(pixels, width, height) != ticks // frame_ticks(1):
            torn.append(ticks)
        if info.request % 7 == 0 and not held:
            held.append((info.hold(), before, pixels))
        elif held and info.request % 7 == 5:
            release, kept, view = held.pop()
            if bytes(view) != kept:
                torn.append(-ticks)
            release()

    viewer.client.on_frame(check)
    begun = time.monotonic()
    frame = 0
    while time.monotonic() - begun < 2.5 or (viewer.client.statistics.delivered <= 50 and time.monotonic() - begun < 60):
        viewer.client.request(frame_ticks(frame % 120), *SIZE, step=frame_ticks(1), ahead=8)
        frame += 1
        time.sleep(0.005)
    assert not torn and viewer.client.statistics.delivered > 50


def test_a_larger_picture_gets_a_larger_ring(viewer: Viewer) -> None:
    viewer.ask(3)
    number = viewer.client.request(frame_ticks(4), 1280, 720)
    seen = viewer.answer(number)
    assert seen.size == (1280, 720) and seen.number == 4
    assert viewer.ask(5).size == SIZE


def test_only_so_many_frames_may_be_held(viewer: Viewer) -> None:
    outcomes: list[object] = []

    def hold(ticks: int, revision: int, width: int, height: int, pixels: memoryview, info: FrameInfo) -> None:
        try:
            outcomes.append(info.hold())
        except FrameHeldTooLong as error:
            outcomes.append(error)

    viewer.client.on_frame(hold)
    for frame in range(4):
        viewer.ask(frame)
    time.sleep(0.1)
    assert [isinstance(one, FrameHeldTooLong) for one in outcomes] == [False, False, True, True]
    for one in outcomes[:2]:
        one()  # type: ignore[operator]
        one()  # type: ignore[operator]
    assert viewer.ask(9).number == 9


def test_closing_ends_the_process(footage: Path) -> None:
    viewer = Viewer(*document(footage))
    viewer.ask(0)
    pid = viewer.client.pid
    viewer.client.close()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(f"/proc/{pid}").exists()


def test_restarts_leave_no_descriptors_and_threads_behind(footage: Path) -> None:
    def held() -> tuple[list[str], int]:
        return sorted(str(fd.readlink()) for fd in Path("/proc/self/fd").iterdir() if fd.is_symlink()), threading.active_count()

    gc.collect()
    before = held()
    viewer = Viewer(*document(footage))
    for frame in range(3):
        viewer.ask(frame)
        os.kill(viewer.client.pid, signal.SIGKILL)
    viewer.ask(5)
    viewer.client.close()
    del viewer
    gc.collect()
    deadline = time.monotonic() + 5
    while (len(held()[0]) > len(before[0]) or held()[1] > before[1]) and time.monotonic() < deadline:
        time.sleep(0.05)
        gc.collect()
    assert len(held()[0]) <= len(before[0]) and held()[1] <= before[1], (before, held())


def test_the_client_process_loads_neither_pyav_nor_skia() -> None:
    script = ("import sys, time\nfrom render.playback.client import RenderClient\nfrom render.playback.sound import SoundClient\n"
              "from render.playback.transport import Transport\nclient = RenderClient()\nwhile not client.pid: time.sleep(.01)\n"
              "client.close()\nloaded = {m.partition('.')[0] for m in sys.modules}\n"
              "print(sorted(loaded & {'av', 'skia', 'cv2', 'numpy', 'PySide6', 'miniaudio'}))")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    assert done.stdout.strip() == "[]", done.stderr

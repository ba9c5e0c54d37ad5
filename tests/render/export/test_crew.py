"""Runs shared out to workers: every stretch once, whatever happens to workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from render.export.crew import Crew, Order, Piece
from render.export.errors import Cancelled, OutOfSpace, StretchFailed
from render.pool import TaskCrashed, TaskFailed
from render.tasks.export_segment import claimed

Run = Callable[[Mapping[str, Any], Callable[[dict[str, Any]], None]], dict[str, Any]]


class Threads:
    """A pool of threads; `fault` may raise before a piece is made. Notes who made what."""

    def __init__(self, folder: Path, workers: int = 2, fault: Callable[[int, str], None] = lambda number, name: None) -> None:
        self.folder = folder
        self.fault = fault
        self.made: list[tuple[int, str]] = []
        self.pause = 0.0
        self.late = 0.0
        self.submitted = 0
        self._executor = ThreadPoolExecutor(workers)

    def submit(self, name: str, args: Mapping[str, Any], *, timeout: float | None = None, quiet: float | None = None,
               on_progress: Callable[[dict[str, Any]], None] | None = None, priority: int = 0,
               about: str = "") -> Future[dict[str, Any]]:
        self.submitted += 1
        return self._executor.submit(self._run, args, on_progress or (lambda report: None))

    def _run(self, args: Mapping[str, Any], report: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        for first, _, name in args["pieces"]:
            time.sleep(self.late)
            if claimed(self.folder, name, args["number"]):
                report({"first": first, "frames": 0})
                self.fault(args["number"], name)
                time.sleep(self.pause)
                (self.folder / name).write_text(name)
                self.made.append((args["number"], name))
                report({"first": first, "frames": 10, "finished": True})
        return {}


def order_of(pieces: Sequence[Piece]) -> Order:
    return Order("make", "film", lambda number, left: {"number": number, "pieces": [(p.first, p.count, p.name) for p in left]}, pieces)


def pieces(count: int, start: int = 0) -> list[Piece]:
    return [Piece(f"piece{number}", number * 10, 10) for number in range(start, start + count)]


def timecode(frame: int) -> str:
    return f"00:{frame}"


def test_every_piece_is_made_once(tmp_path: Path) -> None:
    pool = Threads(tmp_path)
    Crew(pool, tmp_path, timecode).work([order_of(pieces(5)), order_of(pieces(5, 5))])
    assert sorted(name for _, name in pool.made) == sorted(piece.name for piece in pieces(10))


def test_a_worker_that_is_done_takes_over_from_the_slowest(tmp_path: Path) -> None:
    pool = Threads(tmp_path)
    pool.pause = 0.03
    Crew(pool, tmp_path, timecode).work([order_of(pieces(1)), order_of(pieces(16, 1))])
    assert sorted(name for _, name in pool.made) == sorted(piece.name for piece in pieces(17)), "a piece was made twice or not at all"
    assert len({number for number, _ in pool.made}) > 2, "nobody helped"


def test_late_work_begins_when_little_is_left_and_is_done_even_where_all_else_is(tmp_path: Path) -> None:
    pool = Threads(tmp_path)
    pool.pause = 0.02
    begun: list[int] = []

    def mix(number: int, left: Sequence[Piece]) -> dict[str, Any]:
        begun.append(len(pool.made))
        return {"number": number, "pieces": []}

    late = Order("make", "sound", mix, late=0.1)
    Crew(pool, tmp_path, timecode).work([late, order_of(pieces(20))])
    assert len(begun) == 1 and begun[0] >= 15
    Crew(pool, tmp_path, timecode).work([Order("make", "sound", late.args, late=0.1)])
    assert len(begun) == 2


def test_late_work_begins_as_soon_as_a_worker_has_nothing_more_to_do(tmp_path: Path) -> None:
    mixing = threading.Event()
    heard: list[bool] = []

    def long_one(number: int, name: str) -> None:
        if name == "piece1":
            heard.append(mixing.wait(10))

    def mix(number: int, left: Sequence[Piece]) -> dict[str, Any]:
        mixing.set()
        return {"number": number, "pieces": []}

    pool = Threads(tmp_path, 3, fault=long_one)
    Crew(pool, tmp_path, timecode).work([Order("make", "sound", mix, late=0.0), order_of(pieces(1)), order_of(pieces(1, 1))])
    assert heard == [True], "the worker that was free waited for the other"


def test_a_run_that_has_not_begun_is_left_to_its_worker(tmp_path: Path) -> None:
    pool = Threads(tmp_path)
    pool.late = 0.2
    sound = Order("make", "sound", lambda number, left: {"number": number, "pieces": []})
    Crew(pool, tmp_path, timecode).work([sound, order_of(pieces(1))])
    assert pool.submitted == 2 and len(pool.made) == 1


def test_a_crashed_worker_s_pieces_are_made_by_another(tmp_path: Path) -> None:
    crashed: list[str] = []

    def crash_once(number: int, name: str) -> None:
        if name == "piece3" and not crashed:
            crashed.append(name)
            raise TaskCrashed("killed")

    pool = Threads(tmp_path, fault=crash_once)
    Crew(pool, tmp_path, timecode).work([order_of(pieces(6))])
    assert sorted(name for _, name in pool.made) == sorted(piece.name for piece in pieces(6))


def test_after_three_tries_the_error_names_the_timecode_and_the_reason(tmp_path: Path) -> None:
    tries: list[int] = []

    def always(number: int, name: str) -> None:
        if name == "piece2":
            tries.append(number)
            raise TaskFailed("the lens is broken")

    pool = Threads(tmp_path, fault=always)
    with pytest.raises(StretchFailed, match=r"from 00:20 to 00:30 could not be made, also not at try 3: the lens is broken"):
        Crew(pool, tmp_path, timecode).work([order_of(pieces(5))])
    assert len(tries) == 3


def test_a_full_disk_ends_it_at_the_first_try(tmp_path: Path) -> None:
    def full(number: int, name: str) -> None:
        raise TaskFailed("no room", "DiskFull")

    with pytest.raises(OutOfSpace):
        Crew(Threads(tmp_path, fault=full), tmp_path, timecode).work([order_of(pieces(5))])


def test_cancelling_ends_it_between_two_ticks(tmp_path: Path) -> None:
    cancel = threading.Event()
    pool = Threads(tmp_path, 1)
    pool.pause = 0.02
    with pytest.raises(Cancelled):
        Crew(pool, tmp_path, timecode, cancel).work([order_of(pieces(50))], cancel.set)
    assert len(pool.made) < 50

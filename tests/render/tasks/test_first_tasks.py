"""Probe, full hash, thumbnails and waveform through real workers. Owns: tests of those tasks. Refuses: the arithmetic behind them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from blake3 import blake3

from editor_core.schema import MediaReference
from editor_core.timing import TICKS_PER_SECOND
from render.media.peaks import Peaks
from render.pool import TaskFailed, TaskPool
from render.tasks.waveform import MOST_ROWS, rows_of
from tests.render.playback.film import click_file, number_of, picture_file


@pytest.fixture(scope="module")
def pool() -> Iterator[TaskPool]:
    with TaskPool(1) as made:
        yield made


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return picture_file(tmp_path_factory.mktemp("film") / "film.mp4", seconds=2)


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return click_file(tmp_path_factory.mktemp("tone") / "tone.wav", seconds=3, hertz=1000)


def _reference(pool: TaskPool, path: Path) -> dict[str, object]:
    return pool.submit("probe", {"path": str(path), "asset_id": "m1"}).result(30)


def test_a_probe_comes_back_as_a_media_reference(pool: TaskPool, film: Path) -> None:
    media = msgspec.convert(_reference(pool, film), MediaReference)
    assert media.id == "m1" and media.video is not None and media.video.shown_size == (640, 360)
    assert media.duration == 2 * TICKS_PER_SECOND


def test_a_text_file_is_refused_in_words(pool: TaskPool, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no film " * 100)
    with pytest.raises(TaskFailed, match=r"notes\.mp4") as failure:
        _reference(pool, tmp_path / "notes.mp4")
    assert failure.value.kind == "MediaUnreadable"


def test_the_full_hash_is_that_of_the_bytes(pool: TaskPool, film: Path) -> None:
    shares: list[dict[str, object]] = []
    result = pool.submit("full_hash", {"path": str(film)}, on_progress=shares.append).result(30)
    assert result == {"full_hash": f"blake3:{blake3(film.read_bytes()).hexdigest()}"}
    assert shares[-1] == {"done": 1.0}


def test_thumbnails_are_small_pictures_of_their_times(pool: TaskPool, film: Path) -> None:
    times = [0, TICKS_PER_SECOND // 2, TICKS_PER_SECOND]
    args = {"path": str(film), "times": times, "height": 144, "reference": _reference(pool, film)}
    pictures = pool.submit("thumbnails", args).result(30)["pictures"]
    assert [(p["ticks"], p["width"], p["height"]) for p in pictures] == [(ticks, 256, 144) for ticks in times]
    assert [number_of(memoryview(p["pixels"]), 256, 144) for p in pictures] == [0, 15, 30]


def test_too_many_or_too_large_thumbnails_are_refused(pool: TaskPool, film: Path) -> None:
    for args in ({"times": [0] * 201, "height": 36}, {"times": [0], "height": 2000}):
        with pytest.raises(TaskFailed, match="can be made at once"):
            pool.submit("thumbnails", {"path": str(film), **args}).result(30)


def test_a_waveform_has_the_levels_of_the_sound(pool: TaskPool, tone: Path) -> None:
    result = pool.submit("waveform", {"path": str(tone)}).result(30)
    rows = np.frombuffer(result["rows"], np.float32).reshape(-1, 3)
    assert result["ticks_per_row"] * len(rows) == 3 * TICKS_PER_SECOND
    assert np.allclose(rows, [-0.25, 0.25, 0.25 / math.sqrt(2)], atol=0.004)


def test_a_waveform_is_kept_by_content_and_made_again_when_damaged(pool: TaskPool, tone: Path, tmp_path: Path) -> None:
    args = {"path": str(tone), "folder": str(tmp_path / "waves"), "reference": _reference(pool, tone)}
    first = pool.submit("waveform", args).result(30)
    (kept,) = (tmp_path / "waves").iterdir()
    reports: list[object] = []
    assert pool.submit("waveform", args, on_progress=reports.append).result(30) == first and not reports
    for damage in (b"", b"\xff" * 40, kept.read_bytes()[:-7]):
        kept.write_bytes(damage)
        assert pool.submit("waveform", args).result(30) == first
    assert len(list((tmp_path / "waves").iterdir())) == 1


def test_a_waveform_that_cannot_be_kept_is_still_given(pool: TaskPool, tone: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert pool.submit("waveform", {"path": str(tone), "folder": str(tmp_path / "file" / "waves")}).result(30)["rows"]


def test_sound_that_begins_late_has_silence_before_it() -> None:
    level = np.full((200, 2, 3), 16384, np.int16)
    step, raw = rows_of(Peaks(TICKS_PER_SECOND // 2, 200, (level,)))
    rows = np.frombuffer(raw, np.float32).reshape(-1, 3)
    assert step == TICKS_PER_SECOND // 200 and len(rows) == 300 and not rows[:100].any() and rows[100:].all()


def test_very_long_waveforms_have_coarser_rows_with_the_same_extremes() -> None:
    level = np.zeros((MOST_ROWS * 2 + 1, 2, 3), np.int16)
    level[-1] = [-32767, 32767, 32767]
    step, raw = rows_of(Peaks(0, 200, (level,)))
    rows = np.frombuffer(raw, np.float32).reshape(-1, 3)
    assert len(rows) <= MOST_ROWS and step == 4 * TICKS_PER_SECOND // 200
    assert rows[-1].tolist() == [-1.0, 1.0, 1.0] and not rows[:-1].any()


def test_a_file_without_sound_has_no_waveform(pool: TaskPool, film: Path) -> None:
    with pytest.raises(TaskFailed) as failure:
        pool.submit("waveform", {"path": str(film)}).result(30)
    assert failure.value.kind == "NoSound"

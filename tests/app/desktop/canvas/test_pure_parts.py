"""Scale, rows, ruler steps, timecode entry and levels, without widgets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desktop.canvas.levels import gain_at, gain_y, opacity_at, opacity_y
from app.desktop.canvas.metrics import Metrics
from app.desktop.canvas.rows import Rows
from app.desktop.canvas.ruler import ruler_steps
from app.desktop.canvas.time_scale import TimeScale
from app.desktop.canvas.timecode_entry import read_entry, spoken
from app.desktop.canvas.waves import wave_image
from app.desktop.widgets.numbers import short_time
from editor_core.document import Document
from editor_core.timing import TICKS_PER_SECOND, Rate, TimingError
from tests.app.desktop.canvas.benches import make_bench
from tests.app.desktop.canvas.hands import FRAME, S, cut_film

RATE = Rate(25)


@given(st.floats(0.002, 2000), st.integers(0, 10**7), st.integers(0, 3600 * S))
def test_many_times_fall_on_the_same_pixels_as_one_by_one(zoom: float, scroll: int, ticks: int) -> None:
    scale = TimeScale(zoom, scroll)
    assert scale.xs(np.array([ticks], np.int64))[0] == scale.x(ticks)


@given(st.floats(0.01, 2000), st.floats(0, 1500), st.floats(0.1, 10))
def test_zooming_keeps_the_time_under_the_pointer(zoom: float, x: float, factor: float) -> None:
    scale = TimeScale(zoom, 5000)
    before = (x + scale.scroll) / scale.per_tick
    scale.zoom(zoom * factor, x, 5000)
    if scale.scroll:
        assert abs((x + scale.scroll) / scale.per_tick - before) <= 1.0 / scale.per_tick


@pytest.mark.parametrize(("text", "ticks"), [
    ("12", 12 * FRAME), ("1:05", S + 5 * FRAME), ("10500", 65 * S), ("1.", S), ("105.", 65 * S), ("+12", 3 * S + 12 * FRAME),
    ("-1:00", 2 * S), ("-99:00", 0), ("5.2s", round(5.2 * S)), ("150f", 6 * S), ("1:02:03:04", ((3600 + 120 + 3) * 25 + 4) * FRAME),
    ("01020304", ((3600 + 120 + 3) * 25 + 4) * FRAME), ("+0.5s", 3 * S + S // 2),
])
def test_typed_times_are_read_from_the_right(text: str, ticks: int) -> None:
    assert read_entry(text, 3 * S, RATE) == ticks


@pytest.mark.parametrize("text", ["", "abc", "+", "1:2:3:4:5", "--3", "1:x", "٣"])
def test_what_is_no_time_is_refused_by_name(text: str) -> None:
    with pytest.raises(TimingError):
        read_entry(text, 0, RATE)


def test_times_are_spoken_and_short() -> None:
    assert spoken(84 * S + 8 * FRAME, RATE) == "1 minute 24 seconds 8 frames"
    assert short_time(8 * S + 5 * FRAME, RATE) == "8:05"
    assert short_time(3668 * S, RATE) == "1:01:08:00"


@given(st.floats(0.002, 1600), st.sampled_from([Rate(24), Rate(25), Rate(30000, 1001), Rate(60)]))
def test_ruler_labels_have_room_and_small_ticks_divide_them(zoom: float, rate: Rate) -> None:
    per_tick = zoom / TICKS_PER_SECOND
    big, small = ruler_steps(per_tick, rate, 100)
    assert big % small == 0
    assert big % rate.ticks_per_frame == 0
    assert small % rate.ticks_per_frame == 0
    if big * per_tick < 100:
        assert big >= 86400 * rate.nominal * rate.ticks_per_frame


def test_rows_stand_as_in_the_window_and_find_clips_by_bisection() -> None:
    document = Document(cut_film())
    rows = Rows()
    rows.rebuild(document.snapshot)
    assert [row.label for row in rows] == ["V2", "V1", "A1", "A2"]
    row = rows.of("k2")
    assert row is not None
    assert row.at(7 * S).id == "b"  # type: ignore[union-attr]
    assert row.at(12 * S) is None
    assert row.between(6 * S, 16 * S) == (1, 3)
    assert row.between(10 * S, 15 * S) == (2, 2)
    assert rows.at_y(row.top) is row


@given(st.integers(0, 20 * S), st.integers(1, 20 * S))
def test_what_lies_between_is_what_a_slow_look_finds(start: int, length: int) -> None:
    rows = Rows()
    document = Document(cut_film())
    rows.rebuild(document.snapshot)
    for row in rows:
        first, last = row.between(start, start + length)
        assert [c.id for c in row.clips[first:last]] == [c.id for c in row.clips if c.start < start + length and c.end > start]


def test_heights_follow_the_scale_of_the_window() -> None:
    rows = Rows()
    document = Document(cut_film())
    rows.m = Metrics.at(2.0)
    rows.heights = {"k2": 60}
    rows.rebuild(document.snapshot)
    assert rows.of("k2").height == 120  # type: ignore[union-attr]
    assert rows.of("v2").height == 108  # type: ignore[union-attr]


@given(st.floats(-50, 24), st.integers(18, 300))
def test_a_level_line_reads_back_what_it_shows(gain: float, height: int) -> None:
    step = 84 / height * 1.5
    assert abs(gain_at(gain_y(gain, 10, height), 10, height) - gain) <= step


def test_levels_are_held_to_what_records_take() -> None:
    assert gain_at(-50, 0, 40) == 24.0
    assert gain_at(500, 0, 40) == -96.0
    assert opacity_at(-5, 0, 40) == 1.0
    assert opacity_at(90, 0, 40) == 0.0
    assert opacity_at(opacity_y(0.5, 0, 101), 0, 101) == 0.5


def test_a_wave_is_as_high_as_its_peaks_and_scales_with_gain(qapp: object) -> None:
    from PySide6.QtGui import QColor

    peaks = np.zeros((10, 3), np.float32)
    peaks[5] = (-1, 1, 0.2)
    image = wave_image(peaks, 40, 1.0, QColor("#4C9F88"), QColor("#7CC4B0"))
    columns = [sum(image.pixelColor(x, y).alpha() > 0 for y in range(40)) for x in range(10)]
    assert columns[5] == 40
    assert max(columns[:5]) <= 2
    softer = wave_image(peaks, 40, 0.1, QColor("#4C9F88"), QColor("#7CC4B0"))
    assert 4 < sum(softer.pixelColor(5, y).alpha() > 0 for y in range(40)) < 14


def test_rows_that_take_over_a_few_changes_are_those_made_anew(qapp: object, tmp_path: Path) -> None:
    bench = make_bench(tmp_path, cut_film())
    rows = Rows()
    rows.rebuild(bench.snapshot)
    spans: list[object] = []
    bench.document.subscribe(lambda change, before, after: spans.append(rows.apply(before, after)))
    for command, args in (("clip.trim", {"clip": "a", "edge": "tail", "to": 4 * S}), ("clip.move", {"clips": ["e"], "to": 40 * S}),
                          ("clip.set", {"clip": "d", "property": "enabled", "value": False}), ("clip.lift", {"clips": ["c", "sc"]}),
                          ("edit.undo", {}), ("clip.split", {"at": 8 * S, "clips": ["b", "sb"]})):
        assert bench.run(command, args) is not None
        anew = Rows()
        anew.rebuild(bench.snapshot)
        for row, other in zip(rows, anew, strict=True):
            assert row.ready and row.clips == other.clips
            assert (row.start_array == other.start_array).all() and (row.end_array == other.end_array).all()
            assert (row.looks == other.looks).all()
        assert bench.snapshot.end() == max(c.end for t in bench.snapshot.tracks() for c in bench.snapshot.clips_on(t.id))
    assert None not in spans and len(spans) == 6

"""Indexing rows: only what differs is read, and never much of it in one turn of the event loop."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app.desktop.canvas import lane_layer
from app.desktop.canvas.lane_layer import AT_A_TIME, LaneLayer
from app.desktop.canvas.rows import AT_ONCE, SLICE, Rows
from app.desktop.canvas.state import TimelineState
from app.desktop.canvas.timeline import TimelinePanel
from editor_core.document import Snapshot
from editor_core.document.new_project import new_records
from editor_core.schema import Clip, Record, Track, Transition, replace
from editor_core.timing import MAX_TICKS, TimeRange
from editor_core.timing import TICKS_PER_SECOND as S
from tests.app.desktop.canvas.benches import make_bench

TRACKS, EACH = 4, 1500


def film(each: int = EACH) -> list[Record]:
    counter = iter(range(10))
    records: list[Record] = list(new_records(lambda prefix: f"{prefix}{next(counter)}"))
    timeline = next(one.timeline for one in records if isinstance(one, Track))
    for number in range(TRACKS):
        records.append(Track(id=f"w{number}", timeline=timeline, kind="video", order=f"W{number}"))
        records += [Clip(id=f"c{number}-{n}", track=f"w{number}", kind="title", start=n * 2 * S, source_range=TimeRange(0, S), text="x")
                    for n in range(each)]
    return records


def indexed(view: Snapshot) -> Rows:
    rows = Rows()
    rows.rebuild(view)
    while not rows.ready:
        rows.step()
    return rows


def reads(rows: Rows) -> int:
    return sum(row.columns.reads for row in rows)


def same_as_anew(rows: Rows, view: Snapshot) -> bool:
    return all((a == b).all() for row, other in zip(rows, indexed(view), strict=True)
               for a, b in zip(row.columns.all(), other.columns.all(), strict=True)) and all(
                   row.clips == view.clips_on(row.track.id) for row in rows)


def changed(view: Snapshot, *records: Record) -> Snapshot:
    return view.changed({record.id: record for record in records})


def test_of_a_change_of_few_clips_only_those_are_read() -> None:
    view = Snapshot.of(film())
    rows = indexed(view)
    before = reads(rows)
    assert before == TRACKS * EACH
    trimmed = changed(view, replace(view.get(Clip, "c1-7"), source_range=TimeRange(0, S // 2)))
    assert rows.apply(view, trimmed) == {"w1": (14 * S, 15 * S)}
    assert reads(rows) == before + 1 and same_as_anew(rows, trimmed)
    more = Clip(id="new", track="w2", kind="title", start=9 * S, source_range=TimeRange(0, S), text="y")
    put_in = changed(trimmed, more)
    assert rows.apply(trimmed, put_in) == {"w2": (9 * S, 10 * S)}
    assert reads(rows) == before + 2 and same_as_anew(rows, put_in)
    gone = changed(put_in, replace(view.get(Clip, "c3-0"), deleted=True))
    assert rows.apply(put_in, gone) == {"w3": (0, S)}
    assert reads(rows) == before + 2 and same_as_anew(rows, gone), "what went needs no reading"


def test_rows_that_are_placed_anew_read_no_clip_again() -> None:
    view = Snapshot.of(film())
    rows = indexed(view)
    before = reads(rows)
    locked = changed(view, replace(view.get(Track, "w1"), locked=True))
    assert rows.apply(view, locked) is None
    rows.rebuild(locked)
    rows.heights = {"w1": 200}
    rows.rebuild(locked)
    assert rows.ready and reads(rows) == before
    assert rows.of("w1").track.locked and rows.of("w1").height == 200  # type: ignore[union-attr]


def test_a_change_of_thousands_is_read_in_slices_and_what_is_asked_meanwhile_is_of_the_new_clips() -> None:
    view = Snapshot.of(film())
    rows = indexed(view)
    before = reads(rows)
    some = changed(view, *(replace(view.get(Clip, f"c{number}-{n}"), name="new") for number in range(TRACKS) for n in range(200)))
    assert rows.apply(view, some) is not None and reads(rows) == before + 2 * 200, "no more at once in all rows together than in one"
    while not rows.ready:
        rows.step()
    rows.apply(some, view)
    while not rows.ready:
        rows.step()
    before = reads(rows)
    pushed = changed(view, *(replace(clip, start=clip.start + 10 * S) for clip in view.of_kind(Clip)))
    assert rows.apply(view, pushed) == {}
    assert not rows.ready and reads(rows) == before
    row = rows.of("w1")
    assert row is not None
    assert row.at(4 * S) is None and row.at(10 * S).id == "c1-0"  # type: ignore[union-attr]
    assert row.between(10 * S, 14 * S) == (0, 2)
    assert row.part(0, 2)[0].tolist() == [10 * S, 12 * S]
    before, told = reads(rows), {}
    while not rows.ready:
        last = reads(rows)
        told |= rows.step()
        assert reads(rows) - last <= SLICE < 3000, "a few milliseconds at most"
    assert told.keys() == {"w0", "w1", "w2", "w3"} and {end for _, end in told.values()} == {MAX_TICKS}
    assert reads(rows) == before + TRACKS * EACH and same_as_anew(rows, pushed)


def test_a_change_that_comes_while_another_is_read_leaves_rows_as_if_made_anew() -> None:
    view = Snapshot.of(film())
    rows = indexed(view)
    first = changed(view, *(replace(clip, start=clip.start + S) for clip in view.of_kind(Clip)))
    rows.apply(view, first)
    rows.step()
    second = changed(first, *(replace(first.get(Clip, f"c2-{n}"), deleted=True) for n in range(0, EACH, 2)))
    rows.apply(first, second)
    rows.step(most=700)
    third = changed(second, replace(second.get(Clip, "c0-3"), enabled=False))
    rows.apply(second, third)
    while not rows.ready:
        rows.step()
    assert same_as_anew(rows, third)
    back = rows.apply(third, view)
    assert back is not None
    rows.step(most=100)
    again = rows.apply(view, third)  # what was not read of it yet is as it was
    assert again is not None and rows.of("w0").ready and "w0" in again  # type: ignore[union-attr]
    while not rows.ready:
        rows.step()
    assert same_as_anew(rows, third)


def test_rows_that_are_seen_are_read_first() -> None:
    view = Snapshot.of(film())
    rows = indexed(view)
    rows.apply(view, changed(view, *(replace(clip, name="new") for clip in view.of_kind(Clip))))
    last = rows.of("w0")
    assert last is not None and last is rows.rows[3] and not last.ready
    rows.step((last.top, last.bottom), EACH)
    assert last.ready and sum(row.ready for row in rows if row.clips) == 1


def test_a_transition_that_comes_or_goes_is_painted_where_it_was_and_is() -> None:
    view = Snapshot.of([replace(one, start=one.start // 2) if isinstance(one, Clip) else one for one in film(20)])
    rows = indexed(view)
    joined = changed(view, Transition(id="x", track="w1", kind="dissolve", from_clip="c1-3", to_clip="c1-4", duration=S // 2))
    assert rows.apply(view, joined) == {"w1": (4 * S - S // 2, 4 * S + S // 2)}
    assert len(rows.of("w1").transitions) == 1  # type: ignore[union-attr]
    assert rows.apply(joined, view) == {"w1": (4 * S - S // 2, 4 * S + S // 2)}
    assert rows.of("w1").transitions == ()  # type: ignore[union-attr]


def turns_of(panel: TimelinePanel, qapp) -> list[int]:
    """Clips read in each turn of the event loop until all rows are indexed."""
    rows = panel.state.rows
    found = [reads(rows)]
    note = panel.state._slices.timeout.connect(lambda: found.append(reads(rows)))
    while not rows.ready:
        qapp.processEvents()
    panel.state._slices.timeout.disconnect(note)
    return [after - before for before, after in itertools.pairwise(found)]


@pytest.fixture
def panel(qapp, tmp_path: Path) -> TimelinePanel:
    panel = TimelinePanel(make_bench(tmp_path, film()))
    panel.resize(1000, 500)
    panel.show()
    turns_of(panel, qapp)
    yield panel
    panel.close()
    panel.deleteLater()


def colours(panel: TimelinePanel) -> set[int]:
    """What is on the first video row of the lanes."""
    row = panel.state.rows.of("w1")
    shown: QImage = panel.lanes.grab().toImage()
    y = row.clip_top + row.clip_height // 2 - panel.state.scroll_y
    return {shown.pixel(x, y) for x in range(9, 200)}


def test_after_a_change_of_all_clips_no_turn_reads_more_than_a_slice_and_the_picture_is_that_of_the_new_clips(panel, qapp) -> None:
    state: TimelineState = panel.state
    state.fit()
    qapp.processEvents()
    there = colours(panel)
    document, done = panel.bench.document, []
    state.indexed.connect(lambda: done.append(1))
    ids = [clip.id for clip in document.snapshot.of_kind(Clip)]
    panel.bench.run("clip.lift", {"clips": ids})
    row = state.rows.of("w1")
    assert panel.state.clip_at(20, row.top + 10 - state.scroll_y) is None, "nothing that is gone can be taken hold of"
    turns_of(panel, qapp)
    bare = colours(panel)
    assert len(bare) == 1 and not bare & there
    panel.bench.run("edit.undo")
    assert panel.state.clip_at(panel.state.scale.x(S // 2), row.top + 10 - state.scroll_y) is not None
    slices = turns_of(panel, qapp)
    assert len(slices) >= TRACKS * EACH / SLICE and max(slices) <= SLICE + TRACKS * AT_ONCE
    assert done and colours(panel) == there


def test_the_strip_of_the_whole_film_keeps_its_picture_until_all_is_indexed(panel, qapp) -> None:
    strip = panel.minimap
    strip.grab()
    old = strip._picture
    document = panel.bench.document
    panel.bench.run("clip.lift", {"clips": [clip.id for clip in document.snapshot.of_kind(Clip)][::2]})
    strip._anew()
    assert not panel.state.rows.ready
    strip.grab()
    assert strip._picture is old
    turns_of(panel, qapp)
    strip.grab()
    assert strip._picture is not old


def test_zooming_in_does_not_draw_the_whole_film_again(panel, qapp) -> None:
    panel.minimap.grab()
    old = panel.minimap._picture
    panel.state.zoom_by(1.5)
    panel.minimap.grab()
    assert panel.minimap._picture is old
    panel.state.show_stretch(0, 4 * panel.state.end)
    panel.minimap.grab()
    assert panel.minimap._picture is not old, "beyond its end the film takes less of the width"


def test_no_paint_takes_more_than_so_many_rows_and_the_rest_follows(qapp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = film(20)
    timeline = next(one.timeline for one in records if isinstance(one, Track))
    for number in range(20):
        records.append(Track(id=f"x{number}", timeline=timeline, kind="video", order=f"X{number:02d}"))
        records.append(Clip(id=f"cx{number}", track=f"x{number}", kind="title", start=0, source_range=TimeRange(0, 40 * S), text="x"))
    panel = TimelinePanel(make_bench(tmp_path, records))
    panel.state.all_heights(22)
    panel.resize(900, 900)
    panel.show()
    painted: list[int] = []
    paint, paint_row = LaneLayer.paint, LaneLayer._paint_row

    def counted(layer: LaneLayer):
        painted.append(0)
        return paint(layer)

    def row(layer: LaneLayer, *given) -> None:
        painted[-1] += 1
        paint_row(layer, *given)

    monkeypatch.setattr(LaneLayer, "paint", counted)
    monkeypatch.setattr(LaneLayer, "_paint_row", row)
    panel.lanes.repaint_all()
    for _ in range(30):
        qapp.processEvents()
    assert max(painted) <= AT_A_TIME and sum(painted) >= len(panel.state.rows)
    assert panel.lanes._layer.late.isEmpty()
    done = panel.lanes.grab().toImage()
    monkeypatch.setattr(lane_layer, "AT_A_TIME", 100)
    panel.lanes.repaint_all()
    assert panel.lanes.grab().toImage() == done, "the same as all at once"
    panel.close()
    panel.deleteLater()

"""Rings around thousands of selected clips."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRect

from app.desktop.bridge.selection import Selection
from app.desktop.canvas.chosen import FEW, MOST, Chosen
from app.desktop.canvas.lane_layer import clip_box
from app.desktop.canvas.overlay import OverlayPainter
from app.desktop.canvas.timeline import TimelinePanel
from editor_core.document import Snapshot
from editor_core.schema import Clip, replace
from tests.app.desktop.canvas.benches import make_bench
from tests.app.desktop.canvas.test_row_slices import EACH, TRACKS, S, film, turns_of


@pytest.fixture
def panel(qapp, tmp_path: Path) -> TimelinePanel:
    panel = TimelinePanel(make_bench(tmp_path, film()))
    panel.resize(1000, 500)
    panel.show()
    turns_of(panel, qapp)
    yield panel
    panel.close()
    panel.deleteLater()


def chosen_of(panel: TimelinePanel, ids: list[str]) -> Chosen:
    chosen = Chosen(panel.state)
    chosen.set(tuple(ids), frozenset(ids))
    return chosen


def test_of_many_selected_clips_only_those_in_view_are_looked_at(panel: TimelinePanel) -> None:
    state = panel.state
    state.show_stretch(100 * S, 140 * S)
    ids = [clip.id for clip in panel.bench.snapshot.of_kind(Clip)]
    clips, boxes = chosen_of(panel, ids).seen(0, state.width)
    assert boxes == [] and 4 * 20 <= len(clips) <= 4 * 22
    slow = {c.id for row in state.rows for c in row.clips if c.end > 100 * S and c.start < 140 * S}
    assert slow <= {clip.id for clip in clips}
    some = chosen_of(panel, ids[::2]).seen(0, state.width)[0]
    assert {clip.id for clip in some} == {clip.id for clip in clips} & set(ids[::2])
    left = chosen_of(panel, ids).seen(0, state.width, {clips[0].id})[0]
    assert {clip.id for clip in left} == {clip.id for clip in clips[1:]}
    few = chosen_of(panel, ids[-FEW:]).seen(0, state.width)
    assert few == ([], [])


def test_where_more_are_seen_than_can_have_rings_they_have_frames_that_join_where_they_touch(panel: TimelinePanel) -> None:
    state = panel.state
    state.fit()
    view = panel.bench.snapshot
    ids = [clip.id for clip in view.of_kind(Clip)]
    clips, boxes = chosen_of(panel, ids).seen(0, state.width)
    assert clips == [] and len(boxes) == TRACKS, "at half a pixel each they are one stretch a row"
    state.show_stretch(0, 240 * S)
    hidden = {f"c{number}-3" for number in range(TRACKS)}
    clips, boxes = chosen_of(panel, ids).seen(0, state.width, hidden)
    assert clips == [] and len(boxes) > MOST
    row = state.rows.of("w1")
    want = {n: clip_box(state, row, view.get(Clip, f"c1-{n}")) for n in (0, 3, 50)}
    mine = [box for box in boxes if box.top() == want[0].top()]
    assert [want[n] in mine for n in (0, 3, 50)] == [True, False, True]


def test_the_length_of_a_large_selection_is_that_of_its_clips_and_waits_for_the_rows(panel: TimelinePanel, qapp) -> None:
    ids = [f"c{number}-{n}" for number in (1, 3) for n in range(100, 900)]
    chosen = chosen_of(panel, ids)
    assert chosen.span() == (200 * S, 1799 * S) and chosen_of(panel, ["gone"] * 2).span() is None
    panel.bench.selection.set(ids)
    while panel.tool_row._soon.isActive():
        qapp.processEvents()
    assert panel.tool_row.length.text().startswith("1600 selected · ")
    before = panel.tool_row.length.text()
    panel.bench.run("clip.move", {"clips": [clip.id for clip in panel.bench.snapshot.of_kind(Clip)], "by": 10 * S})
    assert not panel.state.rows.ready
    panel.tool_row.tell()
    assert panel.tool_row.length.text() == before and panel.tool_row._soon.isActive()
    turns_of(panel, qapp)


def test_selecting_everything_draws_no_ring_one_by_one(panel: TimelinePanel, monkeypatch: pytest.MonkeyPatch, qapp) -> None:
    drawn: list[int] = []
    monkeypatch.setattr(OverlayPainter, "rings", lambda self, painter, clips: drawn.append(len(clips)))
    framed: list[list[QRect]] = []
    monkeypatch.setattr(OverlayPainter, "frames", lambda self, painter, boxes: framed.append(boxes))
    panel.state.fit()
    panel.bench.selection.set([clip.id for clip in panel.bench.snapshot.of_kind(Clip)])
    panel.lanes.grab()
    assert drawn == [] and framed and all(len(boxes) <= TRACKS * EACH for boxes in framed)


def test_a_selection_is_pruned_once_for_each_state_of_the_film(monkeypatch: pytest.MonkeyPatch) -> None:
    view, told = Snapshot.of(film(700)), []
    selection = Selection()
    selection.changed.connect(lambda: told.append(1))
    ids = [clip.id for clip in view.of_kind(Clip)]
    selection.set(ids)
    assert selection.among == set(ids) and selection.among is selection.among
    gone = view.changed({"c1-0": replace(view.get(Clip, "c1-0"), deleted=True)})
    selection.prune(gone)
    assert selection.clips == tuple(i for i in ids if i != "c1-0") and told == [1, 1]
    selection.prune(gone)
    selection.set(ids)
    selection.prune(gone)
    assert "c1-0" not in selection.clips, "what was selected anew is looked at anew"

"""The inspector with thousands of clips selected."""

from __future__ import annotations

import itertools

import pytest

from app.desktop.panels.inspector.chosen import STEP, Chosen
from app.desktop.panels.inspector.clip_sections import ClipSection
from editor_core.document import ChangeSet, Create
from editor_core.schema import Clip, new_id
from editor_core.timing import TimeRange
from tests.app.desktop.desk import Desk, S

pytestmark = pytest.mark.still


def titles(desk: Desk, count: int) -> list[str]:
    """Clips of all sorts, straight into the document."""
    document, door = desk.bench.document, desk.bench.door
    track = desk.bench.snapshot.tracks("video")[0].id
    made = [Clip(id=new_id("c"), track=track, kind="title", start=n * S, source_range=TimeRange(0, S), text="x", opacity=0.5)
            for n in range(count)]
    document.apply(ChangeSet(stamp=door.next_stamp(), actor=door.actor.id, command="x", label="x", time=0,
                             operations=tuple(Create(one) for one in made)))
    return [one.id for one in made]


def test_thousands_of_clips_are_read_over_several_turns_and_nothing_of_before_can_be_changed_meanwhile(desk: Desk, monkeypatch) -> None:
    desk.new()
    ids = titles(desk, STEP * 2 + 1)
    inspector = desk.panel("inspector")
    desk.bench.selection.set(ids[:1])
    desk.wait(lambda: inspector.chosen.ids == {ids[0]} and inspector._steps is None)
    transform = inspector.sections[2]
    shown: list[str] = []
    showing = ClipSection.showing

    def watched(self, chosen):
        for _ in showing(self, chosen):
            shown.append(self.__class__.__name__)
            yield

    monkeypatch.setattr(ClipSection, "showing", watched)
    desk.bench.selection.set(ids)
    desk.wait(lambda: inspector._steps is not None)
    assert inspector._name.text() == f"{len(ids)} clips"
    assert all(section.clips == [] and section.isHidden() for section in inspector.sections), "nothing to change by mistake"
    marks = [(0, 0)]
    inspector._turns.timeout.connect(lambda: marks.append((len(inspector.chosen.clips), len(shown))))
    desk.wait(lambda: inspector._steps is None)
    turns = [now[0] - before[0] for before, now in itertools.pairwise(marks)]
    assert max(turns[1:]) <= STEP and max(now[1] - before[1] for before, now in itertools.pairwise(marks[1:])) <= 1
    assert len(inspector.chosen.clips) == len(ids) and len(turns) > 10
    assert len(transform.clips) == len(ids) and not transform.isHidden()
    assert inspector._name.text() == f"{len(ids)} selected"
    desk.bench.run("clip.set", {"clip": ids[3], "property": "opacity", "value": 0.25})
    desk.wait(lambda: inspector._steps is not None)
    desk.bench.selection.set(ids[3:4])
    desk.wait(lambda: inspector.chosen.ids == {ids[3]} and inspector._steps is None)
    assert [clip.opacity for clip in transform.clips] == [0.25]


def test_an_inspector_that_nobody_sees_is_brought_up_to_date_when_it_is_shown(desk: Desk) -> None:
    desk.new()
    ids = titles(desk, 3)
    inspector = desk.panel("inspector")
    desk.bench.selection.set(ids[:1])
    desk.wait(lambda: inspector.chosen.ids == {ids[0]})
    desk.page.toggle_panel("inspector")
    desk.bench.selection.set(ids[1:])
    desk.settle()
    assert inspector.chosen.ids == {ids[0]}
    desk.page.toggle_panel("inspector")
    desk.wait(lambda: inspector.chosen.ids == set(ids[1:]))


def test_gathering_step_by_step_finds_what_all_at_once_finds(desk: Desk) -> None:
    desk.new()
    asset = desk.asset("lake.mp4", 60)
    for n in range(3):
        desk.bench.run("clip.append", {"asset": asset, "source_start": n * S, "source_duration": S})
    desk.bench.run("title.add", {"text": "A", "at": 0, "duration": S})
    desk.bench.run("solid.add", {"color": "#FF0000", "at": 0, "duration": S})
    desk.bench.selection.set([clip.id for clip in desk.bench.snapshot.of_kind(Clip) if not clip.is_sound])
    one = Chosen(desk.bench)
    assert (len(one.pictures), len(one.sounds), len(one.titles), len(one.solids)) == (5, 3, 1, 1)
    assert len(one.ids) == 8

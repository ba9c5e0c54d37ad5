"""The document: applying changes, all or nothing."""

from __future__ import annotations

import pytest

from editor_core.document import CREATED, NOBODY, ChangeSet, Create, Document, DocumentError, Put, Shift, Snapshot, Stamp, StampRow
from editor_core.document.new_project import new_records
from editor_core.schema import Clip, Marker, MediaReference, Project, Record, SchemaError, Track
from editor_core.timing import Rate, TimeRange, TimingError


def clip(number: int, track: str = "k2", start: int = 0, link: str = "") -> Clip:
    return Clip(id=f"c{number}", track=track, kind="video", start=start, source_range=TimeRange(0, 10), link=link)


def change(counter: int, *operations: object) -> ChangeSet:
    stamp = Stamp(5, counter)
    return ChangeSet(stamp=stamp, actor="ana", command="x", label="Try", time=0, operations=operations)  # type: ignore[arg-type]


@pytest.fixture
def document() -> Document:
    counter = iter(range(1, 100))
    records = new_records(lambda prefix: f"{prefix}{next(counter)}")
    return Document([*records, clip(1, link="l"), clip(2, start=10), clip(3, "k3", link="l")])


def test_what_kinds_a_change_left_alone_is_told_at_a_glance(document: Document) -> None:
    before = document.snapshot
    after = document.apply(change(1, Put("c1", "name", "", "One", NOBODY)))
    assert after.shares(before, MediaReference, Marker, Track, Project)
    assert not after.shares(before, Clip)
    assert not after.shares(before, Track, Clip)
    gone = document.apply(change(2, Put("k3", "deleted", False, True, NOBODY)))
    assert not gone.shares(after, Track)


def test_a_new_project_has_one_track_of_each_kind_and_even_sizes() -> None:
    records = new_records(name="Film", width=1922, height=1080, rate=Rate(60000, 2002), audio_rate=44100)
    view = Snapshot.of(records)
    assert [view.track_label(t) for t in view.tracks()] == ["V1", "A1"]
    line = view.timeline
    assert (view.project.name, line.width, line.rate, line.audio_rate) == ("Film", 1922, Rate(30000, 1001), 44100)
    with pytest.raises(TimingError):
        new_records(rate=Rate(31, 3))
    with pytest.raises(SchemaError, match=r"1921 is odd"):
        new_records(width=1921)


def test_a_change_makes_a_new_snapshot_and_leaves_the_old_one(document: Document) -> None:
    before = document.snapshot
    after = document.apply(change(1, Create(clip(9, start=50)), Put("c1", "opacity", 1.0, 0.5, NOBODY)))
    assert after is document.snapshot
    assert (before.revision, after.revision) == (0, 1)
    assert before.find(Clip, "c9") is None
    assert before.get(Clip, "c1").opacity == 1.0
    assert after.get(Clip, "c1").opacity == 0.5
    assert [c.id for c in after.clips_on("k2")] == ["c1", "c2", "c9"]


@pytest.mark.parametrize("operation", [
    Create(clip(1)), Put("c7", "opacity", 1.0, 0.5, NOBODY), Put("c1", "opacity", 1.0, 7, NOBODY), Put("c1", "speed", 1, 2, NOBODY),
    Shift(("c1", "k2"), 5, StampRow.of([NOBODY] * 2)), Shift(("c1",), -5, StampRow.of([NOBODY])), Shift(("c7",), 5, StampRow.of([NOBODY])),
])
def test_a_change_that_does_not_fit_changes_nothing(document: Document, operation: object) -> None:
    before, heard = document.snapshot, []
    document.subscribe(lambda *event: heard.append(event))
    with pytest.raises((DocumentError, SchemaError)):
        document.apply(change(1, Put("c2", "name", "", "new", NOBODY), operation))
    assert document.snapshot is before
    assert heard == []
    assert document.stamp_of("c2", "name") == (NOBODY, NOBODY)


def test_stamps_say_who_wrote_a_value_last(document: Document) -> None:
    document.apply(change(1, Create(clip(9, start=50))))
    assert document.stamp_of("c9", "opacity") == (Stamp(5, 1), Stamp(5, 1))
    document.apply(change(2, Put("c9", "opacity", 1.0, 0.5, Stamp(5, 1))))
    document.apply(change(3, Shift(("c2", "c9"), 5, StampRow.of([NOBODY, Stamp(5, 1)]))))
    assert document.stamp_of("c9", "opacity") == (Stamp(5, 2), Stamp(5, 2))
    assert document.stamp_of("c9", "start")[0] == document.stamp_of("c2", "start")[0] == Stamp(5, 3)
    assert document.stamp_of("c9", "name")[0] == document.stamps["c9"][CREATED][0] == Stamp(5, 1)
    assert document.stamp_of("nothing", "name") == (NOBODY, NOBODY)


def test_listeners_hear_the_change_with_both_snapshots_until_they_leave(document: Document) -> None:
    heard: list[tuple[int, int]] = []
    leave = document.subscribe(lambda change, before, after: heard.append((before.revision, after.revision)))
    document.apply(change(1, Put("c2", "name", "", "new", NOBODY)))
    leave()
    document.apply(change(2, Put("c2", "name", "new", "newer", NOBODY)))
    assert heard == [(0, 1)]


def test_a_recorder_that_fails_leaves_everything_as_it_was(document: Document) -> None:
    def refuse(*event: object) -> None:
        raise OSError("disk full")

    before = document.snapshot
    document.recorder = refuse
    with pytest.raises(OSError, match=r"disk full"):
        document.apply(change(1, Put("c2", "name", "", "new", NOBODY), Create(clip(9, start=50))))
    assert document.snapshot is before
    assert document.stamp_of("c2", "name") == (NOBODY, NOBODY)
    document.recorder = None
    assert document.apply(change(1, Put("c2", "name", "", "new", NOBODY))).get(Clip, "c2").name == "new"


def test_what_is_indexed_step_by_step_is_what_indexing_afresh_finds(document: Document) -> None:
    document.apply(change(1, Create(clip(9, "k3", 50, "l")), Put("c1", "track", "k2", "k3", NOBODY), Put("c1", "start", 0, 80, NOBODY)))
    document.apply(change(2, Put("c3", "deleted", False, True, NOBODY), Put("c2", "link", "", "l", NOBODY)))
    document.apply(change(3, Shift(("c1", "c9"), 5, StampRow.of([NOBODY] * 2)), Put("c1", "link", "l", "", NOBODY)))
    document.apply(change(4, Put("c3", "deleted", True, False, NOBODY)))
    fresh = Snapshot.of(document.snapshot.records.values())
    for track in ("k2", "k3"):
        assert document.snapshot.clips_on(track) == fresh.clips_on(track)
    for kind in {type(r) for r in fresh.records.values()}:
        assert _by_id(document.snapshot.of_kind(kind)) == _by_id(fresh.of_kind(kind))
    for one in fresh.of_kind(Clip):
        assert {c.id for c in document.snapshot.linked(one)} == {c.id for c in fresh.linked(one)}


def _by_id(records: list[Record]) -> dict[str, Record]:
    return {record.id: record for record in records}

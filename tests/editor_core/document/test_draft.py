"""Drafts: writing before anything is decided."""

from __future__ import annotations

import pytest

from editor_core.document import Create, Document, DocumentError, Draft, Put, Shift, Snapshot, Stamp, StampRow, UnknownRecord
from editor_core.document.new_project import new_records
from editor_core.schema import Clip, Marker, SchemaError, Timeline, Track
from editor_core.timing import MAX_TICKS, TimeRange


def clip(number: int, track: str, start: int, length: int = 10, link: str = "") -> Clip:
    return Clip(id=f"c{number}", track=track, kind="video", start=start, source_range=TimeRange(0, length), link=link)


@pytest.fixture
def base() -> Snapshot:
    counter = iter(range(100))
    records = new_records(lambda prefix: f"{prefix}{next(counter)}")
    return Snapshot.of([*records, clip(1, "k1", 0, link="l"), clip(2, "k1", 10), clip(3, "k2", 0, link="l"), clip(4, "k1", 20)])


def test_reads_see_the_drafts_own_writes_and_the_base_does_not(base: Snapshot) -> None:
    draft = Draft(base)
    draft.put(base.get(Clip, "c2"), start=40, name="later")
    assert [c.id for c in draft.clips_on("k1")] == ["c1", "c4", "c2"]
    assert draft.get(Clip, "c2").name == "later"
    assert [c.id for c in base.clips_on("k1")] == ["c1", "c2", "c4"]
    assert draft.touched == {"c2"}


def test_moving_to_another_track_leaves_the_first(base: Snapshot) -> None:
    draft = Draft(base)
    draft.put(base.get(Clip, "c1"), track="k2", start=30)
    assert [c.id for c in draft.clips_on("k1")] == ["c2", "c4"]
    assert [c.id for c in draft.clips_on("k2")] == ["c3", "c1"]


def test_deleted_clips_are_gone_from_lanes_links_and_kinds(base: Snapshot) -> None:
    draft = Draft(base)
    draft.delete(base.get(Clip, "c3"))
    assert draft.clips_on("k2") == ()
    assert draft.linked(base.get(Clip, "c1")) == [base.get(Clip, "c1")]
    assert {c.id for c in draft.of_kind(Clip)} == {"c1", "c2", "c4"}
    assert draft.find(Clip, "c3") is None
    with pytest.raises(UnknownRecord, match=r"no clip 'c3'"):
        draft.get(Clip, "c3")


def test_links_follow_what_the_draft_writes(base: Snapshot) -> None:
    draft = Draft(base)
    joined = draft.put(base.get(Clip, "c2"), link="l")
    assert {c.id for c in draft.linked(joined)} == {"c1", "c2", "c3"}
    draft.put(base.get(Clip, "c3"), link="")
    assert {c.id for c in draft.linked(joined)} == {"c1", "c2"}
    moved = draft.put(joined, start=100)
    assert {c.id for c in draft.linked(moved)} == {"c1", "c2"}


def test_a_value_put_back_is_no_change(base: Snapshot) -> None:
    draft = Draft(base)
    draft.put(draft.put(base.get(Clip, "c2"), start=40), start=10)
    assert draft.operations(Document()) == ()


def test_what_is_made_and_removed_in_one_draft_leaves_nothing(base: Snapshot) -> None:
    draft = Draft(base)
    draft.delete(draft.create(clip(9, "k1", 50)))
    assert draft.operations(Document()) == ()


def test_a_record_made_and_changed_is_one_creation(base: Snapshot) -> None:
    draft = Draft(base)
    draft.put(draft.create(clip(9, "k1", 50)), opacity=0.5)
    (made,) = draft.operations(Document())
    assert isinstance(made, Create)
    assert made.record == Clip(id="c9", track="k1", kind="video", start=50, source_range=TimeRange(0, 10), opacity=0.5)


def test_a_shift_of_many_is_one_operation_with_their_stamps(base: Snapshot) -> None:
    draft = Draft(base)
    draft.shift([base.get(Clip, "c2"), base.get(Clip, "c4")], 7)
    draft.put(draft.get(Clip, "c2"), opacity=0.5)
    shift, put = draft.operations(Document(stamps={name: {"*": (Stamp(1, 2), Stamp(1, 2))} for name in ("c2", "c4")}))
    assert shift == Shift(("c2", "c4"), 7, StampRow.of([Stamp(1, 2)] * 2))
    assert put == Put("c2", "opacity", 1.0, 0.5, Stamp(1, 2))
    assert draft.only_shifted({"c2", "c4"}) == ({"c4"}, {"k1"})


def test_a_clip_that_a_merge_left_at_the_edge_is_placed_and_not_carried_along(base: Snapshot) -> None:
    draft = Draft(base)
    draft.shift([base.get(Clip, "c2"), base.get(Clip, "c4")], 7)
    shift, put = draft.operations(Document(), {"c4"})
    assert isinstance(shift, Shift)
    assert shift.clips == ("c2",)
    assert isinstance(put, Put)
    assert (put.id, put.field, put.after - put.before) == ("c4", "start", 7)


def test_two_shifts_of_one_clip_add_up(base: Snapshot) -> None:
    draft = Draft(base)
    draft.shift([base.get(Clip, "c2"), base.get(Clip, "c4")], 7)
    draft.shift([draft.get(Clip, "c4")], 3)
    found = draft.operations(Document())
    assert {(op.clips, op.delta) for op in found if isinstance(op, Shift)} == {(("c2",), 7), (("c4",), 10)}


@pytest.mark.parametrize("delta", [-11, MAX_TICKS])
def test_a_shift_off_the_timeline_is_refused(base: Snapshot, delta: int) -> None:
    with pytest.raises(SchemaError, match=r"timeline|147 days"):
        Draft(base).shift([base.get(Clip, "c2")], delta)


def test_bad_values_and_taken_ids_are_refused(base: Snapshot) -> None:
    draft = Draft(base)
    with pytest.raises(SchemaError, match=r"opacity"):
        draft.put(base.get(Clip, "c1"), opacity=2)
    with pytest.raises(DocumentError, match=r"already a record"):
        draft.create(clip(1, "k1", 90))
    with pytest.raises(UnknownRecord):
        draft.put(clip(99, "k1", 0), opacity=1)
    assert draft.touched == set()


def test_operations_can_be_performed_on_another_draft(base: Snapshot) -> None:
    first = Draft(base)
    first.create(clip(9, "k2", 50))
    first.shift([base.get(Clip, "c2"), base.get(Clip, "c4")], 7)
    first.delete(base.get(Clip, "c1"))
    second = Draft(base)
    for operation in first.operations(Document()):
        second.perform(operation)
    assert {r.id: r for i in second.touched if (r := second.record(i))} == {r.id: r for i in first.touched if (r := first.record(i))}
    assert second.clips_on("k1") == first.clips_on("k1")


def test_fresh_ids_are_told_once(base: Snapshot) -> None:
    draft = Draft(base)
    draft.put(base.get(Clip, "c1"), opacity=0.5)
    assert draft.take_fresh() == {"c1"}
    draft.create(Marker(id="n1", timeline="t0", start=0))
    assert draft.take_fresh() == {"n1"}
    assert draft.wrote("c1", "opacity")
    assert not draft.wrote("c1", "start")
    assert draft.wrote("n1", "start")


def test_lookups_of_lanes_are_by_time(base: Snapshot) -> None:
    assert [c.id for c in base.clips_between("k1", 10, 20)] == ["c2"]
    assert [c.id for c in base.clips_between("k1", 9, 21)] == ["c1", "c2", "c4"]
    assert base.clips_between("k1", 30, 99) == []
    assert [c.id for c in base.clips_from("k1", 10)] == ["c2", "c4"]
    assert base.clip_at("k1", 9) == base.get(Clip, "c1")
    assert base.clip_at("k1", 30) is None
    assert base.end() == 30


def test_tracks_are_labelled_by_kind_and_place(base: Snapshot) -> None:
    draft = Draft(base)
    draft.create(Track(id="k9", timeline=base.timeline.id, kind="video", order="k"))
    draft.create(Track(id="k8", timeline=base.timeline.id, kind="caption", order="V"))
    assert [draft.track_label(t) for t in draft.tracks()] == ["V1", "V2", "A1", "C1"]
    assert draft.get(Timeline, base.timeline.id) is base.timeline


def test_what_a_draft_makes_and_brings_back_is_found_by_kind_in_the_order_it_came(base: Snapshot) -> None:
    gone = Draft(base)
    gone.delete(base.get(Clip, "c2"))
    draft = Draft(base.changed({"c2": gone._written["c2"]}))
    draft.create(clip(9, "k1", 90))
    back = draft.record("c2")
    assert isinstance(back, Clip)
    draft.put(back, deleted=False)
    draft.put(draft.get(Clip, "c9"), name="again")
    draft.put(draft.get(Clip, "c2"), name="back")
    assert [(c.id, c.name) for c in draft.of_kind(Clip)] == [("c1", ""), ("c3", ""), ("c4", ""), ("c9", "again"), ("c2", "back")]

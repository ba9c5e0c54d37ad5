"""What is drawn when merged records do not fit together."""

from __future__ import annotations

import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from editor_core.document import Snapshot, integrity
from editor_core.document.new_project import new_records
from editor_core.schema import Clip, ClipKind, MediaReference, Record, Track, Transition
from editor_core.timeline.effective import effective
from editor_core.timing import Rate, TimeRange

F = Rate(25).ticks_per_frame


def clip(name: str, start: int, length: int = 50, *, track: str = "k2", kind: ClipKind = "video", source: int = 100, asset: str = "m",
         fade_in: int = 0, fade_out: int = 0) -> Clip:
    return Clip(id=name, track=track, kind=kind, start=start * F, source_range=TimeRange(source * F, length * F), asset=asset, name=name,
                fade_in=fade_in * F, fade_out=fade_out * F)


def project(*records: Record) -> Snapshot:
    counter = iter(range(1, 100))
    lake = MediaReference(id="m", name="lake.mp4", hash="h", duration=1000 * F)
    return Snapshot.of([*new_records(lambda prefix: f"{prefix}{next(counter)}"), lake, *records])


def dissolve(name: str, first: str, second: str, frames: int = 10) -> Transition:
    return Transition(id=name, track="k2", from_clip=first, to_clip=second, duration=frames * F)


def lane(view: Snapshot, track: str = "k2") -> list[tuple[str, int, int]]:
    return [(c.id, c.start // F, c.end // F) for c in view.clips_on(track)]


def test_a_timeline_that_fits_is_drawn_as_it_is() -> None:
    view = project(clip("a", 0), clip("b", 50), dissolve("x", "a", "b"))
    assert effective(view) == (view, ())


def test_of_two_clips_on_one_place_the_later_one_covers_the_other() -> None:
    drawn, attention = effective(project(clip("a", 0), clip("b", 30), clip("c", 100)))
    assert lane(drawn) == [("a", 0, 30), ("b", 30, 80), ("c", 100, 150)]
    (note,) = attention
    assert (note.kind, note.records, note.at, note.message) == ("overlap", ("a", "b"), 30 * F, "b lies over a on V1")


def test_each_two_clips_in_one_place_are_told_also_when_a_shorter_one_began_between_them() -> None:
    drawn, attention = effective(project(clip("a", 0, 100), clip("b", 10, 10), clip("c", 50, 10), clip("d", 55, 100), clip("e", 120)))
    assert [note.records for note in attention] == [("a", "b"), ("a", "c"), ("a", "d"), ("c", "d"), ("d", "e")]
    assert lane(drawn) == [("a", 0, 10), ("b", 10, 20), ("c", 50, 55), ("d", 55, 120), ("e", 120, 170)]


def test_thousands_of_clips_in_one_place_do_not_make_millions_of_notes() -> None:
    drawn, attention = effective(project(*(clip(f"c{n:04}", n) for n in range(1000))))
    assert len(lane(drawn)) == 1000 and len(attention) < 16 * 1000


def test_of_two_that_start_together_the_greater_id_is_seen() -> None:
    drawn, attention = effective(project(clip("a", 0, 80), clip("b", 0, 20)))
    assert lane(drawn) == [("b", 0, 20)]
    assert len(attention) == 1


def test_clips_of_a_removed_track_and_on_the_wrong_kind_wait_for_a_decision() -> None:
    gone = msgspec.structs.replace(Track(id="k9", timeline="t1", kind="video", order="W"), deleted=True)
    drawn, attention = effective(project(gone, clip("a", 0, track="k9"), clip("b", 10, track="k3"), clip("c", 0)))
    assert lane(drawn) == [("c", 0, 50)]
    assert lane(drawn, "k3") == []
    assert [(n.kind, n.message) for n in attention] == [
        ("orphan", "a lies on a track that was removed"), ("orphan", "b (video) cannot lie on an audio track")]


def test_clips_that_cannot_be_shown_are_left_out() -> None:
    drawn, attention = effective(project(clip("a", 0, 0), clip("b", 10, source=-5), clip("c", 100)))
    assert lane(drawn) == [("c", 100, 150)]
    assert {n.message for n in attention} == {"a has no length", "b starts before its media does"}


def test_clips_whose_media_was_removed_are_drawn_as_slates_and_told() -> None:
    drawn, attention = effective(project(clip("a", 0, asset="gone")))
    assert lane(drawn) == [("a", 0, 50)]
    assert [(n.kind, n.records) for n in attention] == [("media", ("a",))]


def test_fades_of_two_people_that_are_too_long_together_are_shortened() -> None:
    drawn, attention = effective(project(clip("a", 0, fade_in=30, fade_out=40)))
    shown = drawn.get(Clip, "a")
    assert (shown.fade_in, shown.fade_out) == (30 * F, 20 * F)
    assert [n.kind for n in attention] == ["fades"]


def test_transitions_that_lost_their_cut_are_left_out_and_of_two_one_stays() -> None:
    drawn, attention = effective(project(clip("a", 0), clip("b", 50), clip("c", 120), dissolve("x2", "a", "b", 20),
                                         dissolve("x1", "a", "b"), dissolve("x3", "b", "c")))
    assert [t.id for t in drawn.of_kind(Transition)] == ["x1"]
    assert {n.records[0] for n in attention} == {"x2", "x3"}


def test_a_transition_over_a_clip_that_was_cut_short_gets_shorter() -> None:
    drawn, attention = effective(project(clip("a", 0), clip("b", 50), clip("c", 54), dissolve("x", "a", "b", 20)))
    assert lane(drawn) == [("a", 0, 50), ("b", 50, 54), ("c", 54, 104)]
    assert drawn.get(Transition, "x").duration == 8 * F
    assert {n.kind for n in attention} == {"overlap", "transition"}


def test_a_transition_lies_where_its_clips_lie_also_when_they_were_moved_by_somebody_else() -> None:
    elsewhere = Track(id="k8", timeline="t1", kind="video", order="W")
    drawn, attention = effective(project(elsewhere, clip("a", 0, track="k8"), clip("b", 50, track="k8"), dissolve("x", "a", "b")))
    assert drawn.get(Transition, "x") == msgspec.structs.replace(dissolve("x", "a", "b"), track="k8")
    assert attention == ()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 60), st.sampled_from(["k2", "k3", "k9"]), st.sampled_from(["m", "gone"]),
                          st.integers(0, 40), st.integers(0, 40)), max_size=12),
       st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(1, 60)), max_size=5), st.randoms())
def test_whatever_a_merge_brings_can_be_drawn_and_is_the_same_everywhere(
        clips: list[tuple[int, int, str, str, int, int]], joins: list[tuple[int, int, int]], order: random.Random) -> None:
    records: list[Record] = [clip(f"c{i:02}", start, length, track=track, kind="audio" if track == "k3" else "video", asset=asset,
                                  fade_in=fade_in, fade_out=fade_out)
                             for i, (start, length, track, asset, fade_in, fade_out) in enumerate(clips)]
    records += [dissolve(f"x{i}", f"c{a:02}", f"c{b:02}", frames) for i, (a, b, frames) in enumerate(joins)]
    view = project(*records)
    drawn, attention = effective(view)
    assert {breach.rule for breach in integrity.breaches(drawn)} <= {"orphan"}
    for one in drawn.of_kind(Clip):
        assert one.fade_in + one.fade_out <= one.duration
        assert drawn.find(Track, one.track) is not None
    shuffled = list(view.records.values())
    order.shuffle(shuffled)
    again, notes = effective(Snapshot.of(shuffled))
    assert notes == attention
    assert {i: r for i, r in again.records.items() if not r.deleted} == {i: r for i, r in drawn.records.items() if not r.deleted}
    for track in drawn.tracks():
        assert again.clips_on(track.id) == drawn.clips_on(track.id)
    told = {i for note in attention for i in note.records}
    for record in view.records.values():
        shown = drawn.record(record.id)
        if isinstance(record, Transition) and isinstance(shown, Transition):
            shown = msgspec.structs.replace(shown, track=record.track)
        if isinstance(record, (Clip, Transition)) and shown != record:
            assert record.id in told

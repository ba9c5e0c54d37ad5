"""What must hold after every edit."""

from __future__ import annotations

import pytest

from editor_core.document import Draft, IntegrityError, Snapshot, integrity
from editor_core.document.new_project import new_records
from editor_core.schema import Clip, ClipKind, MediaReference, Record, Timeline, Track, Transition
from editor_core.timing import TimeRange


def clip(number: int, start: int, *, track: str = "k2", kind: ClipKind = "title", source: int = 0, length: int = 10,
         asset: str = "") -> Clip:
    return Clip(id=f"c{number}", track=track, kind=kind, start=start, source_range=TimeRange(source, length), asset=asset)


def project(*records: Record) -> Snapshot:
    counter = iter(range(1, 100))
    return Snapshot.of([*new_records(lambda prefix: f"{prefix}{next(counter)}"), *records])


def rules(view: Snapshot) -> list[str]:
    return [breach.rule for breach in integrity.breaches(view)]


def test_a_sound_document_has_no_breach() -> None:
    view = project(MediaReference(id="m", name="a", hash="h", duration=100), clip(1, 0), clip(2, 10),
                   clip(3, 20, kind="video", asset="m"), Transition(id="x", track="k2", from_clip="c1", to_clip="c2", duration=4))
    assert rules(view) == []


@pytest.mark.parametrize(("broken", "rule", "words"), [
    ([clip(1, 0), clip(2, 9)], "overlap", "c1 and c2 would overlap"),
    ([clip(1, 0, track="gone")], "orphan", "a track that is not there"),
    ([clip(1, 0, track="k3")], "kind", "cannot lie on an audio track"),
    ([clip(1, 0, length=0)], "empty", "no length"),
    ([clip(1, 0, kind="video", asset="gone")], "orphan", "media that is not in the project"),
    ([clip(1, 0), clip(2, 11), Transition(id="x", track="k2", from_clip="c1", to_clip="c2", duration=4)], "transition", "do not touch"),
    ([Track(id="k9", timeline="gone", kind="video", order="V")], "orphan", "no timeline"),
])
def test_each_rule_is_named_with_the_things_concerned(broken: list[Record], rule: str, words: str) -> None:
    (breach,) = integrity.breaches(project(*broken))
    assert breach.rule == rule
    assert words in breach.message


def test_crops_that_leave_nothing_and_sources_before_the_media_are_breaches() -> None:
    from editor_core.schema import replace

    asset = MediaReference(id="m", name="a", hash="h", duration=100)
    view = project(asset, clip(1, 0, kind="video", source=-1, asset="m"), replace(clip(2, 20), crop=[0.5, 0, 0.5, 0]))
    assert sorted(rules(view)) == ["crop", "source"]


@pytest.mark.parametrize("gone", ["k2", "m", "t1"])
def test_what_others_stand_on_cannot_go(gone: str) -> None:
    view = project(MediaReference(id="m", name="a", hash="h", duration=100), clip(1, 0, kind="video", asset="m"))
    name = gone if gone != "t1" else view.timeline.id
    draft = Draft(view)
    record = draft.record(name)
    assert isinstance(record, (Track, MediaReference, Timeline))
    draft.delete(record)
    with pytest.raises(IntegrityError, match=r"still"):
        integrity.check(draft, draft.touched)


def test_removing_a_clip_from_under_a_transition_is_a_breach() -> None:
    draft = Draft(project(clip(1, 0), clip(2, 10), Transition(id="x", track="k2", from_clip="c1", to_clip="c2", duration=4)))
    draft.delete(draft.get(Clip, "c2"))
    with pytest.raises(IntegrityError, match=r"do not touch"):
        integrity.check(draft, draft.touched)


def test_what_a_merge_left_broken_does_not_stand_in_the_way_of_other_edits() -> None:
    draft = Draft(project(clip(1, 0), clip(2, 5), clip(3, 40)))
    draft.put(draft.get(Clip, "c3"), start=50)
    integrity.check(draft, draft.touched, draft.base)
    with pytest.raises(IntegrityError):
        integrity.check(draft, draft.touched)
    draft.put(draft.get(Clip, "c3"), start=12)
    with pytest.raises(IntegrityError, match=r"c2 and c3"):
        integrity.check(draft, draft.touched, draft.base)


def test_an_overlap_from_a_merge_can_be_put_right() -> None:
    draft = Draft(project(clip(1, 0), clip(2, 5), clip(3, 7)))
    draft.put(draft.get(Clip, "c3"), start=30)
    integrity.check(draft, draft.touched, draft.base)

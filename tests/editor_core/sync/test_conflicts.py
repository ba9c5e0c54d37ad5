"""Conflicts against an oracle, and what single ones mean.

Owns: a share of `tests.fuzz.conflicts` in every run. Refuses: files (see the end-to-end tests).
"""

from __future__ import annotations

import pytest

from editor_core.schema import Clip
from editor_core.sync.conflicts import Conflict, conflicts
from tests.editor_core.sync.test_convergence import SECOND, both, exchange, push
from tests.fuzz.conflicts import Simulation
from tests.fuzz.decisions import Story
from tests.support.peers import Peer


def found(peer: Peer) -> list[Conflict]:
    return conflicts(peer.merger.story(), peer.document.snapshot)


def test_conflicts_are_those_of_an_oracle_that_keeps_whole_sets_of_what_was_known() -> None:
    compared = 0
    for seed in range(1, 121):
        one = Simulation(seed)
        one.play()
        assert (one.wrong, one.missed) == (0, 0), f"seed {seed}"
        compared += one.found
    assert compared > 300


def test_different_fields_never_conflict_and_equal_values_need_no_decision() -> None:
    ann, ben, (a,) = both(("a", 0, 2))
    ann.door.execute("clip.set", {"clip": a, "property": "opacity", "value": 0.5})
    ben.door.execute("clip.set", {"clip": a, "property": "opacity", "value": 0.5})
    ben.door.execute("clip.set", {"clip": a, "property": "rotation", "value": 5})
    exchange(ann, ben)
    assert found(ann) == found(ben) == []
    ann.door.execute("clip.set", {"clip": a, "property": "opacity", "value": 0.1})
    exchange(ann, ben)
    assert found(ben) == [], "who wrote over the one saw the other, too"


def test_a_ripple_and_a_move_do_not_compete_but_two_moves_do() -> None:
    ann, ben, (_, b) = both(("a", 0, 2), ("b", 4, 2))
    push(ann, 2 * SECOND, 3)
    ben.door.execute("clip.move", {"clips": [b], "to": 20 * SECOND})
    exchange(ann, ben)
    assert found(ann) == []
    ann.door.execute("clip.move", {"clips": [b], "to": 30 * SECOND})
    ben.door.execute("clip.move", {"clips": [b], "to": 40 * SECOND})
    exchange(ann, ben)
    (one,) = found(ann)
    assert (one.record, one.field) == (b, "start") and {side.value for side in one.sides} == {30 * SECOND, 40 * SECOND}
    (shown,) = [side.value for side in one.sides if side.shown]
    assert ann.document.snapshot.get(Clip, b).start == shown


def test_an_ordinary_edit_leaves_the_conflict_listed_and_a_decision_ends_it_for_all() -> None:
    ann, ben, (a,) = both(("a", 0, 2))
    ann.door.execute("clip.set", {"clip": a, "property": "opacity", "value": 0.5})
    ben.door.execute("clip.set", {"clip": a, "property": "opacity", "value": 0.25})
    exchange(ann, ben)
    assert len(found(ann)) == len(found(ben)) == 1
    ann.door.execute("clip.set", {"clip": a, "property": "opacity", "value": 0.75})
    assert len(found(ann)) == 1, "the value that was not shown still waits"
    (one,) = found(ann)
    ann.door.execute("conflict.decide", {"decisions": [
        {"record": a, "field": "opacity", "value": 0.25, "replaces": [str(stamp) for stamp in one.stamps]}]})
    exchange(ann, ben)
    assert found(ann) == found(ben) == []
    assert ben.document.snapshot.get(Clip, a).opacity == 0.25
    ann.door.execute("edit.undo")
    exchange(ann, ben)
    assert len(found(ann)) == len(found(ben)) == 1


def test_deleting_what_another_changed_is_a_conflict_and_both_sides_are_in_it() -> None:
    ann, ben, (a, b) = both(("a", 0, 2), ("b", 4, 2))
    ann.door.execute("clip.lift", {"clips": [a]})
    ben.door.execute("clip.set", {"clip": a, "property": "opacity", "value": 0.25})
    ben.door.execute("clip.lift", {"clips": [b]})
    exchange(ann, ben)
    (one,) = found(ben)
    assert (one.kind, one.record, one.fields) == ("deleted", a, ("opacity",))
    assert [side.actor for side in one.sides] == ["ann", "ben"]


def decide(peer: Peer, one: Conflict, gone: bool) -> None:
    """As the command line decides a conflict about something deleted."""
    peer.door.execute("conflict.decide", {"decisions": [
        {"record": one.record, "field": "deleted", "value": gone, "replaces": [str(one.stamps[0])]}]})


def test_undoing_a_decision_about_something_deleted_lists_the_conflict_again_and_redo_ends_it_again() -> None:
    for gone in (True, False):
        ann, ben, (a,) = both(("a", 0, 2))
        ann.door.execute("clip.lift", {"clips": [a]})
        ben.door.execute("clip.set", {"clip": a, "property": "opacity", "value": 0.25})
        exchange(ann, ben)
        (one,) = found(ben)
        decide(ben, one, gone)
        exchange(ann, ben)
        assert found(ann) == found(ben) == []
        for _ in range(2):
            ben.door.execute("edit.undo")
            exchange(ann, ben)
            assert found(ann) == found(ben) and ann.document.snapshot.record(a).deleted
            (again,) = found(ann)
            assert (again.kind, again.record, again.fields) == ("deleted", a, ("opacity",))
            assert [side.actor for side in again.sides] == ["ann", "ben"], "it is ann who deleted it, whoever undid what"
            ben.door.execute("edit.redo")
            exchange(ann, ben)
            assert found(ann) == found(ben) == [] and ben.document.snapshot.record(a).deleted is gone
        ben.door.execute("edit.undo")
        exchange(ann, ben)
        decide(ann, found(ann)[0], not gone)
        exchange(ann, ben)
        assert found(ann) == found(ben) == [] and ben.document.snapshot.record(a).deleted is not gone, "it can be decided otherwise"


def test_undo_of_a_restoring_that_nobody_competed_with_makes_no_conflict() -> None:
    ann, ben, (a,) = both(("a", 0, 2))
    ben.door.execute("clip.set", {"clip": a, "property": "opacity", "value": 0.25})
    exchange(ann, ben)
    ann.door.execute("clip.lift", {"clips": [a]})
    ann.door.execute("conflict.decide", {"decisions": [{"record": a, "field": "deleted", "value": False, "replaces": []}]})
    ann.door.execute("edit.undo")
    exchange(ann, ben)
    assert ben.document.snapshot.record(a).deleted and found(ann) == found(ben) == []


def test_a_decision_about_another_field_leaves_open_whether_the_clip_is_removed_and_undo_brings_back_both() -> None:
    ann, ben, (clip,) = both(("a", 0, 2))
    cleo = Peer("cleo", 303, ann.start)
    exchange(ann, cleo)
    for peer, name in ((ann, "x"), (ben, "y")):
        peer.door.execute("clip.set", {"clip": clip, "property": "name", "value": name})
    ann.door.execute("clip.lift", {"clips": [clip]})
    exchange(ann, ben, cleo)
    before = conflicts(cleo.merger.story(), cleo.document.snapshot)
    assert [one.id for one in before] == [f"{clip}.name", f"{clip}.deleted"]
    cleo.door.execute("conflict.decide", {"decisions": [
        {"record": clip, "field": "name", "value": "x", "replaces": [str(stamp) for stamp in before[0].stamps]}]})
    assert [one.id for one in conflicts(cleo.merger.story(), cleo.document.snapshot)] == [f"{clip}.deleted"]
    cleo.door.execute("edit.undo", {})
    assert [one.id for one in conflicts(cleo.merger.story(), cleo.document.snapshot)] == [one.id for one in before]


def test_what_an_undo_removed_is_open_again_when_the_decision_about_it_is_undone() -> None:
    ann, ben, _ = both(("a", 0, 2))
    clip = ann.door.execute("title.add", {"text": "new", "at": 9 * SECOND, "duration": SECOND}).result["clip"]
    exchange(ann, ben)
    ann.door.execute("edit.undo", {})
    ben.door.execute("clip.set", {"clip": clip, "property": "name", "value": "y"})
    exchange(ann, ben)
    (one,) = conflicts(ann.merger.story(), ann.document.snapshot)
    ann.door.execute("conflict.decide", {"decisions": [
        {"record": clip, "field": "deleted", "value": True, "replaces": [str(one.stamps[0])]}]})
    assert conflicts(ann.merger.story(), ann.document.snapshot) == []
    ann.door.execute("edit.undo", {})
    assert [again.id for again in conflicts(ann.merger.story(), ann.document.snapshot)] == [one.id]


@pytest.mark.parametrize("seed", [31, 321, 414])
def test_what_an_undone_decision_had_decided_is_open_again_and_nothing_else(seed: int) -> None:
    story = Story(seed)
    story.play()
    assert story.decided

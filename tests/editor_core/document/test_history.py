"""Undo and redo: per actor, per gesture, never over another's later value."""

from __future__ import annotations

import pytest

from editor_core.commands.registry import CommandError
from editor_core.document import History, Snapshot
from editor_core.schema import Clip, Marker, Record
from tests.support.cutting import ANA, BEN, Film


def live(view: Snapshot) -> dict[str, Record]:
    """Live records, but for the ripples' own."""
    return {i: r for i, r in view.records.items() if not r.deleted}


@pytest.fixture
def film() -> Film:
    made = Film()
    lake = made.shot()
    made.append(lake)
    made.append(lake, 100, 50)
    return made


def test_undo_takes_back_a_gesture_and_redo_does_it_again(film: Film) -> None:
    clip = film.ids("V1")[0]
    before = live(film.view)
    film.run("clip.trim", clip=clip, edge="tail", to="80f", ripple=True)
    after = live(film.view)
    assert film.run("edit.undo") == {"label": "Ripple trim lake.mp4, −20 f", "kept": 0}
    assert live(film.view) == before
    assert film.label() == "Undo Ripple trim lake.mp4, −20 f"
    film.run("edit.redo")
    assert live(film.view) == after
    film.run("edit.undo")
    assert live(film.view) == before


def test_commands_of_one_gesture_are_undone_together(film: Film) -> None:
    clip = film.ids("V1")[0]
    for value in (0.9, 0.7, 0.5):
        film.run("clip.set", clip=clip, property="opacity", value=value, gesture="drag-1")
    film.run("clip.set", clip=clip, property="rotation", value=5, gesture="drag-2")
    film.run("edit.undo")
    assert (film.clip(clip).opacity, film.clip(clip).rotation) == (0.5, 0)
    film.run("edit.undo")
    assert film.clip(clip).opacity == 1.0
    film.run("edit.redo")
    assert film.clip(clip).opacity == 0.5


def test_everyone_undoes_their_own(film: Film) -> None:
    first, second = film.ids("V1")
    film.run("clip.set", clip=first, property="opacity", value=0.5, actor=ANA)
    film.run("clip.set", clip=second, property="opacity", value=0.7, actor=BEN)
    film.run("edit.undo", actor=ANA)
    assert (film.clip(first).opacity, film.clip(second).opacity) == (1.0, 0.7)
    film.run("edit.undo", actor=BEN)
    assert film.clip(second).opacity == 1.0
    with pytest.raises(CommandError, match=r"nothing to undo"):
        film.run("edit.undo", actor=BEN)


def test_undo_never_touches_a_value_that_another_has_written_since(film: Film) -> None:
    clip = film.ids("V1")[0]
    film.run("clip.set", clip=clip, properties={"opacity": 0.5, "rotation": 10}, actor=ANA)
    film.run("clip.set", clip=clip, property="opacity", value=0.7, actor=BEN)
    assert film.run("edit.undo", actor=ANA)["kept"] == 1
    assert (film.clip(clip).opacity, film.clip(clip).rotation) == (0.7, 0)


def test_undo_says_so_when_others_have_changed_all_of_it(film: Film) -> None:
    clip = film.ids("V1")[0]
    film.run("clip.set", clip=clip, property="opacity", value=0.5, actor=ANA)
    film.run("clip.set", clip=clip, property="opacity", value=0.7, actor=BEN)
    with pytest.raises(CommandError, match=r"others have changed the same things since"):
        film.run("edit.undo", actor=ANA)
    film.run("edit.undo", actor=BEN)
    assert film.clip(clip).opacity == 0.5
    film.run("edit.undo", actor=ANA)
    assert film.clip(clip).opacity == 1.0


def test_undo_that_would_break_what_others_built_is_refused_with_the_reason(film: Film) -> None:
    track = film.run("track.add", kind="video", actor=ANA)["track"]
    film.run("title.add", text="Ben's", at=0, duration="1s", track=track, actor=BEN)
    with pytest.raises(CommandError, match=r"Cannot undo “Add track V2”, because others have built on it: Ben's still lies on track"):
        film.run("edit.undo", actor=ANA)
    assert film.labels() == ["V1", "V2", "A1"]


def test_undo_of_a_move_into_a_place_that_was_filled_is_refused(film: Film) -> None:
    clip = film.ids("V1")[1]
    film.run("clip.move", clips=[clip], to="40s", actor=ANA)
    film.run("solid.add", color="#000000", at="100f", duration="20f", track="V1", actor=BEN)
    with pytest.raises(CommandError, match=r"Cannot undo .* others have built on it: .* would overlap"):
        film.run("edit.undo", actor=ANA)


def test_a_new_edit_forgets_what_could_be_redone(film: Film) -> None:
    clip = film.ids("V1")[0]
    film.run("clip.set", clip=clip, property="opacity", value=0.5)
    film.run("edit.undo")
    film.run("clip.set", clip=clip, property="opacity", value=0.6)
    with pytest.raises(CommandError, match=r"nothing to redo"):
        film.run("edit.redo")


def test_undo_works_on_after_the_history_was_loaded_again(film: Film) -> None:
    clip = film.ids("V1")[0]
    film.run("clip.set", clip=clip, property="opacity", value=0.5)
    film.run("clip.set", clip=clip, property="rotation", value=5)
    film.run("edit.undo")
    film.door.history = History(lambda stamp: film.changes[stamp], film.door.history.entries)
    assert film.door.history.can_redo("ana")
    film.run("edit.undo")
    assert film.clip(clip).opacity == 1.0
    film.run("edit.redo")
    film.run("edit.redo")
    assert (film.clip(clip).opacity, film.clip(clip).rotation) == (0.5, 5)


def test_history_says_what_is_next(film: Film) -> None:
    history = film.door.history
    clip = film.ids("V1")[0]
    film.run("clip.set", clip=clip, property="name", value="Harbour")
    line = history.next_undo("ana")
    assert line is not None
    assert (line.label, line.command, clip in line.records) == ("Rename lake.mp4 to Harbour", "clip.set", True)
    film.run("edit.undo")
    assert history.undone_stamps("ana") == {line.stamp}
    redo = history.next_redo("ana")
    assert redo == line
    assert history.next_undo("ben") is None


def test_undoing_an_import_that_is_in_use_is_the_order_of_things(film: Film) -> None:
    sea = film.shot("sea.mp4")
    film.append(sea)
    film.run("edit.undo")
    film.run("edit.undo")
    assert film.view.record(sea).deleted  # type: ignore[union-attr]
    film.run("edit.redo")
    film.run("edit.redo")
    assert film.lane("V1")[-1] == (150, 250)
    assert film.view.get(Clip, film.ids("V1")[-1]).asset == sea


def test_undoing_a_ripple_brings_markers_back_too(film: Film) -> None:
    for at in ("100f", "110f", "120f"):
        film.run("marker.add", at=at)
    film.run("clip.trim", clip=film.ids("V1")[0], edge="tail", to="80f", ripple=True)
    assert sorted(m.start // film.f for m in film.view.of_kind(Marker)) == [80, 90, 100]
    film.run("edit.undo")
    assert sorted(m.start // film.f for m in film.view.of_kind(Marker)) == [100, 110, 120]
    film.run("edit.redo")
    assert sorted(m.start // film.f for m in film.view.of_kind(Marker)) == [80, 90, 100]


def test_a_decision_for_what_stands_already_is_a_step_that_undo_passes(film: Film) -> None:
    clip = film.ids("V1")[0]
    film.run("clip.lift", clips=[clip])
    stamp = film.door.document.stamp_of(clip, "deleted")[0]
    film.run("conflict.decide", decisions=[{"record": clip, "field": "deleted", "value": True, "replaces": [str(stamp)]}])
    film.run("edit.undo")
    assert clip not in film.ids("V1"), "what the decision confirmed"
    film.run("edit.undo")
    assert clip in film.ids("V1")
    film.run("edit.redo")
    film.run("edit.redo")
    assert clip not in film.ids("V1")

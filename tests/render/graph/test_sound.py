"""The sound plan: which pieces sound, from where, how loud, with which fades."""

from __future__ import annotations

import msgspec
import pytest

from editor_core.document.view import Snapshot
from editor_core.schema import Record
from render.graph.sound import SoundPiece, sound_plan
from tests.render.films import FRAME, clip, dissolve, film, footage, track

MEDIA = footage("a", sound=True)


def heard(*records: Record, start: int = 0, end: int = 1000) -> tuple[SoundPiece, ...]:
    return sound_plan(plan_of(*records), start * FRAME, end * FRAME)


def plan_of(*records: Record) -> Snapshot:
    return film(MEDIA, footage("b", sound=True), *records)


def sound(name: str, on: str = "a1", asset: str = "a", **fields: object):  # type: ignore[no-untyped-def]
    return clip(name, on, asset, kind="audio", **fields)


def a1(**fields: object):  # type: ignore[no-untyped-def]
    return track("a1", kind="audio", **fields)


def test_a_clip_is_one_piece_from_its_source_start() -> None:
    (piece,) = heard(a1(), sound("c", start=10, length=20, source=100))
    assert (piece.asset, piece.stream, piece.source_start, piece.start, piece.duration) == ("a", 0, 100 * FRAME, 10 * FRAME, 20 * FRAME)


def test_the_levels_of_clip_and_track_add_up() -> None:
    (piece,) = heard(a1(gain_db=-6.0), sound("c", gain_db=2.5, pan=-0.25))
    assert piece.gain_db == pytest.approx(-3.5) and piece.pan == -0.25


def test_muted_tracks_disabled_clips_and_soundless_media_are_silent() -> None:
    assert heard(a1(muted=True), sound("c")) == ()
    assert heard(a1(), sound("c", enabled=False)) == ()
    assert heard(footage("mute"), a1(), sound("c", asset="mute")) == ()
    assert heard(a1(), sound("c", asset="gone")) == ()


def test_a_soloed_track_is_heard_alone_and_a_muted_solo_not_at_all() -> None:
    both = (sound("c"), sound("d", on="a2"))
    assert [p.clip for p in heard(a1(), track("a2", kind="audio", solo=True), *both)] == ["d"]
    assert heard(a1(), track("a2", kind="audio", solo=True, muted=True), *both) == ()


def test_pictures_make_no_sound_of_their_own() -> None:
    assert heard(track("v1"), clip("c", "v1", "a")) == ()


def test_only_pieces_that_touch_the_range_are_planned_and_they_stay_whole() -> None:
    records = (a1(), sound("c", length=50), sound("d", start=50, length=50), sound("e", start=200, length=50))
    found = heard(*records, start=40, end=60)
    assert [(p.clip, p.start, p.duration) for p in found] == [("c", 0, 50 * FRAME), ("d", 50 * FRAME, 50 * FRAME)]
    assert heard(*records, start=100, end=200) == ()


def test_fades_are_lengths_from_the_ends() -> None:
    (piece,) = heard(a1(), sound("c", fade_in=5 * FRAME, fade_out=700 * FRAME))
    assert (piece.fade_in, piece.fade_out, piece.lead, piece.tail) == (5 * FRAME, 95 * FRAME, 0, 0)


def test_a_cross_fade_reaches_into_both_handles_and_replaces_the_fades_there() -> None:
    first, second = heard(
        a1(), sound("x", fade_out=30 * FRAME), sound("y", asset="b", start=100, source=50, fade_in=30 * FRAME, fade_out=7 * FRAME),
        dissolve("d", "a1", "x", "y", 10),
    )
    assert (first.start, first.end, first.tail, first.fade_out) == (0, 105 * FRAME, 10 * FRAME, 0)
    assert (second.start, second.source_start, second.lead, second.fade_in) == (95 * FRAME, 45 * FRAME, 10 * FRAME, 0)
    assert second.fade_out == 7 * FRAME and second.end == 200 * FRAME


def test_a_cross_fade_with_a_disabled_neighbour_does_not_happen() -> None:
    (piece,) = heard(
        a1(), sound("x", fade_out=3 * FRAME), sound("y", start=100, enabled=False), dissolve("d", "a1", "x", "y", 10)
    )
    assert (piece.end, piece.tail, piece.fade_out) == (100 * FRAME, 0, 3 * FRAME)


def test_a_piece_whose_cross_fade_alone_touches_the_range_is_planned() -> None:
    records = (a1(), sound("x"), sound("y", asset="b", start=100, source=50), dissolve("d", "a1", "x", "y", 10))
    assert [p.clip for p in heard(*records, start=95, end=96)] == ["x", "y"]
    assert [p.clip for p in heard(*records, start=104, end=105)] == ["x", "y"]
    assert [p.clip for p in heard(*records, start=105, end=106)] == ["y"]


def test_sound_may_start_between_frames() -> None:
    moved = msgspec.structs.replace(sound("c"), start=FRAME // 3)
    (piece,) = heard(a1(), moved)
    assert piece.start == FRAME // 3

"""Clips that two people put into one place are a conflict that can be decided, the same for both."""

from __future__ import annotations

from typing import Any

import pytest

from app.services.deciding import conflict_lines, conflicts_plain, resolve
from app.services.errors import AppError
from app.services.merging import merge_copy
from tests.support.copies import SECOND, Pair, clips, run, titles


@pytest.fixture
def pair(pairs: Any) -> Pair:
    """Mine lies from 10 to 12 s, theirs from 11 to 13 s on the same track; both films know it."""
    made: Pair = pairs(titles(0))
    for film, text, at in ((made.film, "mine", 10), (made.other, "theirs", 11)):
        run(film, "title.add", text=text, at=at * SECOND, duration=2 * SECOND, track="V1")
        film.file.flush()
    merge_copy(made.film, made.other)
    merge_copy(made.other, made.film)
    return made


def told(film: Any) -> list[tuple[Any, ...]]:
    return [(one["id"], one["kind"], one["track"], one["timecode"], one["name"], [v["stamp"] for v in one["values"]], one["choices"])
            for one in conflicts_plain(film)]


def test_both_films_list_the_same_overlap_and_say_whose_clips_those_are(pair: Pair) -> None:
    assert told(pair.film) == told(pair.other) and len(told(pair.film)) == 1
    here, there = (conflicts_plain(film)[0] for film in (pair.film, pair.other))
    assert (here["kind"], here["name"], here["timecode"]) == ("overlap", "theirs over mine", "00:00:11:00")
    assert [value["mine"] for value in here["values"]] == [True, False] and [value["mine"] for value in there["values"]] == [False, True]
    assert all(value["command"] == "title.add" for value in here["values"]) and here["id"] in conflict_lines([here])[0]


@pytest.mark.parametrize(("choice", "left"), [
    ("mine", {"mine": ("V1", 10, 12)}), ("theirs", {"theirs": ("V1", 11, 13)}),
    ("merge", {"mine": ("V1", 10, 11), "theirs": ("V1", 11, 13)}), ("both", {"mine": ("V1", 10, 12), "theirs": ("V2", 11, 13)})])
def test_a_choice_is_one_step_that_undo_takes_back_and_others_have_nothing_left_to_decide(pair: Pair, choice: str, left: Any) -> None:
    film, before = pair.film, told(pair.film)
    settled = resolve(film, before[0][0], choice)
    assert settled["open"] == 0 and not told(film)
    view = film.snapshot
    assert {text: (view.track_label(view.record(clip.track)), clip.start // SECOND, clip.end // SECOND)
            for text, clip in clips(film).items() if text != "t0"} == left
    film.file.flush()
    merge_copy(pair.other, film)
    assert not told(pair.other)
    run(film, "edit.undo")
    assert told(film) == before


def test_of_the_other_side_mine_is_theirs(pair: Pair) -> None:
    resolve(pair.other, told(pair.other)[0][0], "mine")
    assert set(clips(pair.other)) == {"t0", "theirs"}


def test_what_is_no_overlap_or_no_way_is_said(pair: Pair) -> None:
    one = told(pair.film)[0][0]
    with pytest.raises(AppError, match="There is no open conflict"):
        resolve(pair.film, f"{one}x", "mine")
    with pytest.raises(AppError, match="is no way to decide"):
        resolve(pair.film, one, "sideways")
    resolve(pair.film, one, "both")
    with pytest.raises(AppError, match="There is no open conflict"):
        resolve(pair.film, one, "both")


def test_clips_that_begin_together_cannot_be_cut_into_one_another(pairs: Any) -> None:
    pair = pairs(titles(0))
    for film, text in ((pair.film, "mine"), (pair.other, "theirs")):
        run(film, "title.add", text=text, at=10 * SECOND, duration=2 * SECOND, track="V1")
        film.file.flush()
    merge_copy(pair.film, pair.other)
    (one,) = conflicts_plain(pair.film)
    assert one["choices"] == ["mine", "theirs", "both"]
    with pytest.raises(AppError, match="'merge' has no meaning"):
        resolve(pair.film, one["id"], "merge")

"""Merging copies of a film by the services that the command line uses, without its processes."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from app.services.deciding import open_conflicts, resolve
from app.services.merging import merge_copy
from app.services.open_project import LocalTarget, OpenProject
from app.services.reading import read_project
from editor_core.document.integrity import breaches
from editor_core.schema import Track
from editor_core.sync.fingerprint import fingerprint
from tests.support.copies import SECOND, Pair, clips, run, titles


def merge(film: OpenProject, other: OpenProject) -> None:
    other.file.flush()
    with contextlib.closing(read_project(other.path, film)) as copy:
        merge_copy(film, copy)


@pytest.mark.parametrize(("choice", "seconds"), [("mine", 18), ("theirs", 28)])
def test_where_a_clip_was_moved_counts_from_where_others_took_something_out_meanwhile(tmp_path: Path, choice: str, seconds: int) -> None:
    pair = Pair(tmp_path, titles(0, 4, 8))
    try:
        ids = {text: clip.id for text, clip in clips(pair.film).items()}
        run(pair.film, "clip.move", clips=[ids["t2"]], to=20 * SECOND)
        run(pair.other, "clip.extract", clips=[ids["t0"]])
        run(pair.other, "clip.move", clips=[ids["t2"]], to=28 * SECOND)
        merge(pair.film, pair.other)
        one, = open_conflicts(pair.film)
        assert one.field == "start"
        resolve(pair.film, one.id, choice)
        assert clips(pair.film)["t2"].start == seconds * SECOND and not open_conflicts(pair.film)
        merge(pair.other, pair.film)
        assert fingerprint(pair.film.snapshot) == fingerprint(pair.other.snapshot)
    finally:
        pair.close()


def test_a_length_for_which_there_is_no_room_any_more_is_decided_for_on_a_new_track(tmp_path: Path) -> None:
    pair = Pair(tmp_path, titles(0, 2, 4))
    try:
        first = clips(pair.film)["t0"].id
        loses, stands = sorted((pair.film, pair.other), key=lambda one: one.file.replica.client)  # which is drawn by lot
        run(stands, "clip.trim", clip=first, edge="tail", to=SECOND // 5, ripple=True)
        run(loses, "clip.trim", clip=first, edge="tail", to=SECOND, ripple=True)
        merge(pair.film, pair.other)
        one, = open_conflicts(pair.film)
        longer, = (side for side in one.sides if not side.shown)
        assert longer.value[1] == SECOND and clips(pair.film)["t1"].start < SECOND
        assert resolve(pair.film, one.id, str(longer.stamp))["aside"] == [first] and not open_conflicts(pair.film)
        clip = clips(pair.film)["t0"]
        assert clip.end == SECOND and pair.film.snapshot.track_label(pair.film.snapshot.get(Track, clip.track)) == "V2"
        assert list(breaches(pair.film.snapshot)) == []
        merge(pair.other, pair.film)
        assert fingerprint(pair.film.snapshot) == fingerprint(pair.other.snapshot)
    finally:
        pair.close()


def test_an_undo_on_the_command_line_leaves_out_what_somebody_else_took_out_as_well(tmp_path: Path) -> None:
    pair = Pair(tmp_path, titles(0, 2, 4, 6))
    try:
        ids = {text: clip.id for text, clip in clips(pair.film).items()}
        for one in (pair.film, pair.other):
            run(one, "clip.extract", clips=[ids["t1"]])
        merge(pair.film, pair.other)
        merge(pair.other, pair.film)
        before = {text: clip.start for text, clip in clips(pair.film).items()}
        LocalTarget(pair.film).execute("edit.undo", {})
        assert {text: clips(pair.film)[text].start for text in ("t2", "t3")} == {text: before[text] for text in ("t2", "t3")}
        merge(pair.other, pair.film)
        assert fingerprint(pair.film.snapshot) == fingerprint(pair.other.snapshot)
    finally:
        pair.close()

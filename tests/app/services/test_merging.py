"""Merging copies of a film by the services that the command line uses, without its processes."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from app.services.deciding import open_conflicts, resolve
from app.services.merging import merge_copy
from app.services.open_project import LocalTarget, OpenProject
from app.services.reading import read_project
from editor_core.document.integrity import breaches
from editor_core.schema import Marker, Track
from editor_core.storage import StorageError, people
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


def damaged(path: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def unreadable(connection: sqlite3.Connection) -> dict[str, str]:
    """Names as a copy has them whose page with them is damaged."""
    if "laptop" in connection.execute("PRAGMA database_list").fetchone()[2]:
        raise sqlite3.DatabaseError("database disk image is malformed")
    return {}


def test_what_a_damaged_copy_has_lost_is_said_with_what_was_merged_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = Pair(tmp_path, titles(0))
    try:
        for text in ("one", "two", "three"):
            run(pair.other, "marker.add", at=0, text=text)
        pair.other.file.flush()
        damaged(pair.other.path, "UPDATE journal SET change = zeroblob(40) WHERE sequence = (SELECT max(sequence) - 1 FROM journal)")
        monkeypatch.setattr(people, "names_in", unreadable)
        told = LocalTarget(pair.film).together("merge", {"other": str(pair.other.path)})
        assert told["merged"] == 1 and [one.text for one in pair.film.snapshot.of_kind(Marker)] == ["one"]
        said, = told["problems"]
        assert said.startswith("laptop.proedit was damaged. The last 2 changes could not be recovered")
    finally:
        pair.close()


def test_a_copy_whose_history_cannot_be_read_is_refused_in_words_and_nothing_comes(tmp_path: Path) -> None:
    pair = Pair(tmp_path, titles(0))
    try:
        run(pair.other, "marker.add", at=0, text="one")
        pair.other.file.flush()
        with contextlib.closing(read_project(pair.other.path, pair.film)) as copy:
            damaged(pair.other.path, "UPDATE journal SET change = zeroblob(40)")
            with pytest.raises(StorageError, match="is damaged: what was done in “Mark one” cannot be read, so nothing was merged"):
                merge_copy(pair.film, copy)
        assert not pair.film.snapshot.of_kind(Marker)
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

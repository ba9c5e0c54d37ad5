"""Merging copies of a film by the services that the command line uses, without its processes."""

from __future__ import annotations

import contextlib
from pathlib import Path

from app.services.merging import merge_copy
from app.services.open_project import LocalTarget, OpenProject
from app.services.reading import read_project
from editor_core.sync.fingerprint import fingerprint
from tests.support.copies import Pair, clips, run, titles


def merge(film: OpenProject, other: OpenProject) -> None:
    other.file.flush()
    with contextlib.closing(read_project(other.path, film)) as copy:
        merge_copy(film, copy)


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

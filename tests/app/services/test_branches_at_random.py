"""A branch and its film edited at random, changes taken, taken back, and at last all of it merged: both are the same film then.

Owns: that parts and wholes fit together whatever was edited. Refuses: single cases (see `test_branches`).
"""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest

from app import bootstrap
from app.services import branch_picks, branches
from app.services.errors import AppError
from app.services.identity import Profile
from app.services.merging import merge_copy
from app.services.open_project import OpenProject
from app.services.places import Places
from app.services.reading import read_project
from editor_core.document import Draft
from editor_core.document.integrity import breaches
from editor_core.sync.fingerprint import fingerprint
from tests.support.random_edits import RandomEditor, first_records


def film_of(parts: bootstrap.Parts, path: Path) -> OpenProject:
    with bootstrap.making(parts, path) as made:
        draft = Draft(made.snapshot)
        for record in first_records():
            draft.create(record)
        made.door.apply_operations("project.new", "New", draft)
    return bootstrap.open_project(parts, path)


def take_some(film: OpenProject, path: Path, choice: random.Random) -> None:
    with contextlib.closing(read_project(path, film)) as other:
        found = branch_picks.look(film, "trial", other)
    if not found.offers.ids:
        return
    with contextlib.suppress(AppError):  # the film is in the way
        taken = branch_picks.pick(film, "trial", found, choice.sample(found.offers.ids, min(len(found.offers.ids), choice.randint(1, 3))))
        assert not list(breaches(film.snapshot, taken["picked"]))
        if choice.random() < 0.35:
            film.door.execute("edit.undo")
            return
        with contextlib.closing(read_project(path, film)) as other:
            assert not set(taken["picked"]) & set(branch_picks.look(film, "trial", other).offers.ids), "what was taken is offered no more"


@pytest.mark.parametrize("seed", [13, 22, 107])
def test_a_film_and_its_branch_are_one_after_all_was_merged(tmp_path: Path, seed: int) -> None:
    choice = random.Random(seed)
    parts = bootstrap.Parts(Places(tmp_path, tmp_path, tmp_path), Profile(id="uTester"), bootstrap.new_session(), bootstrap.commands())
    with contextlib.closing(film_of(parts, tmp_path / "film.proedit")) as film:
        RandomEditor(film.door, seed).steps(15)
        branches.serve(film, "new", "trial")
        path = branches.path_of(film.path, "trial")
        for turn in range(3):
            with contextlib.closing(bootstrap.open_project(parts, path)) as trial:
                RandomEditor(trial.door, seed * 7 + turn).steps(10)
            RandomEditor(film.door, seed * 13 + turn + 1).steps(6)
            take_some(film, path, choice)
        branches.serve(film, "merge", "trial")
        film.file.flush()
        with contextlib.closing(bootstrap.open_project(parts, path)) as trial:
            with contextlib.closing(read_project(film.path, trial)) as other:
                merge_copy(trial, other)
            assert fingerprint(trial.snapshot) == fingerprint(film.snapshot)
            assert branch_picks.look(film, "trial", trial).offers.ids == []

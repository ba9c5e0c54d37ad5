"""Named versions in the project file: kept, replaced, forgotten, and carried over when a file is mended.

Owns: the rows of versions. Refuses: restoring (see the end-to-end tests).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from editor_core.storage import ProjectFile, StorageError, versions
from tests.editor_core.storage.conftest import SESSION
from tests.support.random_edits import RandomEditor, door_on, first_records


def test_a_version_is_there_after_reopening_and_after_mending(tmp_path: Path) -> None:
    path = tmp_path / "film.proedit"
    with ProjectFile.create(path, first_records(), session=SESSION, actor="a") as file:
        door = door_on(file, session=SESSION)
        RandomEditor(door, 1).steps(20)
        kept = dict(door.document.snapshot.records)
        versions.save(file, "first", kept.values(), actor="a", time=5, revision=20)
        versions.save(file, "other", [], actor="a", time=6, revision=20)
        versions.save(file, "first", kept.values(), actor="b", time=7, revision=21)
        RandomEditor(door, 2).steps(20)
        versions.drop(file, "other")
    with ProjectFile.open(path, session=SESSION + 1) as file:
        (one,) = versions.versions(file)
        assert (one.name, one.actor, one.time) == ("first", "b", 7)
        assert {r.id: r for r in versions.records_of(one)} == kept
        assert not file.problems
    raw = bytearray(path.read_bytes())
    at = raw.rfind(b"person-test")
    place = at if at > 0 else len(raw) - 2000
    raw[place:place + 40] = bytes(40)
    path.write_bytes(bytes(raw))
    with ProjectFile.open(path, session=SESSION + 2) as file:
        assert [v.name for v in versions.versions(file)] == ["first"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with ProjectFile.create(tmp_path / "film.proedit", first_records(), session=SESSION, actor="a") as file, pytest.raises(StorageError):
        versions.save(file, name, [], actor="a", time=1, revision=1)

"""Where media lie on this machine is remembered in the file, for any name a file can have, and goes nowhere else.

Owns: locations. Refuses: looking whether the files are there.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from editor_core.storage import ProjectFile
from tests.editor_core.storage.conftest import SESSION
from tests.support.random_edits import first_records


def test_places_survive_closing_newest_first(project: Path) -> None:
    odd = Path(os.fsdecode(b"/media/\xff\xfe caf\xc3\xa9/clip?#%41.mov"))
    with ProjectFile.open(project, session=1) as file:
        for path in (Path("/media/one.mov"), Path("/media/two.mov"), odd):
            file.locations.set("m1", path)
        file.locations.set("m2", "/media/other.mov")
        assert file.locations.get("m1")[0] == odd
    with ProjectFile.open(project, session=2) as file:
        assert file.locations.get("m1") == [odd, Path("/media/two.mov"), Path("/media/one.mov")]
        assert sorted(file.locations) == ["m1", "m2"] and len(file.locations) == 2
        assert file.locations.get("m3") == []
        file.locations.set("m1", "/media/one.mov")
        assert file.locations.get("m1")[0] == Path("/media/one.mov")


def test_media_that_moved_together_with_the_project_are_found(tmp_path: Path) -> None:
    home, away = tmp_path / "home", tmp_path / "away"
    (home / "footage").mkdir(parents=True)
    with ProjectFile.create(home / "film.proedit", first_records(), session=SESSION, actor="a") as file:
        file.locations.set("m1", home / "footage" / "a.mov")
        assert file.locations.get("m1") == [home / "footage" / "a.mov"]
    shutil.move(home, away)
    with ProjectFile.open(away / "film.proedit", session=2) as file:
        assert file.locations.get("m1") == [home / "footage" / "a.mov", away / "footage" / "a.mov"]


def test_places_are_not_replicated(project: Path) -> None:
    with ProjectFile.open(project, session=1) as file:
        file.locations.set("m1", "/home/somebody/secret.mov")
        file.flush()
        assert b"somebody" not in file.replica.state()
        assert b"somebody" in project.read_bytes()


def test_only_so_many_places_are_kept(project: Path) -> None:
    with ProjectFile.open(project, session=1) as file:
        for number in range(100):
            file.locations.set("m1", f"/media/{number}.mov")
        assert len(file.locations.get("m1")) <= 8 and file.locations.get("m1")[0] == Path("/media/99.mov")
        file.locations.set("m1", "/" + "x" * 5000)
        assert file.locations.get("m1")[0] == Path("/media/99.mov")

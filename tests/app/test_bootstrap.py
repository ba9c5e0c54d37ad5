"""The composition root: what it hands to the window."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from app import bootstrap
from app.services.identity import Profile
from app.services.places import Places


@pytest.fixture
def parts(tmp_path: Path) -> bootstrap.Parts:
    places = Places(tmp_path / "config", tmp_path / "cache", tmp_path / "logs")
    for folder in (places.config, places.cache, places.logs):
        folder.mkdir()
    return bootstrap.Parts(places, Profile(id="uTester", name="Tester"), bootstrap.new_session(), bootstrap.commands())


def test_the_windows_background_work_gives_way_to_playing_and_exporting(parts: bootstrap.Parts, tmp_path: Path) -> None:
    (tmp_path / "notes.bin").write_bytes(b"some bytes")
    with bootstrap.window_makers(parts).background() as pool, bootstrap.task_pool(1) as waited_for:
        for workers in (pool, waited_for):
            workers.submit("full_hash", {"path": str(tmp_path / "notes.bin")}, timeout=60.0).result(60)
        own = os.getpriority(os.PRIO_PROCESS, 0)
        found = {child.nice() for child in psutil.Process().children() if "render.worker" in " ".join(child.cmdline())}
    assert found == {own, min(19, own + 10)}


def test_the_window_makes_and_opens_projects_through_what_it_is_handed(parts: bootstrap.Parts, tmp_path: Path) -> None:
    makers = bootstrap.window_makers(parts)
    makers.create_project(tmp_path / "Film.proedit", 640, 360, "30000/1001").close()
    project = makers.open_project(tmp_path / "Film.proedit")
    try:
        assert (project.snapshot.timeline.width, project.snapshot.project.name) == (640, "Film")
    finally:
        project.close()
    looked = makers.look_at_project(tmp_path / "Film.proedit")
    assert looked.file.read_only
    looked.close()


def test_the_window_does_not_know_the_composition_root() -> None:
    code = "import sys, app.desktop.start, app.desktop.shell.main_window, app.desktop.session\nsys.exit('app.bootstrap' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, timeout=60).returncode == 0


def test_what_was_left_of_films_that_were_never_made_is_removed_and_nothing_else(parts: bootstrap.Parts, tmp_path: Path) -> None:
    old, new, other = (tmp_path / name for name in (".proedit-old", ".proedit-new", "proedit-notes"))
    for folder in (old, new, other):
        folder.mkdir()
        (folder / "film.proedit").touch()
    for folder in (old, other):
        os.utime(folder, (1_700_000_000, 1_700_000_000))
    with pytest.raises(ZeroDivisionError), bootstrap.making(parts, tmp_path / "film.proedit"):
        raise ZeroDivisionError
    assert sorted(path.name for path in tmp_path.glob("*proedit*")) == [".proedit-new", "proedit-notes"]

"""Trying a version: branches of a film, each a project file of its own beside it.

Owns: the folder `FILM.branches`, making, comparing, merging (whole or in part), switching and dropping branches. Refuses: names that are
no file names, and switching while another process holds the film.

A branch is a whole copy, so it merges by the rules of any two copies. It is in no room: what is tried there stays on this machine until
it is merged. `switch` keeps the film under its branch's name and puts the other in its place in one step; a note says that it is about
to, so that, killed in between, the film is known for what it is: old or new.

Some of a branch's changes can be taken alone (see `branch_picks`).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from app.services.branch_picks import look, pick, places_picked, settle_picks
from app.services.errors import AppError
from app.services.merging import difference_plain, merge_copy, merger_of, open_plain, totals
from app.services.open_project import OpenProject
from app.services.reading import read_project
from editor_core.storage.lock import Lock
from editor_core.storage.room_tables import leave_room
from editor_core.sync.differences import differences

MAIN = "main"
_NAME = re.compile(r"^[\w][\w .-]{0,79}$")


class Branch(msgspec.Struct, frozen=True):
    """A branch as it is listed. `time` is when its file was last written, Unix seconds; 0 for the film itself."""

    name: str
    current: bool
    path: Path
    time: float = 0.0


def folder_of(film: Path) -> Path:
    """Where a film's branches lie."""
    return film.with_name(film.name + ".branches")


def current(film: Path) -> str:
    """The branch that the film is now."""
    folder = folder_of(film)
    with contextlib.suppress(OSError, ValueError):
        to, _, _ = (folder / "switching").read_text(encoding="utf-8").partition("\n")
        if _NAME.match(to) and not _file(film, to).exists():
            return to
    with contextlib.suppress(OSError, ValueError):
        return (folder / "current").read_text(encoding="utf-8").strip() or MAIN
    return MAIN


def _file(film: Path, name: str) -> Path:
    return folder_of(film) / f"{_checked(name)}.proedit"


def path_of(film: Path, name: str) -> Path:
    """The file of a branch: the film itself for the current one. Raises AppError naming what there is."""
    if name == current(film):
        return film
    path = _file(film, name)
    if not path.is_file():
        raise AppError(f"There is no branch {name!r}; there are {', '.join(names(film))}")
    return path


def names(film: Path) -> list[str]:
    """All branches, the current one first."""
    return [one.name for one in branches(film)]


def branches(film: Path) -> list[Branch]:
    """All branches, the current one first. Looks at names and times of files only."""
    here = current(film)
    found = [Branch(here, True, film)]
    for path in sorted(folder_of(film).glob("*.proedit")):
        if path.stem != here:
            with contextlib.suppress(OSError):
                found.append(Branch(path.stem, False, path, path.stat().st_mtime))
    return found


def _checked(name: str) -> str:
    if not _NAME.match(name) or name != name.strip():
        raise AppError(f"{name!r} cannot name a branch; use letters, digits, spaces, dots and dashes, 80 at most")
    return name


def serve(project: OpenProject, what: str, name: str, changes: Sequence[str] | None = None) -> Any:
    """`new`, `merge` (with `changes`: only those) and the like, on the thread that owns the document. Raises AppError, StorageError."""
    if what == "new":
        return _new(project, name)
    if what == "merge":
        if name == current(project.path):
            raise AppError(f"The film is on {name!r} already")
        with contextlib.closing(read_project(path_of(project.path, name), project)) as other:
            if changes:
                return pick(project, name, look(project, name, other), changes)
            before = places_picked(project, name)
            report = merge_copy(project, other)
            report["settled"] = settle_picks(project, name, before, other.snapshot)
        if report["settled"]:
            report["conflicts"] = open_plain(merger_of(project), project.snapshot)
        return report
    raise AppError(f"unknown request branch.{what}")


def _new(project: OpenProject, name: str) -> dict[str, Any]:
    if name in names(project.path):
        raise AppError(f"There is a branch {name!r} already; choose another name")
    path = _file(project.path, name)
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    project.file.save_copy(part)
    leave_room(part)
    part.replace(path)
    return {"branch": name, "file": str(path)}


def switch(project: OpenProject, name: str) -> dict[str, Any]:
    """Makes the film another of its branches; closes the project. Raises AppError, StorageError."""
    film, here = project.path, current(project.path)
    keep_here(project, name)
    project.close()
    put_in_place(film, name, here)
    return {"branch": name, "left": here}


def keep_here(project: OpenProject, name: str) -> None:
    """The first half of `switch`: keeps the film under the branch that it is on. Raises AppError, StorageError."""
    film, here = project.path, current(project.path)
    if path_of(film, name) == film:
        raise AppError(f"The film is on {name!r} already")
    _tidy(film)
    kept, part = _file(film, here), folder_of(film) / f".{here}.part"
    part.unlink(missing_ok=True)
    project.file.save_copy(part)
    part.replace(kept)


def put_in_place(film: Path, name: str, here: str) -> None:
    """The second half of `switch`, once the film is kept as `here` and closed. Raises AppError, ProjectInUse, OSError."""
    lock = Lock(film, wait=5.0)
    try:
        folder = folder_of(film)
        _write(folder / "switching", f"{name}\n{here}\n")
        _file(film, name).replace(film)
        _write(folder / "current", name)
        (folder / "switching").unlink(missing_ok=True)
    finally:
        lock.release()


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def drop(film: Path, name: str) -> dict[str, Any]:
    """Deletes a branch that the film is not on. Raises AppError, ProjectInUse where something has it open."""
    path = path_of(film, name)
    if path == film:
        raise AppError(f"The film is on {name!r}; switch to another branch first")
    _tidy(film)
    lock = Lock(path, wait=1.0)
    try:
        path.unlink()
    finally:
        lock.release()
    return {"dropped": name}


def _tidy(film: Path) -> None:
    """After a switch that was killed: its note is done with, before the files it speaks of change."""
    folder = folder_of(film)
    if (folder / "switching").exists():
        _write(folder / "current", current(film))
        (folder / "switching").unlink(missing_ok=True)


def compare(first: OpenProject, second: OpenProject) -> dict[str, Any]:
    """What the second has another than the first."""
    found = differences(first.snapshot, second.snapshot)
    return {"totals": totals(found), "changes": [difference_plain(second.snapshot, one, []) for one in found]}

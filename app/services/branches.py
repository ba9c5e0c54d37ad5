"""Trying a version: branches of a film, each a project file of its own beside it.

Owns: the folder `FILM.branches`, making, comparing, merging, switching and dropping branches. Refuses: names that are no file names,
and switching while a window holds the film.

A branch is a whole copy, so it merges by the rules of any two copies. `switch` keeps the film under its branch's name and puts the
other in its place in one step; killed in between, the film is there, old or new.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from app.services.errors import AppError
from app.services.merging import difference_plain, merge_copy, totals
from app.services.open_project import OpenProject
from app.services.reading import read_project
from editor_core.sync.differences import differences

MAIN = "main"
_NAME = re.compile(r"^[\w][\w .-]{0,79}$")


def folder_of(film: Path) -> Path:
    """Where a film's branches lie."""
    return film.with_name(film.name + ".branches")


def current(film: Path) -> str:
    """The branch that the film is now."""
    try:
        return (folder_of(film) / "current").read_text(encoding="utf-8").strip() or MAIN
    except OSError:
        return MAIN


def path_of(film: Path, name: str) -> Path:
    """The file of a branch: the film itself for the current one. Raises AppError naming what there is."""
    if name == current(film):
        return film
    path = folder_of(film) / f"{_checked(name)}.proedit"
    if not path.is_file():
        raise AppError(f"There is no branch {name!r}; there are {', '.join(names(film))}")
    return path


def names(film: Path) -> list[str]:
    """All branches, the current one first."""
    others = sorted(path.stem for path in folder_of(film).glob("*.proedit"))
    return [current(film), *(name for name in others if name != current(film))]


def _checked(name: str) -> str:
    if not _NAME.match(name):
        raise AppError(f"{name!r} cannot name a branch; use letters, digits, spaces, dots and dashes, 80 at most")
    return name


def serve(project: OpenProject, what: str, name: str) -> Any:
    """`new`, `merge` and `switch`, on the thread that owns the document. Raises AppError, StorageError."""
    if what == "new":
        return _new(project, name)
    if what == "merge":
        other = read_project(path_of(project.path, name), project)
        try:
            if other.path == project.path:
                raise AppError(f"The film is on {name!r} already")
            return merge_copy(project, other)
        finally:
            other.close()
    raise AppError(f"unknown request branch.{what}")


def _new(project: OpenProject, name: str) -> dict[str, Any]:
    if name in names(project.path):
        raise AppError(f"There is a branch {name!r} already; choose another name")
    path = folder_of(project.path) / f"{_checked(name)}.proedit"
    path.parent.mkdir(exist_ok=True)
    project.file.save_copy(path)
    return {"branch": name, "file": str(path)}


def switch(project: OpenProject, name: str) -> dict[str, Any]:
    """Makes the film another of its branches; closes the project. Raises AppError, StorageError."""
    film = project.path
    here = current(film)
    other = path_of(film, name)
    if other == film:
        raise AppError(f"The film is on {name!r} already")
    kept = folder_of(film) / f"{_checked(here)}.proedit"
    project.file.save_copy(kept)
    project.close()
    other.replace(film)
    (folder_of(film) / "current").write_text(name, encoding="utf-8")
    return {"branch": name, "left": here}


def drop(film: Path, name: str) -> dict[str, Any]:
    """Deletes a branch that the film is not on."""
    path = path_of(film, name)
    if path == film:
        raise AppError(f"The film is on {name!r}; switch to another branch first")
    path.unlink()
    return {"dropped": name}


def compare(first: OpenProject, second: OpenProject) -> dict[str, Any]:
    """What the second has another than the first."""
    found = differences(first.snapshot, second.snapshot)
    return {"totals": totals(found), "changes": [difference_plain(second.snapshot, one, []) for one in found]}

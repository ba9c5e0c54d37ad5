"""A film and its copy, each open and edited apart, for tests of what merges them.

Owns: making pairs, titles on them, commands, clips by their words. Refuses: judging a merge.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.services.open_project import OpenProject
from app.services.reviewing import CopyIncoming, Review
from editor_core.schema import Clip
from editor_core.storage import ProjectFile
from tests.support.random_edits import FRAME, door_on, first_records

SECOND = 25 * FRAME


def opened(path: Path, session: int) -> OpenProject:
    file = ProjectFile.open(path, session=session)
    door = door_on(file, session=session)
    return OpenProject(path, file, door.document, door)


class Pair:
    """A film and its copy on a laptop, each open."""

    def __init__(self, folder: Path, start: Any = None) -> None:
        ours, theirs = folder / "film.proedit", folder / "laptop.proedit"
        with ProjectFile.create(ours, first_records(), session=7, actor="person-a") as file:
            if start is not None:
                start(door_on(file, session=7))
        shutil.copyfile(ours, theirs)
        self.film, self.other = opened(ours, 101), opened(theirs, 202)

    def review(self, back: bool = False) -> Review:
        film, other = (self.other, self.film) if back else (self.film, self.other)
        other.file.flush()
        made = Review(film, CopyIncoming(film, other.path))
        made.look()
        return made

    def close(self) -> None:
        self.film.close()
        self.other.close()


@pytest.fixture
def pairs(tmp_path: Path) -> Iterator[Any]:
    made: list[Pair] = []

    def make(start: Any = None) -> Pair:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Pair(folder, start))
        return made[-1]

    yield make
    for pair in made:
        pair.close()


def titles(*starts: int) -> Any:
    def make(door: Any) -> None:
        for number, start in enumerate(starts):
            door.execute("title.add", {"text": f"t{number}", "at": start * SECOND, "duration": 2 * SECOND, "track": "V1"})

    return make


def clips(project: OpenProject) -> dict[str, Clip]:
    return {clip.text: clip for clip in project.snapshot.of_kind(Clip)}


def run(project: OpenProject, command: str, **args: Any) -> Any:
    return project.door.execute(command, args).result

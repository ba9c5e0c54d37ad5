"""What a project file keeps of its comments: acts as bytes, in the order they came.

Owns: the rows as the document's thread knows them, saying what could not be read. Refuses: what acts mean (see `editor_core.comments`), and
removing any. Rows are written on the journal's thread like everything else.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

from editor_core.storage.comment_table import read_comments, write_comments
from editor_core.storage.journal import Ticket
from editor_core.storage.problems import Problem
from editor_core.storage.project_file import ProjectFile


class CommentRows:
    """The comments of an open project file. `bodies` are acts that are whole, by number: 1, 2, 3 … in the order they came here."""

    def __init__(self, file: ProjectFile) -> None:
        """Reads them. What is damaged is left out and told as a problem of the file."""
        self._file = file
        with contextlib.closing(file.reading()) as connection:
            found = read_comments(connection)
        self.bodies = found.bodies
        self.last = found.last
        if found.lost:
            file.problems.append(lost_comments(file.path, found.lost))

    def append(self, raws: Sequence[bytes]) -> Ticket:
        """Keeps acts; its ticket says when they are on disk. Raises StorageError, ReadOnlyProject."""
        rows = list(enumerate(raws, self.last + 1))
        count = self.last + len(rows)
        ticket = self._file.work(lambda connection: write_comments(connection, rows, count))
        self.last = count
        self.bodies.update(rows)
        return ticket


def lost_comments(path: Path, lost: int) -> Problem:
    """What it means that comments cannot be read."""
    what = "one comment, or change of a comment," if lost == 1 else f"{lost} comments or changes of comments"
    return Problem(kind="damage", time=int(time.time() * 1000),
                   message=f"{path.name} was damaged: {what} cannot be read any more; the film itself is not concerned",
                   fix="In a shared project they come again from the others; otherwise merge a copy or backup of the project")

"""Comments in the project file: durable, whole after a kill, damage told, carried over when a file is mended, in copies.

Owns: rows of comments. Refuses: what they say.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from editor_core.storage import ProjectFile, ReadOnlyProject
from editor_core.storage.comment_rows import CommentRows
from tests.editor_core.storage.conftest import SESSION
from tests.support.random_edits import RandomEditor, door_on, first_records

RAWS = [b"act %d" % n for n in range(40)]


def _film(path: Path) -> None:
    with ProjectFile.create(path, first_records(), session=SESSION, actor="a") as file:
        CommentRows(file).append(RAWS[:20]).wait(30)
        RandomEditor(door_on(file, session=SESSION), 1).steps(5)
        CommentRows(file).append(RAWS[20:]).wait(30)


def _read(path: Path) -> tuple[list[bytes], list[str]]:
    with ProjectFile.open(path, session=SESSION + 1, read_only=True) as file:
        rows = CommentRows(file)
        return [body for _, body in sorted(rows.bodies.items())], [p.message for p in file.problems]


def test_what_was_said_is_there_after_reopening_and_in_a_copy_made_meanwhile(tmp_path: Path) -> None:
    path, copy = tmp_path / "film.proedit", tmp_path / "copy.proedit"
    _film(path)
    with ProjectFile.open(path, session=SESSION + 1) as file:
        rows = CommentRows(file)
        assert [rows.bodies[n] for n in range(1, 41)] == RAWS
        file.save_copy(copy)
    assert _read(path) == _read(copy) == (RAWS, [])


def test_a_file_without_comments_has_no_table_and_one_opened_for_reading_takes_none(tmp_path: Path) -> None:
    path = tmp_path / "film.proedit"
    ProjectFile.create(path, first_records(), session=SESSION, actor="a").close()
    with ProjectFile.open(path, session=SESSION + 1, read_only=True) as file:
        assert CommentRows(file).bodies == {}
        with pytest.raises(ReadOnlyProject):
            CommentRows(file).append(RAWS)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert ("comments",) not in connection.execute("SELECT name FROM sqlite_schema").fetchall()


@pytest.mark.parametrize(("damage", "lost"), [
    ("UPDATE comments SET body = x'00' WHERE number = 7", 1), ("DELETE FROM comments WHERE number IN (3, 39, 40)", 3),
    ("UPDATE comments SET mark = 'text' WHERE number = 0", 0), ("UPDATE comments SET body = zeroblob(100000) WHERE number = 5", 1)])
def test_rows_that_are_damaged_or_missing_are_left_out_and_told(tmp_path: Path, damage: str, lost: int) -> None:
    path = tmp_path / "film.proedit"
    _film(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(damage)
        connection.commit()
    bodies, problems = _read(path)
    assert len(bodies) == 40 - lost and set(bodies) <= set(RAWS)
    assert len(problems) == 1 and "comment" in problems[0]


def test_a_mended_file_keeps_the_comments_that_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "film.proedit"
    _film(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE journal SET change = x'00' WHERE sequence = 4")
        connection.execute("UPDATE comments SET body = x'00' WHERE number = 7")
        connection.commit()
    with ProjectFile.open(path, session=SESSION + 1) as file:
        assert file.problems
    bodies, problems = _read(path)
    assert bodies == RAWS[:6] + RAWS[7:]
    assert any("comment" in message for message in problems)


_WRITER = """
import sys
from pathlib import Path
from editor_core.storage import ProjectFile
from editor_core.storage.comment_rows import CommentRows
file = ProjectFile.open(Path(sys.argv[1]), session=5)
rows = CommentRows(file)
for n in range(10000):
    rows.append([b"act %d" % n]).wait(30)
    print(n, flush=True)
"""


def test_no_comment_that_was_called_durable_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "film.proedit"
    ProjectFile.create(path, first_records(), session=SESSION, actor="a").close()
    with subprocess.Popen([sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == 25:
                os.kill(process.pid, signal.SIGKILL)
                break
        said = [int(line) for line in process.stdout.read().split("\n")[:-1]]
    last = said[-1] if said else 25
    bodies, problems = _read(path)
    assert problems == [] and bodies[:last + 1] == [b"act %d" % n for n in range(last + 1)]

"""What every part of the command line uses: common arguments, and the two ways to say something.

Owns: the project argument, `--json`, opening a project, printing JSON, printing errors and warnings, what is begun before the
words are read. Refuses: commands.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from app.bootstrap import Parts
    from app.services.open_project import OpenProject, Target
    from editor_core.storage import Problem
    from render.nursery import Nursery

Film = Annotated[Path, typer.Argument(metavar="FILM.proedit", help="the project file")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON document")]


def fail(message: str, status: int = 1) -> int:
    """Says an error in plain lines and returns the exit status."""
    from editor_core.edits.wording import one_line

    lines = [one_line(line) for line in message.strip().split("\n") if line.strip()] or ["something went wrong"]
    print("proeditor: " + "\n  ".join(lines[:2]), file=sys.stderr)
    return status


def tell(problems: Iterable[Problem], since: float) -> None:
    """Says on standard error what opening a project has just found (not what the file remembers), so that no damage goes unseen.

    `since` is the Unix time at which it was opened.
    """
    from editor_core.edits.wording import one_line

    for problem in problems:
        if problem.time >= since * 1000 - 1:
            print(one_line(f"proeditor: {problem.message}. {problem.fix}"), file=sys.stderr)


@contextlib.contextmanager
def looking(film: Path, parts: Parts | None = None) -> Iterator[OpenProject]:
    """A project to look at; what is wrong with its file is said."""
    from app import bootstrap

    since = time.time()
    with bootstrap.reading(parts or bootstrap.parts(), film) as project:
        tell(project.file.problems, since)
        yield project


@contextlib.contextmanager
def changing(film: Path, parts: Parts | None = None) -> Iterator[Target]:
    """Where commands on a project go; what was wrong with its file is said."""
    from app import bootstrap

    since = time.time()
    with bootstrap.target(parts or bootstrap.parts(), film) as target:
        tell(target.problems, since)
        yield target


def put(value: Any) -> None:
    """One JSON document on standard output, flushed. A file name that is not UTF-8 has its bytes as JSON escapes."""
    text = json.dumps(value, ensure_ascii=False)
    print(text if text.isascii() or _encodes(text) else json.dumps(value), flush=True)


def _encodes(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return False
    return True


@contextlib.contextmanager
def loading(words: list[str]) -> Iterator[Nursery | None]:
    """Where an export is asked for, what its workers need is loaded while the words are read and the project is opened."""
    if words[0] != "export" or "--help" in words:
        yield None
        return
    from render.export.workers import export_nursery

    nursery = export_nursery()
    try:
        yield nursery
    finally:
        nursery.close()

"""What storage tests share.

Owns: a small project, and running something as a user without rights. Refuses: faking the file system.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from editor_core.storage import ProjectFile
from tests.fuzz.children import in_children
from tests.support.random_edits import RandomEditor, door_on, first_records

SESSION = 2**52


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A closed project of 60 random edits."""
    path = tmp_path / "film.proedit"
    with ProjectFile.create(path, first_records(), session=SESSION, actor="person-test", snapshot_every=25) as file:
        RandomEditor(door_on(file, session=SESSION), 4).steps(60)
    return path


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that any user can reach and write."""
    folder = Path(tempfile.mkdtemp(prefix="proedit-"))
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    shutil.rmtree(folder, ignore_errors=True)


def without_rights(work: Callable[[], Any]) -> Any:
    """What `work` returns in a process of a user who owns nothing (root may do everything, so it proves nothing)."""

    def child(_: int) -> Any:
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        return work()

    (_, result), = in_children([0], child, patience=60)
    assert not (isinstance(result, dict) and "died" in result), result
    return result

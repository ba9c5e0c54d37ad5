"""One writer per project, and nobody locked out by a ghost.

Owns: the lock with real processes. Refuses: what the address is used for.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from editor_core.storage import NotAllowed, ProjectFile, ProjectInUse
from editor_core.storage.lock import Lock, lock_path

OWNER = """
import sys, time
from editor_core.storage import ProjectFile
file = ProjectFile.open(sys.argv[1], session=5)
file.announce("unix:/run/somewhere ä")
print("open", flush=True)
sys.stdin.read()
file.close()
"""


def owner(project: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", OWNER, str(project)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True, cwd=Path(__file__).parents[3])
    assert process.stdout is not None and process.stdout.readline() == "open\n"
    return process


def test_a_second_writer_is_told_where_the_first_listens_and_may_read(project: Path) -> None:
    process = owner(project)
    try:
        with pytest.raises(ProjectInUse, match="open in another window") as caught:
            ProjectFile.open(project, session=6)
        assert caught.value.address == "unix:/run/somewhere ä"
        with ProjectFile.open(project, session=6, read_only=True) as file:
            assert file.read_only and not file.problems and len(file.entries) == 60
    finally:
        process.communicate("", timeout=20)
    assert [p.name for p in project.parent.iterdir()] == ["film.proedit"], "a clean close leaves only the project"


def test_a_killed_owner_never_blocks(project: Path) -> None:
    process = owner(project)
    process.send_signal(signal.SIGKILL)
    process.wait(20)
    assert lock_path(project).exists()
    with ProjectFile.open(project, session=6) as file:
        assert not file.problems
        assert lock_path(project).read_text() == "", "the address of the dead is gone"
    assert not lock_path(project).exists()


def test_a_lock_file_left_by_anything_never_blocks(project: Path) -> None:
    lock_path(project).write_text("unix:/nobody")
    ProjectFile.open(project, session=6).close()
    assert not lock_path(project).exists()


def test_one_process_cannot_open_twice_either(project: Path) -> None:
    with ProjectFile.open(project, session=6) as file:
        file.announce("here")
        with pytest.raises(ProjectInUse) as caught:
            ProjectFile.open(project, session=7)
        assert caught.value.address == "here"


def test_waiting_gets_the_project_when_the_owner_leaves(project: Path) -> None:
    first = ProjectFile.open(project, session=6)
    threading.Timer(0.3, first.close).start()
    start = time.monotonic()
    ProjectFile.open(project, session=7, wait=10).close()
    assert 0.2 < time.monotonic() - start < 9


def test_of_many_that_open_and_leave_at_once_only_one_holds_the_lock(tmp_path: Path) -> None:
    project = tmp_path / "x.proedit"
    inside: list[int] = []
    most: list[int] = []

    def take_turns(number: int) -> None:
        for _ in range(30):
            lock = Lock(project, wait=30)
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.0005)
            inside.remove(number)
            lock.release()

    threads = [threading.Thread(target=take_turns, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(most) == 180 and max(most) == 1
    assert not lock_path(project).exists()


@pytest.mark.skipif(os.name == "nt", reason="no links for ordinary users there")
def test_a_lock_that_is_a_link_to_somewhere_is_not_followed(project: Path) -> None:
    target = project.with_name("precious.txt")
    target.write_text("precious")
    lock_path(project).symlink_to(target)
    with pytest.raises(NotAllowed, match="remove what is there"):
        ProjectFile.open(project, session=6)
    assert target.read_text() == "precious"

"""The editing process is killed, or told that the disk fails, at the N-th system call that touches a disk.

    python -m tests.fuzz.syscalls [--every 3] [--folder DIR]

Owns: a short scripted session under strace (create, commands, snapshots, archive blocks, close), its faults one by one, the
oracle. Refuses: random instants (see `kill`). Does nothing where strace is missing or not permitted.
"""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from editor_core.storage import ProjectFile
from tests.fuzz.children import Stopwatch
from tests.fuzz.project_file import digest
from tests.support.random_edits import RandomEditor, door_on, first_records

COMMANDS = 10
CALLS = "pwrite64,fdatasync,fsync,ftruncate,link,unlink"
FAULTS = ("signal=SIGKILL", "error=EIO", "error=ENOSPC")
MOST_CALLS = {"pwrite64": 400, "fdatasync": 130, "fsync": 3, "ftruncate": 2, "link": 1, "unlink": 12}
"""More than the busier of the session's two threads makes; counting stops when a fault is no longer reached."""


def session(path: str, say: Callable[[str], None]) -> None:
    """What the child does: the same in every run."""
    with ProjectFile.create(path, first_records(), session=5, actor="a", snapshot_every=3) as file:
        say("created")
        editor = RandomEditor(door_on(file, session=5), 1)
        for number in range(1, COMMANDS + 1):
            editor.step().wait(20)
            say(f"saved {number}")
    say("closed")


def states() -> list[str]:
    """Digest of the records after each command; the model."""
    folder = Path(tempfile.mkdtemp())
    try:
        with ProjectFile.create(folder / "film.proedit", first_records(), session=5, actor="a", snapshot_every=3) as file:
            editor = RandomEditor(door_on(file, session=5), 1)
            found = [digest(editor.door.document.snapshot.records.values())]
            for _ in range(COMMANDS):
                editor.step()
                found.append(digest(editor.door.document.snapshot.records.values()))
            return found
    finally:
        shutil.rmtree(folder)


def permitted() -> bool:
    """Whether strace is here and may trace."""
    try:
        return subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@dataclasses.dataclass
class Ran:
    """`reached` is False when the session ended before the N-th call."""

    said: list[str]
    reached: bool
    wrong: str = ""


def one(folder: Path, call: str, number: int, fault: str, model: list[str]) -> Ran:
    """One session with one fault, and what is left of it."""
    home = folder / f"{call}-{number}-{fault.partition('=')[2]}"
    home.mkdir()
    path = home / "film.proedit"
    trace = home.with_suffix(".trace")
    code = f"from tests.fuzz.syscalls import session; session({str(path)!r}, lambda line: print(line, flush=True))"
    done = subprocess.run(["strace", "-f", "-qq", "-o", trace, "-e", f"trace={CALLS}",
                           "-e", f"inject={call}:{fault}:when={number}", sys.executable, "-c", code],
                          capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[2])
    said = done.stdout.splitlines()
    traced = trace.read_text()
    ran = Ran(said, "INJECTED" in traced or "SIGKILL" in traced)
    trace.unlink()
    ran.wrong = _judge(path, ran, model, killed="SIGKILL" in fault, errors=done.stderr)
    shutil.rmtree(home)
    return ran


def _judge(path: Path, ran: Ran, model: list[str], *, killed: bool, errors: str) -> str:
    saved = sum(line.startswith("saved") for line in ran.said)
    if "created" not in ran.said:
        if "StorageError" not in errors and not killed:
            return f"not made, and no reason in words: {errors[-300:]}"
        if not path.exists():
            return ""
    if not killed and "created" in ran.said and "closed" not in ran.said:
        return f"one failing call ended the session: {errors[-300:]}"
    try:
        with ProjectFile.open(path, session=6) as file:
            found, problems = file.document_state, [p.message for p in file.problems]
    except Exception as error:
        return f"cannot be opened: {error}"
    count = found.revision - 1
    if problems or digest(found.records) != model[count] or not saved <= count <= saved + 1:
        return f"{saved} acknowledged, {count} recovered, {problems}"
    left = [p.name for p in path.parent.iterdir() if p != path]
    return f"left over: {left}" if left else ""


def run(points: Iterable[tuple[str, int, str]], *, folder: Path | None = None) -> tuple[str, list[str], int]:
    """Figures, failures, and how many faults were reached. A call whose number is not reached ends that series."""
    home = folder or Path(tempfile.mkdtemp(prefix="proedit-"))
    watch, model = Stopwatch(), states()
    failures: list[str] = []
    reached = done = 0
    over: set[tuple[str, str]] = set()
    try:
        for call, number, fault in points:
            if (call, fault) in over:
                continue
            ran = one(home, call, number, fault, model)
            done += 1
            reached += ran.reached
            if not ran.reached:
                over.add((call, fault))
            if ran.wrong:
                failures.append(f"{call} {number} {fault}: {ran.wrong}")
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return f"{done} sessions in {watch():.0f} s, {reached} faults reached, {len(failures)} failures", failures, reached


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.syscalls", description="Kills or fails every system call on the disk.")
    parser.add_argument("--every", type=int, default=1, help="only each so-manyeth call")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if not permitted():
        print("strace is missing or not permitted here; nothing was tried")
        return 0
    points = [(call, number, fault) for fault in FAULTS for call, most in MOST_CALLS.items() for number in range(1, most + 1, given.every)]
    said, failures, _ = run(points, folder=given.folder and Path(tempfile.mkdtemp(dir=given.folder)))
    print(said)
    for failure in failures[:20]:
        print(f"  {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

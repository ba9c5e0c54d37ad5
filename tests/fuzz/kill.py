"""A process that edits is killed at any instant; what it said was saved is there, and nothing is half there.

    python -m tests.fuzz.kill --points 10000 [--seed 1] [--folder DIR]

Owns: children that run real commands on a real project file and say what they attempt and what is durable, SIGKILL, the oracle:
acknowledged ⊆ recovered ⊆ attempted, in order, without a problem told or a question asked. Refuses: power cuts (a killed
process leaves what it wrote to the system's cache).
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import itertools
import logging
import os
import random
import select
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from blake3 import blake3

from editor_core.document import ChangeSet, Document, Snapshot
from editor_core.document.change_set import encode
from editor_core.storage import ProjectFile, Ticket
from editor_core.storage import journal as journal_module
from tests.fuzz.children import Stopwatch, quick_folder
from tests.support.random_edits import RandomEditor, door_on, first_records

SNAPSHOT_EVERY = 15
POINTS_A_FILE = 20
SESSION = 2**51
PATIENCE = 20.0

Plant = Callable[[], None]
"""Breaks the product inside a child, to see the harness notice."""


@dataclasses.dataclass
class Heard:
    """What a child said before it died: digests of attempted changes by counter, the last counter it called saved."""

    attempted: dict[int, str] = dataclasses.field(default_factory=dict)
    saved: int = 0
    opened: bool = False
    failed: str = ""


@dataclasses.dataclass
class Outcome:
    """What a run found. `cut_short` counts kills that left unsaved attempts, `hot` those that left a journal to roll back."""

    points: int
    seconds: float = 0.0
    saved: int = 0
    recovered: int = 0
    cut_short: int = 0
    hot: int = 0
    ahead: int = 0
    failures: list[tuple[int, str]] = dataclasses.field(default_factory=list)

    def __str__(self) -> str:
        return (f"{self.points} kills in {self.seconds:.0f} s: {self.saved} commands acknowledged, {self.recovered} recovered, "
                f"{self.cut_short} kills with unsaved attempts, {self.ahead} with more on disk than acknowledged, "
                f"{self.hot} in the middle of a commit, {len(self.failures)} failures")


def _digest(change: ChangeSet) -> str:
    return blake3(encode(change)).hexdigest(8)


def _edit(path: Path, point: int, say: Callable[[str], None]) -> None:
    """The child: commands until killed. Three ways of waiting, and now and then the file is closed and opened again."""
    rng = random.Random(point)
    way = rng.choice(["each", "burst", "callback"])
    for opening in itertools.count():  # a number of its own each time: one that came twice looked like entries nobody had attempted
        session = SESSION + point * 1000 + opening
        file = ProjectFile.open(path, session=session, snapshot_every=SNAPSHOT_EVERY)
        if file.problems:
            say(f"failed problems: {file.problems}")
        say(f"opened {session}")

        attempted: list[int] = []

        def record(change: ChangeSet, before: Snapshot, after: Snapshot, file: ProjectFile = file,
                   attempted: list[int] = attempted) -> Ticket:
            attempted.append(change.stamp.counter)
            say(f"try {change.stamp.counter} {_digest(change)}")
            return file.record(change, before, after)

        editor = RandomEditor(door_on(file, session=session, recorder=record), point)
        first = file.document_state.revision
        if way == "callback":
            file.on_saved(lambda revision, _, first=first, attempted=attempted:
                          say(f"saved {attempted[revision - first - 1]}") if revision > first else None)
        for _ in range(rng.randrange(5, 60)):
            outcomes = editor.steps(1 if way == "each" else rng.randrange(1, 12))
            if way != "callback":
                outcomes[-1].wait(PATIENCE)
                say(f"saved {outcomes[-1].change.stamp.counter}")
        file.close()
        say(f"saved {attempted[-1]}")


def _child(path: Path, point: int, plant: Plant | None) -> tuple[int, int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    os.close(reading)
    try:
        if plant is not None:
            plant()
        _edit(path, point, lambda line: (os.write(writing, line.encode() + b"\n"), None)[1])
    except BaseException as error:
        os.write(writing, f"failed {type(error).__name__}: {error}".replace("\n", " ").encode() + b"\n")
    finally:
        os._exit(1)


def _kill(child: int, reading: int, rng: random.Random) -> bytes:
    """Kills after a random time, or a random moment after a random line, and returns everything it said."""
    said = b""
    lines = rng.choice([0, 0, rng.randrange(1, 8), rng.randrange(1, 60), rng.randrange(1, 150)])
    until = time.monotonic() + PATIENCE
    while said.count(b"\n") < lines and time.monotonic() < until:
        if select.select([reading], [], [], 0.05)[0]:
            more = os.read(reading, 1 << 16)
            said += more
            if not more or b"failed" in more:
                break
    time.sleep(rng.uniform(0, 0.02) if lines == 0 else rng.uniform(0, 0.003))
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(reading, 1 << 16):
        said += more
    os.close(reading)
    return said


def _parse(said: bytes) -> list[tuple[int, Heard]]:
    """Per session what was said. A last line that was cut off was never said."""
    sessions: list[tuple[int, Heard]] = [(0, Heard())]
    for line in said.decode().split("\n")[:-1]:
        word, _, rest = line.partition(" ")
        heard = sessions[-1][1]
        if word == "opened":
            sessions.append((int(rest), Heard(opened=True)))
        elif word == "try":
            counter, _, digest = rest.partition(" ")
            heard.attempted[int(counter)] = digest
        elif word == "saved":
            heard.saved = max(heard.saved, int(rest))
        elif word == "failed":
            heard.failed = rest
    return sessions


def _is_hot(path: Path) -> bool:
    journal = path.with_name(path.name + "-journal")
    with contextlib.suppress(OSError), journal.open("rb") as file:
        return file.read(8) == b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
    return False


def _check(path: Path, sessions: list[tuple[int, Heard]], model: Document, outcome: Outcome) -> str:
    """Opens what is left and compares; brings the model up to what was recovered. Returns what is wrong."""
    outcome.hot += _is_hot(path)
    try:
        file = ProjectFile.open(path, session=1, snapshot_every=SNAPSHOT_EVERY)
    except Exception as error:
        return f"cannot be opened: {type(error).__name__}: {error}"
    with file:
        if file.problems:
            return f"problems: {[p.message for p in file.problems]}"
        for session, heard in sessions:
            if heard.failed:
                return f"the child failed: {heard.failed}"
            lines = [line for line in file.entries if line.stamp.session == session]
            attempted = list(heard.attempted)
            if [line.stamp.counter for line in lines] != attempted[:len(lines)]:
                return f"not a prefix: {[line.stamp.counter for line in lines]} of {attempted}"
            saved = sum(counter <= heard.saved for counter in attempted)
            if len(lines) < saved:
                return f"{saved} acknowledged, {len(lines)} recovered, {len(attempted)} attempted"
            outcome.saved += saved
            outcome.recovered += len(lines)
            outcome.cut_short += len(attempted) > saved
            outcome.ahead += len(lines) > saved
            for line in lines:
                change = file.change(line.stamp)
                if _digest(change) != heard.attempted[line.stamp.counter]:
                    return f"entry {line.stamp.counter} is not what was attempted"
                model.apply(change)
        state = {record.id: record for record in file.document_state.records}
        if state != model.snapshot.records or file.document_state.stamps != model.stamps:
            return "the records are not what the entries make"
        if {record.id: record for record in file.replica.records()} != state:
            return "the replica differs from the records"
    left = [name.name for name in path.parent.iterdir() if name != path]
    return f"left over: {left}" if left else ""


def run(points: int, *, seed: int = 1, folder: Path | None = None, plant: Plant | None = None, stop_at: int = 10,
        tell: Callable[[str], None] = lambda line: None) -> Outcome:
    """Kills that many children; stops early after `stop_at` failures."""
    logging.getLogger("editor_core").setLevel(logging.CRITICAL)
    home = folder or quick_folder()
    watch, outcome = Stopwatch(), Outcome(points)
    model = Document()
    path = home / "film.proedit"
    try:
        for number in range(points):
            point = seed * 1_000_000 + number
            if number % POINTS_A_FILE == 0 or outcome.failures:
                path, model = _new_file(home, point)
            child, reading = _child(path, point, plant)
            said = _kill(child, reading, random.Random(point))
            if wrong := _check(path, _parse(said), model, outcome):
                outcome.failures.append((point, wrong))
                tell(f"point {point}: {wrong}")
                if len(outcome.failures) >= stop_at:
                    outcome.points = number + 1
                    break
            if number and number % 1000 == 0:
                tell(f"{number} kills, {len(outcome.failures)} failures")
    finally:
        shutil.rmtree(home, ignore_errors=True)
    outcome.seconds = watch()
    return outcome


def _new_file(home: Path, point: int) -> tuple[Path, Document]:
    folder = home / f"{point}"
    folder.mkdir()
    path = folder / "film.proedit"
    with ProjectFile.create(path, first_records(), session=SESSION - 1, actor="person-test", snapshot_every=SNAPSHOT_EVERY) as file:
        return path, file.replay()


def plant_early_acknowledgement() -> None:
    """Says "saved" before the rows are written, which are held back a moment."""
    write = journal_module.Journal._write

    def early(self: journal_module.Journal, batch: list[journal_module.Append | journal_module.Work]) -> None:
        for item in batch:
            item.ticket.settle()
        time.sleep(0.002)
        write(self, batch)

    journal_module.Journal._write = early  # type: ignore[method-assign]


def plant_forgotten_entry() -> None:
    """Acknowledges one entry in forty without writing it."""
    write = journal_module.Journal._write

    def forgetful(self: journal_module.Journal, batch: list[journal_module.Append | journal_module.Work]) -> None:
        write(self, [item for item in batch if not (isinstance(item, journal_module.Append) and item.sequence % 40 == 0)] or batch)

    journal_module.Journal._write = forgetful  # type: ignore[method-assign]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.kill", description="Kills editing processes at random instants.")
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="where the projects lie, on a real disk")
    given = parser.parse_args()
    outcome = run(given.points, seed=given.seed, folder=_made(given.folder), tell=_tell)
    print(outcome)
    return 1 if outcome.failures else 0


def _tell(line: str) -> None:
    print(line, flush=True)


def _made(folder: Path) -> Path:
    made = folder / f"kills-{os.getpid()}"
    made.mkdir(parents=True)
    return made


if __name__ == "__main__":
    sys.exit(main())

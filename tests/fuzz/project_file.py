"""Damaged project files: never a crash, never a hang, never a silent change.

    python -m tests.fuzz.project_file --mutants 20000 [--seed 1]

Owns: a real project file with its whole past known, mutants of it, and the oracle: what opens is either exactly what was there,
or it is a state the project once had and `problems` says that something is wrong. A refusal to open must say so in words.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import logging
import random
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
from blake3 import blake3

from editor_core.schema import Record
from editor_core.storage import ProjectFile, StorageError
from editor_core.sync import SyncError
from tests.fuzz.children import Stopwatch, in_children, peak_memory, quick_folder
from tests.support.random_edits import RandomEditor, door_on, first_records

PAGE = 4096
SESSION = 2**52 + 12345
MOST_MEMORY = 512 * 2**20


def digest(records: Iterable[Record]) -> str:
    """Of records, whatever their order."""
    return blake3(msgspec.msgpack.encode(sorted(records, key=lambda r: r.id))).hexdigest(16)


@dataclasses.dataclass
class Subject:
    """A project file's bytes, an older image of them, and the digest of its records after each entry."""

    raw: bytes
    older: bytes
    states: dict[int, str]
    last: int
    places: dict[str, list[Path]]

    @property
    def full(self) -> str:
        return self.states[self.last]


def make_subject(folder: Path, seed: int = 1, entries: int = 260) -> Subject:
    """A project with archive blocks, two snapshots, a tail, media locations; `older` was copied a sixth of its entries before its end."""
    path = folder / "subject.proedit"
    file = ProjectFile.create(path, first_records(), session=SESSION, actor="person-test", snapshot_every=entries * 4 // 13)
    door = door_on(file, session=SESSION)
    editor = RandomEditor(door, seed)
    states = {1: digest(door.document.snapshot.records.values())}
    older = b""
    for number in range(entries):
        if number == entries - entries // 6:
            file.flush()
            older = path.read_bytes()
        editor.step()
        states[door.document.revision] = digest(door.document.snapshot.records.values())
        if number % (entries // 6) == 0:
            file.locations.set(f"m{number:08d}", folder / f"footage {number} ü.mov")
    places = {asset: file.locations.get(asset) for asset in file.locations}
    last = door.document.revision
    file.close()
    raw = path.read_bytes()
    shutil.rmtree(folder)
    return Subject(raw, older, states, last, places)


def _flip(rng: random.Random, raw: bytearray, start: int, count: int) -> None:
    for _ in range(count):
        place = min(len(raw) - 1, start + rng.randrange(PAGE))
        raw[place] ^= 1 << rng.randrange(8)


def mutate(subject: Subject, seed: int) -> tuple[str, bytes]:
    """The kind of damage and the damaged bytes."""
    rng = random.Random(seed)
    raw = bytearray(subject.raw)
    pages = len(raw) // PAGE
    start, other = rng.randrange(pages) * PAGE, rng.randrange(pages) * PAGE
    kind = rng.choice(["flip 1", "flip 1", "flip 8", "flip head", "zero page", "zero sector", "noise page", "cut", "cut page", "swap",
                       "copy", "old page", "old sector", "grow"])
    if kind in ("flip 1", "flip 8"):
        _flip(rng, raw, start, int(kind[-1]))
    elif kind == "flip head":
        place = start + rng.randrange(12)
        raw[place] = rng.randrange(256)
    elif kind in ("zero page", "noise page"):
        raw[start:start + PAGE] = bytes(PAGE) if kind == "zero page" else rng.randbytes(PAGE)
    elif kind == "zero sector":
        sector = start + rng.randrange(8) * 512
        raw[sector:sector + 512] = bytes(512)
    elif kind in ("cut", "cut page"):
        del raw[rng.randrange(1, len(raw)) if kind == "cut" else max(PAGE, start):]
    elif kind == "swap":
        raw[start:start + PAGE], raw[other:other + PAGE] = raw[other:other + PAGE], raw[start:start + PAGE]
    elif kind == "copy":
        raw[start:start + PAGE] = raw[other:other + PAGE]
    elif kind in ("old page", "old sector"):
        old = rng.randrange(len(subject.older) // PAGE) * PAGE
        size = PAGE if kind == "old page" else 512
        raw[old:old + size] = subject.older[old:old + size]
    else:
        raw += rng.randbytes(rng.randrange(1, 3 * PAGE))
    return kind, bytes(raw)


def examine(subject: Subject, seed: int, folder: Path) -> dict[str, Any]:
    """What became of one mutant; `wrong` is not empty when the oracle does not hold."""
    kind, raw = mutate(subject, seed)
    home = folder / f"{seed}"
    home.mkdir()
    path = home / "film.proedit"
    path.write_bytes(raw)
    result: dict[str, Any] = {"kind": kind, "wrong": [], "same": raw == subject.raw}
    try:
        if seed % 4 == 0:
            _examine_opened(subject, path, result, read_only=True)
            if path.read_bytes() != raw or len(list(home.iterdir())) > 1:
                result["wrong"].append("reading changed the folder")
        else:
            _examine_opened(subject, path, result, read_only=False)
            if "refused" not in result and seed % 2:
                _examine_again(subject, path, result)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if peak_memory() > MOST_MEMORY:
        result["wrong"].append(f"{peak_memory() >> 20} MiB of memory")
    return result


def _examine_opened(subject: Subject, path: Path, result: dict[str, Any], *, read_only: bool) -> None:
    try:
        file = ProjectFile.open(path, session=4242, read_only=read_only)
    except StorageError as error:
        result["refused"] = f"{type(error).__name__}: {error}"
        if len(str(error)) < 20 or path.name not in str(error):
            result["wrong"].append(f"not a message for people: {error}")
        return
    try:
        state = file.document_state
        result["revision"], result["problems"] = state.revision, [p.message for p in file.problems]
        found = digest(state.records)
        wrong = result["wrong"]
        if digest(file.replica.records()) != found:
            wrong.append("replica and records differ")
        if found != subject.states.get(state.revision):
            wrong.append(f"not a state of the past (revision {state.revision})")
        if found != subject.full and not file.problems:
            wrong.append("changed and silent")
        if not file.problems:
            _examine_details(subject, file, wrong)
    finally:
        file.close()


def _examine_details(subject: Subject, file: ProjectFile, wrong: list[str]) -> None:
    """Where no problem is told, nothing at all may be missing."""
    if len(file.entries) != subject.last - 1:
        wrong.append(f"{len(file.entries)} lines of history and silent")
    if {asset: file.locations.get(asset)[0] for asset in file.locations} != {a: p[0] for a, p in subject.places.items()}:
        wrong.append("locations changed and silent")
    try:
        if digest(file.replay().snapshot.records.values()) != subject.full:
            wrong.append("the history makes something else, and silent")
    except (StorageError, SyncError) as error:
        wrong.append(f"the history cannot be replayed and silent: {error}")


def _examine_again(subject: Subject, path: Path, result: dict[str, Any]) -> None:
    """A mended file works on, stays as it is at the next opening, and still says what happened."""
    with ProjectFile.open(path, session=4243) as file:
        if file.document_state.revision != result["revision"] or digest(file.document_state.records) != subject.states[result["revision"]]:
            result["wrong"].append("another state at the second opening")
        if [p.message for p in file.problems] != result["problems"]:
            result["wrong"].append(f"other problems at the second opening: {[p.message for p in file.problems]}")
        door = door_on(file, session=4243)
        door.execute("marker.add", {"at": 0, "text": "on"}).wait(10)
    with ProjectFile.open(path, session=4244) as file:
        if file.document_state.revision != result["revision"] + 1:
            result["wrong"].append("an edit after mending was lost")


@dataclasses.dataclass
class Outcome:
    """What a run found. `failures` are (seed, what went wrong)."""

    mutants: int
    seconds: float
    exact: int = 0
    recovered: int = 0
    refused: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    failures: list[tuple[int, str]] = dataclasses.field(default_factory=list)
    lost: list[int] = dataclasses.field(default_factory=list)

    def __str__(self) -> str:
        lost = sorted(self.lost)
        return (f"{self.mutants} mutants in {self.seconds:.0f} s: {self.exact} complete, {self.recovered} recovered to an earlier state "
                f"(median {lost[len(lost) // 2] if lost else 0}, most {lost[-1] if lost else 0} entries lost), "
                f"refused {dict(self.refused)}, {len(self.failures)} failures")


def run(mutants: int, *, seed: int = 1, entries: int = 260, stop_at: int = 50, tell: Callable[[str], None] = lambda line: None,
        examine: Callable[[Subject, int, Path], dict[str, Any]] = examine) -> Outcome:
    """Examines that many mutants of a file with so many entries in child processes that may die; stops early after `stop_at` failures."""
    logging.getLogger("editor_core").setLevel(logging.CRITICAL)
    folder = quick_folder()
    watch = Stopwatch()
    try:
        (folder / "subject").mkdir()
        subject = make_subject(folder / "subject", entries=entries)
        outcome = Outcome(mutants, 0.0)
        for number, (which, result) in enumerate(in_children([seed * 1_000_000 + n for n in range(mutants)],
                                                             lambda which: examine(subject, which, folder)), 1):
            _count(outcome, subject, which, result)
            if len(outcome.failures) >= stop_at:
                outcome.mutants = number
                break
            if number % 1000 == 0:
                tell(f"{number} mutants, {len(outcome.failures)} failures")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    outcome.seconds = watch()
    return outcome


def _count(outcome: Outcome, subject: Subject, seed: int, result: dict[str, Any]) -> None:
    if "died" in result:
        outcome.failures.append((seed, f"died: {result['died']}"))
    elif result["wrong"]:
        outcome.failures.append((seed, f"{result['kind']}: {'; '.join(result['wrong'])}"))
    elif "refused" in result:
        outcome.refused[result["kind"]] += 1
    elif result["revision"] == subject.last:
        outcome.exact += 1
    else:
        outcome.recovered += 1
        outcome.lost.append(subject.last - result["revision"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.project_file", description="Opens damaged project files.")
    parser.add_argument("--mutants", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1, help="a failure is repeated by its number: --only NUMBER")
    parser.add_argument("--only", type=int, help="examine one mutant in this process")
    given = parser.parse_args()
    if given.only is not None:
        folder = quick_folder()
        (folder / "subject").mkdir()
        print(examine(make_subject(folder / "subject"), given.only, folder))
        shutil.rmtree(folder, ignore_errors=True)
        return 0
    outcome = run(given.mutants, seed=given.seed, tell=print)
    print(outcome)
    for seed, what in outcome.failures[:20]:
        print(f"  --only {seed}: {what[-300:]}")
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())

"""Project files made by somebody who means harm: every mark fits, the content does not.

    python -m tests.fuzz.forged_project --files 20000 [--seed 1]

Owns: rows whose packed content was changed at will and marked again, chain and all; the oracle is that opening never crashes,
hangs or takes much memory, and what goes wrong is told as a StorageError. Refuses: what the records say then, which is the
forger's choice.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import random
import shutil
import sqlite3
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from editor_core.storage import ProjectFile, StorageError
from editor_core.storage.entries import unfold
from editor_core.storage.layout import TABLES, columns_of, insert, marked, sides_in
from editor_core.sync import SyncError
from editor_core.sync.packing import DICTIONARY, unpack_raw
from editor_core.sync.parcel import seal, unseal
from tests.fuzz.children import Stopwatch, in_children, peak_memory, quick_folder
from tests.fuzz.project_file import MOST_MEMORY, make_subject

TARGETS = ("change", "replica", "folded", "snapshot", "lines", "body", "locations", "problems", "meta", "head")


def scrambled(rng: random.Random, raw: bytes) -> bytes:
    """The bytes, changed in one of several ways."""
    data = bytearray(raw) or bytearray(1)
    way = rng.randrange(7)
    place = rng.randrange(len(data))
    if way <= 2:
        for _ in range(1 + way * 3):
            data[rng.randrange(len(data))] = rng.randrange(256)
    elif way == 3:
        data[place:place] = rng.choice([b"\x91" * 4000, b"\xdd\xff\xff\xff\xff", b"\xc6\x7f\xff\xff\xff", b"\xcf" + b"\xff" * 8,
                                        b"\xc0" * 50])
    elif way == 4:
        del data[place:place + rng.randrange(1, 60)]
    elif way == 5:
        data[place:place] = data[rng.randrange(len(data)):][:200]
    else:
        return rng.randbytes(rng.randrange(0, 300))
    return bytes(data)


def _repacked(raw: bytes) -> bytes:
    squeezer = zlib.compressobj(6, zlib.DEFLATED, -15, zdict=DICTIONARY)
    return b"\x01" + squeezer.compress(raw) + squeezer.flush()


def _refolded(rng: random.Random, change: bytes, kept: bytes) -> bytes:
    """A parcel as a row keeps it, changed inside of its compression."""
    dictionary = unpack_raw(change)
    if not kept.startswith(b"\x00PF2") or len(dictionary) > 24 * 1024:
        return scrambled(rng, kept)
    raw = zlib.decompressobj(-15, zdict=dictionary).decompress(kept[4:])
    squeezer = zlib.compressobj(6, zlib.DEFLATED, -15, zdict=dictionary)
    return b"\x00PF2" + squeezer.compress(scrambled(rng, raw)) + squeezer.flush()


def _forge_entry(rng: random.Random, row: list[Any], target: str) -> None:
    if target == "folded":
        row[3] = _refolded(rng, row[2], row[3])
        return
    whole = unfold(row[2], row[3])
    if target == "change":
        row[3] = whole
        row[2] = _repacked(scrambled(rng, unpack_raw(row[2])))
        return
    parcel = unseal(whole)
    timeline, journal = parcel.timeline, parcel.journal
    if rng.random() < 0.7:
        timeline = scrambled(rng, timeline)
    else:
        journal = scrambled(rng, journal)
    row[3] = seal(timeline, journal)


def _rechain(connection: sqlite3.Connection, rng: random.Random, target: str) -> None:
    rows = [list(row) for row in connection.execute("SELECT * FROM journal ORDER BY sequence")]
    chosen = rng.randrange(len(rows))
    _forge_entry(rng, rows[chosen], target)
    previous = rows[0][1]
    for row in rows:
        row[1] = previous
        made = marked("journal", *row[:4])
        insert(connection, "journal", made)
        connection.execute("UPDATE snapshots SET chain = ? WHERE sequence = ?", (made[-1], row[0]))
        previous = made[-1]
    connection.execute("UPDATE head SET chain = ?", (previous,))


def forge(path: Path, seed: int) -> str:
    """Forges one row of a project file; returns which kind."""
    rng = random.Random(seed)
    target = rng.choice(TARGETS)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        if target in ("change", "replica", "folded"):
            _rechain(connection, rng, target)
        else:
            table, column = {"snapshot": ("snapshots", "body"), "lines": ("archive", "lines"), "body": ("archive", "body")}.get(
                target, (target, columns_of(target)[-2]) if target in TABLES else ("", ""))
            rows = connection.execute(f"SELECT * FROM {table}").fetchall()
            if rows:
                row = list(rng.choice(rows))
                at = columns_of(table).index(column)
                inner = zlib.decompress(row[at]) if table in ("snapshots", "archive") else row[at]
                if target == "snapshot" and rng.random() < 0.5:
                    parts = msgspec.msgpack.decode(inner)
                    updates = [parts[3]] if isinstance(parts[3], bytes) else parts[3]
                    which = rng.randrange(len(updates))
                    updates[which] = scrambled(rng, updates[which])
                    parts[3] = updates if isinstance(parts[3], list) else updates[0]
                    inner = msgspec.msgpack.encode(parts)
                else:
                    inner = scrambled(rng, inner)
                row[at] = zlib.compress(inner) if table in ("snapshots", "archive") else inner
                insert(connection, table, marked(table, *row[:-1]))
        for table in ("snapshots", "head"):
            for row in connection.execute(f"SELECT * FROM {table}").fetchall():
                row = (*row[:3], sides_in(connection)) if table == "head" and target != "head" else row[:-1]
                insert(connection, table, marked(table, *row))
    return target


def examine(raw: bytes, seed: int, folder: Path) -> dict[str, Any]:
    """Opens one forged file, twice; `wrong` is empty when nothing worse than an error in words happened."""
    home = folder / f"{seed}"
    home.mkdir()
    path = home / "film.proedit"
    path.write_bytes(raw)
    result: dict[str, Any] = {"kind": forge(path, seed), "wrong": []}
    try:
        for session in (1, 2):
            with ProjectFile.open(path, session=session, read_only=seed % 3 == 0) as file:
                result["problems"] = len(file.problems)
                file.replica.records()
                file.replica.changes()
                for line in file.entries[::20]:
                    with contextlib.suppress(StorageError, SyncError):
                        file.change(line.stamp)
    except (StorageError, SyncError) as error:
        result["refused"] = str(error)
    finally:
        shutil.rmtree(home)
    if peak_memory() > MOST_MEMORY:
        result["wrong"].append(f"{peak_memory() >> 20} MiB of memory")
    return result


def run(files: int, *, seed: int = 1, tell: Callable[[str], None] = lambda line: None) -> tuple[str, list[tuple[int, str]]]:
    """A line of figures and the failures as (seed, what)."""
    logging.getLogger("editor_core").setLevel(logging.CRITICAL)
    folder, watch = quick_folder(), Stopwatch()
    failures: list[tuple[int, str]] = []
    refused = told = 0
    try:
        (folder / "subject").mkdir()
        raw = make_subject(folder / "subject", entries=150).raw
        seeds = [seed * 1_000_000 + n for n in range(files)]
        for number, (which, result) in enumerate(in_children(seeds, lambda which: examine(raw, which, folder)), 1):
            if "died" in result or result["wrong"]:
                failures.append((which, str(result.get("died") or result["wrong"])))
            else:
                refused += "refused" in result
                told += result.get("problems", 0) > 0
            if number % 1000 == 0:
                tell(f"{number} files, {len(failures)} failures")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return f"{files} forged files in {watch():.0f} s: {told} with problems told, {refused} refused, {len(failures)} failures", failures


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.forged_project", description="Opens project files that were forged.")
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    said, failures = run(given.files, seed=given.seed, tell=print)
    print(said)
    for seed, what in failures[:20]:
        print(f"  {seed}: {what.strip().splitlines()[-1]}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

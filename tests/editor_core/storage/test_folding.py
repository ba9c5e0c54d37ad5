"""What a row says twice is kept once, and comes back byte for byte."""

from __future__ import annotations

import os
import random
import sqlite3
import zlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor_core.document import ChangeSet, Stamp
from editor_core.schema import Clip, Record, Track, new_id
from editor_core.storage import ProjectFile
from editor_core.storage.entries import Unusable, fold, unfold
from editor_core.storage.layout import FIRST_LINK, insert, marked
from editor_core.sync.packing import pack, unpack_raw
from editor_core.sync.parcel import seal
from editor_core.timing import TimeRange
from tests.support.random_edits import door_on, first_records


def packed(label: str = "Set opacity") -> bytes:
    return pack(ChangeSet(stamp=Stamp(4495414591407045, 7), actor="u1", command="clip.set", label=label, time=1, operations=()))


@given(st.binary(max_size=5000), st.binary(max_size=5000), st.text(max_size=50))
@settings(max_examples=150, deadline=None)
def test_a_parcel_comes_back_as_it_was(timeline: bytes, journal: bytes, label: str) -> None:
    change, parcel = packed(label), seal(timeline, journal)
    assert unfold(change, fold(change, parcel)) == parcel


def test_what_the_change_says_already_costs_next_to_nothing() -> None:
    change = packed("a label that is long enough to be seen in the figures " * 3)
    parcel = seal(b"\x01\x01\x02", b"\x01\x01\x03" + change)
    assert len(fold(change, parcel)) < len(parcel) - len(change) + 40


def test_a_parcel_that_was_kept_whole_is_read_as_it_is() -> None:
    parcel = seal(b"\x01\x01\x02", b"")
    assert unfold(packed(), parcel) == parcel


def test_a_damaged_or_foreign_fold_is_refused_in_words() -> None:
    change = packed()
    kept = fold(change, seal(os.urandom(300), os.urandom(300)))
    for wrong in (kept[:-3], kept + b"x", kept[:4]):
        with pytest.raises(Unusable):
            unfold(change, wrong)
    with pytest.raises(Unusable):
        unfold(b"\x01nonsense", kept)


def as_once(change: bytes, parcel: bytes) -> bytes:
    """A parcel as rows of before columns have it."""
    squeezer = zlib.compressobj(6, zlib.DEFLATED, -15, zdict=unpack_raw(change)[-24 * 1024:] + change[-6 * 1024:])
    return b"\x00PF1" + squeezer.compress(parcel) + squeezer.flush()


def rippled(path: Path, clips: int, ripples: int = 3) -> None:
    """A film of clips of many lengths, the first of which are taken out one by one."""
    rng, frame, start = random.Random(4), 23_520_000, 0
    records: list[Record] = list(first_records())
    track = Track(id=new_id("k"), timeline=next(r.id for r in records if r.kind_name == "timeline"), kind="video", order="X")
    lane = []
    for number in range(clips):
        length = rng.randrange(12, 300) * frame
        lane.append(Clip(id=new_id("c"), track=track.id, kind="title", start=start, source_range=TimeRange(0, length), text=f"t{number}"))
        start += length
    rng.shuffle(lane)
    with ProjectFile.create(path, [*records, track, *lane], session=7, actor="person-a") as file:
        door = door_on(file, session=7)
        for clip in sorted(lane, key=lambda one: one.start)[:ripples]:
            door.execute("clip.extract", {"clips": [clip.id]})


def rows_in(path: Path) -> list[tuple[int, bytes, bytes, bytes, bytes]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT sequence, previous, change, replica, mark FROM journal ORDER BY sequence").fetchall()
    finally:
        connection.close()


def test_a_ripple_over_two_thousand_clips_takes_a_row_of_less_than_32_kilobytes(tmp_path: Path) -> None:
    rippled(tmp_path / "film.proedit", 2000)
    sizes = [sum(map(len, row[1:])) for row in rows_in(tmp_path / "film.proedit")[-3:]]
    assert max(sizes) < 27 * 1024


def test_rows_of_before_columns_open_as_before(tmp_path: Path) -> None:
    path = tmp_path / "film.proedit"
    rippled(path, 60)
    with ProjectFile.open(path, session=8, read_only=True) as file:
        records, state = file.document_state.records, file.replica.records()
    previous, before = FIRST_LINK, rows_in(path)
    connection = sqlite3.connect(path)
    for sequence, _, change, kept, _ in before:
        whole = unfold(change, kept)
        made = marked("journal", sequence, previous, change, whole if sequence == 2 else as_once(change, whole))
        insert(connection, "journal", made)
        previous = made[-1]
    connection.execute("DELETE FROM snapshots")
    _, sequence, _, sides, _ = connection.execute("SELECT * FROM head").fetchone()
    insert(connection, "head", marked("head", 1, sequence, previous, sides))
    connection.commit()
    connection.close()
    assert [row[3][:4] for row in rows_in(path)[2:]] == [b"\x00PF1"] * (len(before) - 2)
    with ProjectFile.open(path, session=9) as file:
        assert not file.problems
        assert file.document_state.records == records
        assert file.replica.records() == state
        door = door_on(file, session=9)
        assert door.execute("edit.undo", {}).change is not None
    assert rows_in(path)[-1][3].startswith(b"\x00PF2"), "what is added stands in today's form"


def test_a_parcel_that_columns_would_not_give_back_is_kept_nearly_whole() -> None:
    item = b"\xa8\x07%c\x01w\x08[07,1,1]"  # a number written in a way that is not ours
    update = b"\x01\x14\x07\x00" + b"".join(item % clock for clock in range(20)) + b"\x00"
    change, parcel = packed(), seal(update, b"")
    kept = fold(change, parcel)
    assert kept.startswith(b"\x00PF1")
    assert unfold(change, kept) == parcel


def test_forged_columns_in_a_row_are_refused_in_words() -> None:
    change = packed()

    def row(*parts: object) -> bytes:
        squeezer = zlib.compressobj(6, zlib.DEFLATED, -15, zdict=unpack_raw(change))
        return b"\x00PF2" + squeezer.compress(msgspec.msgpack.encode(parts)) + squeezer.flush()

    run = [0, 2**40, [7], b"", b"", 0, 1, b"", b",1,1]"]
    assert unfold(change, row([b"abc", [], b""], b"d", b"e")) == seal(b"abc", b"d" + change + b"e")
    for wrong in (row(), row(1, b"", b""), row([b"abc", [run], b""], b"", b""), row([b"", [run] * 2000, b""], b"", b""),
                  row([b"", [[2**70 % 2**64, 1, [7], b"", b"", 0, 1, b"", b""]], b""], b"", b"")):
        with pytest.raises(Unusable):
            unfold(change, wrong)

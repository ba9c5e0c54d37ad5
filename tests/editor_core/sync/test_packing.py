"""ChangeSets packed for the journal: small, exact, bounded, and in a form that never changes.

Owns: sizes, round trips, refusals. Refuses: what ChangeSets mean.
"""

from __future__ import annotations

import random
import zlib

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from editor_core.document import ChangeSet, Stamp
from editor_core.storage import ProjectFile
from editor_core.sync import UpdateRefused, packing
from tests.support.random_edits import RandomEditor, door_on, first_records


def test_the_dictionary_of_version_1_is_the_one_that_files_were_written_with() -> None:
    assert blake3(packing.DICTIONARY).hexdigest(8) == "cfab4f52f630d1b3"


def test_changes_survive_packing_and_a_simple_gesture_stays_below_350_bytes(tmp_path) -> None:
    simple = {"clip.set", "clip.trim", "clip.append", "clip.move", "marker.add", "track.set", "title.add", "clip.split", "clip.lift"}
    sizes: dict[str, list[int]] = {}
    with ProjectFile.create(tmp_path / "a.proedit", first_records(), session=2**52, actor="person-test") as file:
        editor = RandomEditor(door_on(file, session=2**52), 8)
        for outcome in editor.steps(300):
            assert outcome.change is not None
            packed = packing.pack(outcome.change)
            assert packing.unpack(packed) == outcome.change
            sizes.setdefault(outcome.change.command, []).append(len(packed))
    for command in simple & set(sizes):
        typical = sorted(sizes[command])[len(sizes[command]) // 2]
        assert typical <= 350, f"{command} takes {typical} bytes"


@given(st.binary(max_size=400))
def test_bytes_that_are_no_change_are_refused(raw: bytes) -> None:
    for packed in (raw, b"\x01" + raw):
        with pytest.raises(UpdateRefused):
            packing.unpack(packed)


def test_a_small_packing_of_something_huge_is_not_unpacked() -> None:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=packing.DICTIONARY)
    bomb = b"\x01" + squeezer.compress(bytes(packing.MAX_CHANGE + 1)) + squeezer.flush()
    assert len(bomb) < 100_000
    with pytest.raises(UpdateRefused, match="cut off or longer"):
        packing.unpack_raw(bomb)


def test_a_cut_packing_is_refused() -> None:
    whole = b"\x01" + zlib.compressobj(6, zlib.DEFLATED, -15, zdict=packing.DICTIONARY).flush()
    rng = random.Random(1)
    with pytest.raises(UpdateRefused):
        packing.unpack(whole + rng.randbytes(3))


def test_a_merge_may_be_longer_than_a_change_that_is_sent_and_is_read_only_where_it_lies(monkeypatch) -> None:
    monkeypatch.setattr(packing, "MAX_CHANGE", 1000)
    merge, change = (ChangeSet(stamp=Stamp(7, 1), actor="u", command="m", label="x" * 2000, time=1, operations=(), kind=kind)
                     for kind in ("merge", "do"))
    with pytest.raises(UpdateRefused, match="too much"):
        packing.pack(change)
    packed = packing.pack(merge)
    with pytest.raises(UpdateRefused):
        packing.unpack(packed, 1000)
    assert packing.unpack(packed, packing.MAX_MERGE) == merge

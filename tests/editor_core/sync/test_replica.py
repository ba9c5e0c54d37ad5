"""Replicas of a project: in step with the records, mergeable, and closed to damaged bytes.

Owns: write, read back, merge, refusal. Refuses: files (see storage).
"""

from __future__ import annotations

import gc
import random
import weakref

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from editor_core.document import ChangeSet, Create, Document, Put, Stamp
from editor_core.schema import Clip, Marker, Record, Track
from editor_core.sync import Replica, UpdateRefused
from editor_core.sync.fields import FieldText, put_together, taken_apart, text_of
from editor_core.sync.parcel import seal, unseal
from editor_core.timing import TimeRange
from tests.support.random_edits import first_records

SESSION = 2**53 - 7


def change(counter: int, *operations: object, session: int = SESSION) -> ChangeSet:
    return ChangeSet(stamp=Stamp(session, counter), actor="a", command="test.do", label="Do", time=1, operations=tuple(operations))


def started() -> tuple[Document, Replica]:
    document, replica = Document(), Replica()
    first = change(0, *(Create(record) for record in first_records()))
    replica.write(first, document.apply(first))
    return document, replica


def by_id(records: list[Record]) -> dict[str, Record]:
    return {record.id: record for record in records}


def test_every_record_comes_back_equal_and_typed() -> None:
    document, replica = started()
    track = document.snapshot.tracks("video")[0]
    clip = Clip(id="c1", track=track.id, kind="title", start=2**53 - 1, source_range=TimeRange(3, 2**53 - 1), name="ä\u2028🎬",
                opacity=1 / 3)
    made = change(1, Create(clip))
    replica.write(made, document.apply(made))
    found = by_id(replica.records())["c1"]
    assert found == clip
    assert isinstance(found, Clip) and type(found.start) is int and found.start == 2**53 - 1
    assert by_id(replica.records()) == document.snapshot.records


def test_an_update_holds_only_what_the_gesture_wrote() -> None:
    document, replica = started()
    clip = Clip(id="c1", track="k", kind="solid", start=0, source_range=TimeRange(0, 10))
    made = change(1, Create(clip))
    replica.write(made, document.apply(made))
    put = change(2, Put("c1", "opacity", 1.0, 0.5, Stamp(SESSION, 1)))
    parcel = replica.write(put, document.apply(put))
    assert len(unseal(parcel).timeline) < 80
    assert len(unseal(parcel).journal) < 250


def test_a_replica_fed_with_every_update_equals_the_one_that_wrote_them() -> None:
    document, replica, other = Document(), Replica(), Replica()
    rng = random.Random(3)
    first = change(0, *(Create(record) for record in first_records()))
    parcels = [replica.write(first, document.apply(first))]
    for counter in range(1, 60):
        made = change(counter, Create(Marker(id=f"n{counter}", timeline="t", start=rng.randrange(10**9), text="x" * rng.randrange(50))))
        parcels.append(replica.write(made, document.apply(made)))
    rng.shuffle(parcels)
    for parcel in [*parcels, *parcels[:9]]:
        other.apply_update(parcel)
    assert by_id(other.records()) == by_id(replica.records()) == document.snapshot.records
    assert other.changes() == replica.changes()
    assert list(other.changes()) == [Stamp(SESSION, n) for n in range(60)]


def test_concurrent_edits_of_different_fields_both_survive_and_of_one_field_one_does_everywhere() -> None:
    document, replica = started()
    track = document.snapshot.tracks("video")[0]
    left, right = Replica.from_state(replica.state()), Replica.from_state(replica.state())
    snapshot = document.snapshot
    left.write(change(1, Put(track.id, "name", "", "Left", Stamp(SESSION, 0)), session=1), snapshot)
    left.write(change(2, Put(track.id, "muted", False, True, Stamp(SESSION, 0)), session=1), snapshot)
    right.write(change(1, Put(track.id, "name", "", "Right", Stamp(SESSION, 0)), session=2), snapshot)
    right.write(change(2, Put(track.id, "deleted", False, True, Stamp(SESSION, 0)), session=2), snapshot)
    one, two = left.state(), right.state()
    left.apply_update(two)
    right.apply_update(one)
    assert left.records() == right.records()
    merged = by_id(left.records())[track.id]
    assert isinstance(merged, Track) and merged.muted and merged.deleted and merged.name in ("Left", "Right")
    assert len(left.changes()) == len(right.changes()) == 5, "what lost is still in the journal"


def test_client_ids_are_new_for_each_replica_and_within_53_bits() -> None:
    ids = {Replica().client for _ in range(200)}
    assert len(ids) == 200 and all(0 < number < 2**53 for number in ids)


def test_one_flipped_bit_anywhere_in_an_update_is_refused_and_changes_nothing() -> None:
    document, replica = started()
    made = change(1, Create(Marker(id="n1", timeline="t", start=5, text="hello")))
    parcel = replica.write(made, document.apply(made))
    other = Replica()
    for place in range(len(parcel)):
        damaged = bytearray(parcel)
        damaged[place] ^= 1 << (place % 8)
        with pytest.raises(UpdateRefused):
            other.apply_update(bytes(damaged))
    assert other.records() == [] and other.changes() == {}


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_crash_a_replica_even_under_a_valid_checksum(raw: bytes) -> None:
    replica = Replica()
    for parcel in (raw, seal(raw, b""), seal(b"", raw)):
        try:
            replica.apply_update(parcel)
        except UpdateRefused:
            continue
        replica.records()
        replica.changes()


@pytest.mark.parametrize("raw", [bytes.fromhex("808080800f"), b"\xff" * 400, bytes.fromhex("00808080800f"), b"\x7f" + bytes(20)])
def test_updates_that_claim_more_than_they_hold_are_refused(raw: bytes) -> None:
    with pytest.raises(UpdateRefused):
        Replica().apply_update(seal(raw, b""))


def test_a_kind_from_a_newer_version_is_kept_and_told() -> None:
    record, bad = put_together("x1", {"type": text_of("hologram", Stamp(1, 1)), "depth": text_of(3, Stamp(1, 1))})
    assert record is None
    assert "hologram" in bad[0].reason and bad[0].field == ""


def test_a_field_from_a_newer_version_leaves_the_record_usable() -> None:
    marker = Marker(id="n1", timeline="t", start=5)
    record, bad = put_together("n1", {**taken_apart(marker, Stamp(1, 1)), "mood": text_of("blue", Stamp(1, 2))})
    assert record == marker
    assert [(b.id, b.field) for b in bad] == [("n1", "mood")]


def test_a_value_from_a_newer_version_stands_at_its_default_and_one_that_must_be_there_quarantines_the_record() -> None:
    clip = Clip(id="c1", track="k", kind="solid", start=0, source_range=TimeRange(0, 10), blend_mode="multiply")
    texts = taken_apart(clip, Stamp(1, 1))
    record, bad = put_together("c1", {**texts, "blend_mode": text_of("quantum", Stamp(1, 2))})
    assert isinstance(record, Clip) and record.blend_mode == "normal" and bad[0].field == "blend_mode"
    record, bad = put_together("c1", {**texts, "start": text_of(-5, Stamp(1, 2))})
    assert record is None and "start" in bad[-1].reason


@pytest.mark.parametrize("text", ["", "[", "[1]", "[1,2]", '{"a":1}', "[" * 5000, '["x",1.5,2]', 12, None, b"[1,2,3]"])
def test_a_field_text_that_is_none_is_told_and_never_raised(text: object) -> None:
    record, bad = put_together("n1", {**taken_apart(Marker(id="n1", timeline="t", start=5), Stamp(1, 1)), "text": text})
    assert record == Marker(id="n1", timeline="t", start=5)
    assert bad and bad[0].field == "text"


values = st.recursive(st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(max_size=20)
                      | st.floats(allow_nan=False, allow_infinity=False), lambda inner: st.lists(inner, max_size=4), max_leaves=12)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values)
def test_any_plain_value_survives_its_text(value: object) -> None:
    from editor_core.sync.fields import parse_text

    assert parse_text(text_of(value, Stamp(2**53 - 1, 7))) == FieldText(value, 2**53 - 1, 7)


def test_replicas_do_not_stay_in_memory() -> None:
    """A subscription that is kept would: 1 MB for every project opened and closed."""
    document, replica = started()
    state = replica.state()
    held = []
    for counter in range(1, 6):
        other = Replica.from_state(state)
        other.write(change(counter, Create(Marker(id=f"n{counter}", timeline="t", start=0))), document.snapshot)
        held.append(weakref.ref(other._timeline))
    del other
    gc.collect()
    assert [doc() for doc in held] == [None] * 5

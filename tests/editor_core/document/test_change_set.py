"""ChangeSets and stamps as bytes."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor_core.document import NOBODY, ChangeSet, Create, Put, Shift, Stamp, StampRow
from editor_core.document.change_set import decode, encode
from editor_core.schema import Clip
from editor_core.timing import TimeRange

stamps = st.builds(Stamp, st.sampled_from([0, 1, 2**52, 2**53 - 1]), st.integers(0, 60))


@given(st.lists(stamps))
def test_a_row_of_stamps_gives_back_what_went_in(row: list[Stamp]) -> None:
    packed = StampRow.of(row)
    assert list(packed) == row
    assert len(packed) == len(row)
    assert packed.sound
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(packed), type=StampRow) == packed


def test_stamps_of_one_session_in_even_steps_take_a_few_bytes() -> None:
    row = StampRow.of(Stamp(2**52, 7 + 8 * i) for i in range(2000))
    assert len(msgspec.msgpack.encode(row)) < 24
    assert len(msgspec.msgpack.encode(StampRow.of([Stamp(2**52, 7)] * 2000))) < 24


def test_a_change_reads_back_as_it_was() -> None:
    clip = Clip(id="c1", track="k", kind="title", start=0, source_range=TimeRange(0, 5), text="Größe")
    change = ChangeSet(
        stamp=Stamp(2**53 - 1, 9), actor="ana", command="clip.move", label="Move", time=1_780_000_000_000, gesture="g", args={"by": "5f"},
        kind="undo", target=Stamp(1, 1),
        operations=(Create(clip), Put("c1", "start", 0, 5, NOBODY, Stamp(1, 2), Stamp(1, 3)),
                    Shift(("c1", "c2"), -7, StampRow.of([NOBODY, Stamp(4, 4)]), None, StampRow.of([Stamp(1, 1)] * 2))))
    assert decode(encode(change)) == change
    assert change.touched == {"c1", "c2"}
    assert change.touched is change.touched, "many listeners ask; it is gathered once"
    assert decode(encode(change)) == change


@pytest.mark.parametrize("row", [StampRow((1,), (0, 1, 0, 1)), StampRow((1,), (0, 1, 0)), StampRow((1,), (1, 1, 0, 2)),
                                 StampRow((1,), (0, 1, 0, -2)), StampRow((), (0, 1, 0, 2))])
def test_a_shift_with_stamps_that_do_not_fit_is_refused_without_unfolding_it(row: StampRow) -> None:
    with pytest.raises(ValueError, match=r"one stamp for each"):
        Shift(("c1", "c2"), 5, row)
    raw = msgspec.msgpack.encode(["h", ["c1", "c2"], 5, [list(row.sessions), list(row.runs)], None, None])
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(raw, type=Shift)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_change_are_refused(raw: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(raw)


def test_a_stamp_shows_session_and_counter() -> None:
    assert str(Stamp(255, 3)) == "ff:3"

"""What a row says twice is kept once, and comes back byte for byte."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor_core.document import ChangeSet, Stamp
from editor_core.storage.entries import Unusable, fold, unfold
from editor_core.sync.packing import pack
from editor_core.sync.parcel import seal


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

"""Fractional indexes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor_core.edits.order import between, key_at


@given(st.lists(st.integers(0, 1000), max_size=200))
def test_keys_put_in_anywhere_keep_their_order_and_differ(places: list[int]) -> None:
    keys: list[str] = []
    for place in places:
        index = place % (len(keys) + 1)
        keys.insert(index, key_at(keys, index))
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    assert not any(key.endswith("0") or not key for key in keys)


def test_keys_stay_short_when_things_are_added_at_an_end() -> None:
    top, bottom = ["V"], ["V"]
    for _ in range(100):
        top.append(key_at(top, len(top)))
        bottom.insert(0, key_at(bottom, 0))
    assert max(map(len, top)) < 25
    assert max(map(len, bottom)) < 25


def test_a_key_goes_above_two_that_are_equal() -> None:
    assert key_at(["V", "V"], 1) > "V"
    assert "V" < key_at(["V", "V", "k"], 1) < "k"


@pytest.mark.parametrize(("low", "high"), [("V", "V"), ("b", "a")])
def test_there_is_no_key_between_keys_out_of_order(low: str, high: str) -> None:
    with pytest.raises(ValueError, match=r"no key"):
        between(low, high)

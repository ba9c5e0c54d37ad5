"""Values that compete, in words."""

from __future__ import annotations

import msgspec
import pytest

from app.services.review.words import value_word
from editor_core.document import Snapshot
from editor_core.schema import Clip, Marker, MediaReference, Record, Timeline, Track, Transition, plain
from editor_core.timing import Rate
from tests.support.random_edits import first_records


@pytest.mark.parametrize("kind", [Clip, Marker, MediaReference, Timeline, Track, Transition])
def test_every_field_has_words_for_its_value_as_it_stands_in_a_change(kind: type[Record]) -> None:
    view = Snapshot.of(first_records(), 0)
    for field in msgspec.structs.fields(kind):
        value = field.default if field.default is not msgspec.NODEFAULT else None
        assert value_word(field.name, None if value is None else plain(value), view)


def test_values_that_differ_are_told_apart() -> None:
    view = Snapshot.of(first_records(), 0)
    pairs = (("rate", plain(Rate(24000, 1001)), plain(Rate(24, 1))), ("position", [10, 20], [10, 21]), ("italic", True, False),
             ("crop", [0, 0, 0.1, 0], [0, 0, 0.2, 0]), ("group", "", "g1"), ("blend_mode", "screen", "multiply"))
    for name, one, other in pairs:
        assert value_word(name, one, view) != value_word(name, other, view)
    assert value_word("rate", plain(Rate(24000, 1001)), view) == "23.976 frames a second"

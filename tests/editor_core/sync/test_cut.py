"""The quick digest of a cut agrees with the fingerprint."""

from __future__ import annotations

import random

from editor_core.document import Snapshot
from editor_core.schema import Clip, replace
from editor_core.sync.cut import Cut
from editor_core.sync.fingerprint import fingerprint
from editor_core.timing import TimeRange


def clip(number: int, start: int) -> Clip:
    return Clip(id=f"c{number}", track="k1", kind="video", start=start, asset="m1", source_range=TimeRange(0, 50))


def test_it_is_equal_where_the_fingerprint_is_and_different_where_that_is() -> None:
    random.seed(4)
    cut, records = Cut(), {f"c{n}": clip(n, n * 100) for n in range(30)}
    seen: dict[str, bytes] = {}
    for _ in range(60):
        one = f"c{random.randrange(30)}"
        records[one] = replace(records[one], start=random.choice((0, 100)), opacity=random.choice((0.5, 1.0)))
        view = Snapshot.of(records.values())
        found = cut.digest(view)
        assert found == Cut().digest(Snapshot.of(reversed(list(records.values()))))
        assert seen.setdefault(fingerprint(view), found) == found
    assert len(set(seen.values())) == len(seen)

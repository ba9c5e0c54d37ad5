"""The quick digest of a cut agrees with the fingerprint."""

from __future__ import annotations

import random

from editor_core.document import Snapshot
from editor_core.schema import Clip, Marker, Track, replace
from editor_core.sync.cut import Cut, differing, name_of
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


def test_where_two_cuts_differ_their_tracks_are_named() -> None:
    tracks = [Track(id=f"k{n}", kind="video", timeline="t", order=f"a{n}") for n in range(1, 4)]
    clips = [replace(clip(n, n * 100), track=f"k{n % 3 + 1}") for n in range(30)]

    def parts(*records) -> bytes:
        cut = Cut()
        cut.digest(Snapshot.of(records))
        return cut.parts()

    mine = parts(*tracks, *clips)
    assert not differing(mine, parts(*reversed(clips), *tracks))
    moved = [replace(clips[0], start=7), *clips[1:]]
    assert differing(mine, parts(*tracks, *moved)) == {name_of("k1")}
    taken = [replace(clips[1], track="k3"), clips[0], *clips[2:]]
    assert differing(mine, parts(*tracks, *taken)) == {name_of("k2"), name_of("k3")}
    assert differing(mine, parts(*tracks, *clips, Marker(id="mk", timeline="t", start=5, text="here"))) == {name_of("marker")}
    assert differing(mine, parts(*tracks[:2], *(one for one in clips if one.track != "k3"))) == {name_of("k3")}


def test_of_a_film_with_many_tracks_only_what_both_tell_is_compared() -> None:
    tracks = [Track(id=f"k{n}", kind="video", timeline="t", order=f"a{n:03}") for n in range(200)]
    found = []
    for changed in range(200):
        one, two = Cut(), Cut()
        one.digest(Snapshot.of(tracks))
        two.digest(Snapshot.of([*tracks[:changed], replace(tracks[changed], name="x"), *tracks[changed + 1:]]))
        assert len(one.parts()) <= 48 * 6
        found.append(differing(one.parts(), two.parts()))
    assert all(names in (set(), {name_of(f"k{n}")}) for n, names in enumerate(found)) and sum(map(bool, found)) == 48

"""Fingerprints: equal for equal cuts however they came about, another for any difference."""

from __future__ import annotations

import msgspec

from editor_core.schema import Clip, MediaReference, Record
from editor_core.schema.media import VideoStream
from editor_core.sync.fingerprint import cut_fingerprint, fingerprint, fingerprint_of
from editor_core.timing import TimeRange
from tests.support.cutting import Film

CLIP = Clip(id="c1", track="k1", kind="title", start=0, source_range=TimeRange(0, 10))


def test_order_and_the_way_a_default_was_written_make_no_difference() -> None:
    media = MediaReference(id="m1", name="a", hash="quick:1", video=VideoStream(index=0, codec="h264", width=16, height=16))
    written = msgspec.json.decode(b'{"type":"clip","id":"c1","track":"k1","kind":"title","start":0,"source_range":[0,10],"rotation":-0.0,'
                                  b'"opacity":1,"scale":[1,1]}', type=Clip)
    assert fingerprint_of([CLIP, media]) == fingerprint_of([media, written])


def test_every_field_makes_a_difference() -> None:
    others: list[Record] = [msgspec.structs.replace(CLIP, **{name: value}) for name, value in (
        ("start", 1), ("deleted", True), ("opacity", 0.5), ("text", "x"), ("track", "k2"), ("source_range", TimeRange(0, 11)))]
    assert len({fingerprint_of([one]) for one in [CLIP, *others]}) == 1 + len(others)


def test_the_cut_is_the_one_it_was_when_an_edit_is_undone() -> None:
    film = Film()
    film.append(film.shot("lake.mp4"))
    film.append(film.shot("map.mp4"))
    before, all_before = cut_fingerprint(film.view), fingerprint(film.view)
    prints = {before}
    for command, args in (("marker.add", {"at": "1s"}), ("clip.extract", {"clips": film.ids("V1")[:1]}), ("track.add", {"kind": "video"})):
        film.run(command, **args)
        prints.add(cut_fingerprint(film.view))
    assert len(prints) == 4
    for _ in range(3):
        film.run("edit.undo")
    assert cut_fingerprint(film.view) == before and fingerprint(film.view) != all_before

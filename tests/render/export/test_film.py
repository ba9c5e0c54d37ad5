"""What workers are told of a film, and when a stretch counts as the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from editor_core.document import Snapshot
from editor_core.schema import Clip, Crop, Record, TrackKind, replace
from render.export.film import content_key, decode, encode, excerpt, locate, used_assets
from render.graph.build import build
from render.graph.request import Request
from tests.render.films import FRAME, clip, dissolve, film, footage, track

KINDS: tuple[TrackKind, ...] = ("video",)


def three_shots(**changes: Any) -> Snapshot:
    """Shots of 100 frames on V1 with a dissolve of 20 at the first cut; `changes` are fields of the middle shot."""
    shots: list[Record] = [clip("a", "v1", "one", 0, 100, 50), clip("b", "v1", "two", 100, 100, 50), clip("c", "v1", "one", 200, 100, 300)]
    if changes:
        assert isinstance(shots[1], Clip)
        shots[1] = replace(shots[1], **changes)
    return film(track("v1"), footage("one"), footage("two"), *shots, dissolve("x", "v1", "a", "b", 20))


def key(view: Snapshot, first: int, last: int, making: Any = "") -> str:
    span = first * FRAME, last * FRAME
    return content_key(excerpt(view, *span, KINDS), span, {}, making)


def test_an_excerpt_draws_every_frame_of_its_range_as_the_whole_film_does() -> None:
    whole = three_shots()
    for first, last in ((0, 90), (85, 95), (95, 105), (105, 120), (150, 250), (299, 300)):
        part = decode(encode(excerpt(whole, first * FRAME, last * FRAME, KINDS)))
        for frame in range(first, last):
            assert build(part, frame * FRAME, Request(64, 48)) == build(whole, frame * FRAME, Request(64, 48)), frame


def test_an_excerpt_leaves_out_what_its_range_does_not_need() -> None:
    assert {record.id for record in excerpt(three_shots(), 210 * FRAME, 220 * FRAME, KINDS)} == {"project", "film", "v1", "c", "one"}


def test_a_change_gives_new_keys_to_the_stretches_that_show_it_and_to_no_others() -> None:
    before, after = three_shots(), three_shots(opacity=0.5)
    assert key(before, 0, 80) == key(after, 0, 80), "the first shot does not show the second"
    assert key(before, 80, 130) != key(after, 80, 130), "the dissolve shows it"
    assert key(before, 130, 190) != key(after, 130, 190)
    assert key(before, 201, 300) == key(after, 201, 300)


def test_names_and_links_change_nothing_and_everything_seen_does() -> None:
    before = key(three_shots(), 130, 190)
    assert key(three_shots(name="other", label="red", link="l", group="g"), 130, 190) == before
    for change in ({"crop": Crop(0.1)}, {"rotation": 3.0}, {"enabled": False}, {"blend_mode": "screen"}, {"fade_in": FRAME}):
        assert key(three_shots(**change), 130, 190) != before, change
    assert key(three_shots(), 130, 190, {"crf": 20}) != before


def test_the_first_file_that_is_there_is_taken(tmp_path: Path) -> None:
    (tmp_path / "there.mp4").touch()
    assert locate({"a": [tmp_path / "gone.mp4", tmp_path / "there.mp4"]}, "a") == tmp_path / "there.mp4"
    assert locate({"a": tmp_path / "gone.mp4"}, "a") is None and locate({}, "a") is None


def test_disabled_clips_need_no_media() -> None:
    assert set(used_assets(excerpt(three_shots(enabled=False), 0, 300 * FRAME, KINDS))) == {"one"}

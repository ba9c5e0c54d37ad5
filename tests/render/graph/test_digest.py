"""Digests name what is seen, and nothing else."""

from __future__ import annotations

import msgspec
import pytest

from editor_core.schema import Crop, Point, Scale
from render.graph.build import build
from render.graph.digest import digest
from render.graph.request import Request
from render.picture import YUV422P10, PictureFormat
from tests.render.films import FRAME, clip, dissolve, film, footage, track

ASK = Request(64, 48)


def of(number: int = 5, request: Request = ASK, asset: str = "a", **fields: object) -> bytes:
    media = msgspec.structs.replace(footage("a"), id=asset, name=f"{asset}-renamed.mov")
    return digest(build(film(track("v1"), media, clip("c", "v1", asset, **fields)), number * FRAME, request))


def test_equal_pictures_have_equal_digests_of_32_bytes() -> None:
    assert of() == of() and len(of()) == 32


def test_a_renamed_asset_with_the_same_content_keeps_its_digest() -> None:
    assert of(asset="a") == of(asset="other")


def test_footage_without_a_hash_is_told_apart_by_its_id() -> None:
    def nameless(name: str) -> bytes:
        return digest(build(film(track("v1"), footage(name, hash=""), clip("c", "v1", name)), 0, ASK))

    assert nameless("a") != nameless("b")


@pytest.mark.parametrize(
    "fields",
    [
        {"source": 1}, {"opacity": 0.5}, {"position": Point(1, 2)}, {"scale": Scale(0.5, 0.5)}, {"rotation": 0.1},
        {"crop": Crop(0.5, 0, 0, 0)}, {"fade_in": 40 * FRAME},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_every_visible_property_changes_the_digest(fields: dict[str, object]) -> None:
    assert of(**fields) != of()


def test_invisible_properties_do_not_change_the_digest() -> None:
    assert of(name="Other", label="red", gain_db=-3.0, pan=1.0) == of()


def test_size_and_format_change_the_digest() -> None:
    assert len({of(), of(request=Request(32, 24)), of(request=Request(64, 48, PictureFormat(YUV422P10)))}) == 3


def test_the_words_and_look_of_a_title_change_its_digest() -> None:
    def title(**fields: object) -> bytes:
        return digest(build(film(track("v1"), clip("t", "v1", kind="title", **{"text": "A", **fields})), 0, ASK))

    changes: list[dict[str, object]] = [
        {}, {"text": "B"}, {"font": "JetBrains Mono"}, {"font_size": 30.0}, {"font_weight": 700}, {"italic": True}, {"align": "left"},
        {"color": "#FF0000"}, {"stroke_width": 2.0}, {"shadow_color": "#000000"}, {"shadow_blur": 3.0}, {"shadow_offset": Point(1, 1)},
    ]
    assert len({title(**change) for change in changes}) == len(changes)


def test_the_progress_of_a_dissolve_changes_the_digest() -> None:
    view = film(track("v1"), footage("a", still=True), footage("b", still=True), clip("x", "v1", "a"),
                clip("y", "v1", "b", start=100), dissolve("d", "v1", "x", "y", 10))
    assert len({digest(build(view, number * FRAME, ASK)) for number in range(90, 110)}) == 12

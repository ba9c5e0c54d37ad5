"""Records and their codec."""

from __future__ import annotations

import msgspec
import pytest

from editor_core.schema import KINDS, AnyRecord, Clip, Crop, Point, Scale, SchemaError, Timeline, Track, new_id, plain, replace, typed
from editor_core.timing import Rate, TimeRange

CLIP = Clip(id="c1", track="k1", kind="video", start=0, source_range=TimeRange(0, 10))


def test_ids_bear_their_prefix_and_do_not_repeat() -> None:
    made = {new_id("c") for _ in range(5000)}
    assert len(made) == 5000
    assert all(len(one) == 12 and one.startswith("c") and one[1:].isalnum() for one in made)


def test_every_kind_is_known_by_its_tag() -> None:
    assert set(KINDS) == {"project", "timeline", "track", "clip", "transition", "marker", "media", "ripple", "collection"}
    assert all(kind.__struct_config__.tag == tag for tag, kind in KINDS.items())


def test_a_record_reads_back_from_json_and_msgpack() -> None:
    clip = replace(CLIP, position=[10, 20], scale=[0.5, 2], crop=[0.1, 0, 0, 0], name="Harbour")
    for codec in (msgspec.json, msgspec.msgpack):
        assert codec.decode(codec.encode(clip), type=AnyRecord) == clip


def test_records_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        CLIP.start = 5  # type: ignore[misc]


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"type": "marker", "id": "n", "timeline": "t", "start": 0, "speed": 2}, AnyRecord)


@pytest.mark.parametrize(("field", "value"), [
    ("opacity", 1.5), ("opacity", "much"), ("start", -1), ("start", 2**53), ("start", 1.5), ("scale", [0, 1]), ("gain_db", 25),
    ("color", "red"), ("kind", "sound"), ("crop", [2, 0, 0, 0]), ("font_size", 0), ("name", "x" * 501), ("enabled", 1), ("pan", None),
    ("position", [1e7, 0]), ("blend_mode", "burn"), ("source_range", [0]), ("rotation", float("inf")),
])
def test_values_that_do_not_fit_are_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(SchemaError, match=f"{field} of a clip"):
        replace(CLIP, **{field: value})


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(SchemaError, match="clip has no field 'colour'"):
        typed(Clip, "colour", "#fff")


def test_plain_and_typed_are_each_others_inverse() -> None:
    clip = replace(CLIP, position=Point(1, 2), scale=Scale(2, 2), crop=Crop(0.1, 0.2, 0.3, 0.4))
    for name in clip.__struct_fields__:
        value = getattr(clip, name)
        assert typed(Clip, name, plain(value)) == value


def test_a_clip_covers_its_range_end_exclusive() -> None:
    clip = Clip(id="c", track="k", kind="audio", start=5, source_range=TimeRange(100, 10))
    assert (clip.duration, clip.end, clip.range, clip.is_sound) == (10, 15, TimeRange(5, 10), True)


def test_sizes_and_rates_have_their_limits() -> None:
    line = Timeline(id="t")
    assert (line.width, line.height, line.rate, line.audio_rate) == (1920, 1080, Rate(25, 1), 48000)
    for field, value in (("width", 8), ("height", 20000), ("audio_rate", 100)):
        with pytest.raises(SchemaError):
            replace(line, **{field: value})
    with pytest.raises(SchemaError):
        replace(Track(id="k", timeline="t", kind="video", order="V"), gain_db=100)


def test_numbers_that_are_not_finite_are_refused() -> None:
    for field in ("rotation", "gain_db", "opacity"):
        with pytest.raises(SchemaError):
            replace(CLIP, **{field: float("nan")})

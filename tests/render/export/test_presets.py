"""Presets describe themselves and check what they are given."""

from __future__ import annotations

import json
from typing import Any

import pytest

from editor_core.schema import Timeline
from editor_core.timing import Rate
from render.export.catalogue import all_presets, preset, preset_for
from render.export.errors import PresetError, SettingError


def test_the_contract_presets_are_there_and_h264_is_first() -> None:
    assert {"h264", "vp9", "prores", "wav", "png"} <= set(all_presets())
    assert next(iter(all_presets())) == "h264"


@pytest.mark.parametrize("name", sorted(all_presets()))
def test_every_preset_describes_itself_in_json_and_takes_its_own_defaults(name: str) -> None:
    found = preset(name)
    plain = json.loads(json.dumps(found.describe()))
    assert {"id", "title", "help", "kind", "suffixes", "settings"} == set(plain)
    assert all({"name", "title", "help", "kind", "default", "range"} <= set(setting) for setting in plain["settings"])
    defaults = {setting["name"]: setting["default"] for setting in plain["settings"]}
    assert found.read(defaults) == found.read({})
    assert found.read({key: str(value) for key, value in defaults.items()}) == found.read({}), "text and JSON must mean the same"


@pytest.mark.parametrize("name", sorted(all_presets()))
def test_every_setting_refuses_what_is_outside_its_range_and_says_the_range(name: str) -> None:
    found = preset(name)
    for setting in found.settings:
        for bad in _beyond(setting):
            with pytest.raises(SettingError, match=f"^{setting.name}={bad}.*") as refused:
                found.read({setting.name: bad})
            if setting.most is not None:
                assert f"{setting.most:g}" in str(refused.value)


def _beyond(setting: Any) -> list[Any]:
    if setting.kind in ("integer", "number"):
        return [setting.most + 1, setting.least - 1, "much", "nan"]
    return ["neither"]


def test_whole_numbers_are_wanted_where_a_fraction_means_nothing() -> None:
    with pytest.raises(SettingError, match=r"keyint=2\.5 is not a whole number"):
        preset("h264").read({"keyint": "2.5"})
    assert preset("h264").read({"crf": "18.5"})["crf"] == 18.5


def test_one_side_of_the_size_keeps_the_shape_in_even_pixels() -> None:
    found = preset("h264")
    timeline = Timeline(id="t", width=1920, height=1080, rate=Rate(30000, 1001), audio_rate=44100)
    assert found.shape(timeline, found.read({"width": 854})) == found.shape(timeline, found.read({"height": 480}))
    shape = found.shape(timeline, found.read({"height": 360, "rate": "29.97"}))
    assert (shape.width, shape.height, shape.rate, shape.audio_rate) == (640, 360, Rate(30000, 1001), 44100)


def test_the_ending_of_the_name_chooses_the_container_and_the_usual_preset() -> None:
    from pathlib import Path

    assert preset("h264").container_of(Path("a.MOV")) == "mov" and preset("h264").container_of(Path("a.mkv")) == "matroska"
    assert preset_for(".webm") is not None and preset_for(".WAV") is preset("wav") and preset_for(".xyz") is None
    with pytest.raises(PresetError, match=r"a\.wav ends in \.wav, but the preset vp9 writes \.webm or \.mkv"):
        preset("vp9").container_of(Path("a.wav"))


def test_sound_takes_a_rate_that_its_codec_has() -> None:
    timeline = Timeline(id="t", audio_rate=192000)
    for name, wanted in (("h264", 48000), ("vp9", 48000), ("mp3", 48000), ("wav", 192000), ("prores", 192000)):
        found = preset(name)
        values = found.read({})
        assert found.sound is not None and found.sound(values, found.shape(timeline, values)).rate == wanted

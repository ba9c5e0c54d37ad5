"""From the command line: a film cut, exported and verified."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.render.export.films import Material, make_material, numbers_in, sound_of
from tests.support.command_line import CommandLine
from tests.support.footage import find_clicks, run_ffmpeg

FAST = ("--set", "speed=ultrafast", "--set", "crf=18")


@pytest.fixture(scope="module")
def numbered_footage(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_material(tmp_path_factory.mktemp("numbered"))


@pytest.fixture(scope="module")
def first_cut(tmp_path_factory: pytest.TempPathFactory, numbered_footage: Material) -> Path:
    """Two shots of two seconds with clicks, made by commands."""
    folder = tmp_path_factory.mktemp("cut")
    proeditor, path = CommandLine(folder / "home"), folder / "cut.proedit"
    proeditor("new", path, "--size", "320x180", "--rate", "25")
    files = (numbered_footage.first, numbered_footage.second, numbered_footage.sound)
    assets = [asset["asset"] for asset in proeditor("import", path, *files, "--json").json["assets"]]
    lines: list[dict[str, Any]] = [
        {"command": "clip.append", "args": {"asset": assets[0], "source_start": "30f", "source_duration": "50f"}},
        {"command": "clip.append", "args": {"asset": assets[1], "source_start": "7f", "source_duration": "50f"}},
        {"command": "clip.overwrite", "args": {"asset": assets[2], "at": 0, "source_duration": "4s", "track": "A1"}},
    ]
    script = folder / "cut.jsonl"
    script.write_text("".join(json.dumps(line) + "\n" for line in lines))
    proeditor("run", path, "--script", script)
    return path


@pytest.fixture
def cut(first_cut: Path, tmp_path: Path) -> Path:
    return shutil.copy(first_cut, tmp_path / "cut.proedit")


WANTED = [*range(30, 80), *range(1007, 1057)]


def test_a_film_is_exported_and_verified(proeditor: CommandLine, cut: Path, tmp_path: Path) -> None:
    out = tmp_path / "cut.mp4"
    facts = proeditor("export", cut, out, *FAST, "--json").json
    assert facts["frames"] == 100 and facts["paths"] == [str(out)] and facts["preset"] == "h264"
    assert numbers_in(out) == WANTED
    assert max(abs(offset) for offset in find_clicks(sound_of(out), 48000, [1, 2, 3])) <= 48
    report = proeditor("verify", out, "--against", cut, "--json").json
    assert report["ok"] is True and len(report["checks"]) >= 12
    assert "The file is what the timeline says" in proeditor("verify", out, "--against", cut).out


def test_a_file_that_is_not_the_film_fails_with_its_timecode(proeditor: CommandLine, cut: Path, tmp_path: Path) -> None:
    out, bad = tmp_path / "cut.mp4", tmp_path / "bad.mp4"
    proeditor("export", cut, out, *FAST)
    black = "drawbox=t=fill:color=black:enable='between(n\\,60\\,69)'"
    run_ffmpeg("-i", out, "-vf", black, "-c:v", "libx264", "-crf", "16", "-c:a", "copy", bad)
    ran = proeditor("verify", bad, "--against", cut, "--json", ok=None)
    assert ran.status == 1
    found = {check["name"]: check for check in ran.json["checks"] if not check["ok"]}
    assert found["black"]["measured"] == 10 and found["black"]["timecode"] == "00:00:02:10"


@pytest.mark.parametrize(("name", "words"), [
    ("part.webm", ("--preset", "vp9", "--set", "speed=ultrafast")), ("part.mov", ("--preset", "prores")), ("part.wav", ("--preset", "wav")),
    ("part.png", ("--preset", "png")), ("part.mp4", ("--preset", "h264", *FAST)),
])
def test_a_range_is_exported_by_every_contract_preset(
        name: str, words: tuple[str, ...], proeditor: CommandLine, cut: Path, tmp_path: Path) -> None:
    out = tmp_path / name
    facts = proeditor("export", cut, out, *words, "--in", "00:00:01:20", "--out", "2.4s", "--json").json
    assert facts["frames"] == 15
    if name == "part.png":
        assert [numbers_in(Path(path))[0] for path in facts["paths"]] == WANTED[45:60]
    elif name == "part.wav":
        assert len(sound_of(out)) == 28800
    else:
        assert numbers_in(out) == WANTED[45:60]
    assert proeditor("verify", out, "--against", cut, "--json").json["ok"] is True


@pytest.mark.parametrize(("words", "says"), [
    (("film.mp4", "--set", "crf=99"), "crf=99 is outside 0 to 51"),
    (("film.mp4", "--preset", "dvd"), "There is no preset 'dvd'"),
    (("film.mp4", "--in", "00:99:00:00"), "00:99:00:00"),
    (("nowhere/film.mp4",), "is not a folder"),
])
def test_what_cannot_be_exported_is_said_in_a_line(
        words: tuple[str, ...], says: str, proeditor: CommandLine, cut: Path, tmp_path: Path) -> None:
    ran = proeditor("export", cut, tmp_path / words[0], *words[1:], ok=False)
    assert says in ran.err


def test_presets_are_listed_with_their_settings(proeditor: CommandLine) -> None:
    presets = {preset["id"]: preset for preset in proeditor("presets", "--json").json}
    assert {"h264", "vp9", "prores", "wav", "png"} <= set(presets)
    names = {setting["name"] for setting in presets["h264"]["settings"]}
    assert names >= {"crf", "speed", "width", "height", "rate", "keyint", "audio_bitrate"}
    assert "crf" in proeditor("presets").out


@pytest.mark.timeout(600)
def test_clicks_stay_with_their_pictures_over_ten_minutes(proeditor: CommandLine, tmp_path: Path) -> None:
    made = make_material(tmp_path, frames=1500, size=(160, 90))
    path = tmp_path / "long.proedit"
    proeditor("new", path, "--size", "160x90", "--rate", "25")
    assets = [asset["asset"] for asset in proeditor("import", path, made.first, made.sound, "--json").json["assets"]]
    lines = [line for minute in range(10) for line in (
        {"command": "clip.overwrite", "args": {"asset": assets[0], "at": f"{minute * 1500}f", "source_duration": "1500f", "track": "V1"}},
        {"command": "clip.overwrite", "args": {"asset": assets[1], "at": f"{minute * 1500}f", "source_duration": "1500f", "track": "A1"}})]
    script = tmp_path / "long.jsonl"
    script.write_text("".join(json.dumps(line) + "\n" for line in lines))
    proeditor("run", path, "--script", script)
    seconds = [minute * 60 + second for minute in range(10) for second in (1, 17, 33, 59)]
    for name, preset, tolerance in (("long.mp4", "h264", 48), ("long.wav", "wav", 1)):
        words = FAST if preset == "h264" else ()
        proeditor("export", path, tmp_path / name, "--preset", preset, *words, timeout=280)
        offsets = find_clicks(sound_of(tmp_path / name), 48000, seconds)
        assert max(map(abs, offsets)) <= tolerance, offsets
    assert numbers_in(tmp_path / "long.mp4", 160, 90) == [*range(1500)] * 10

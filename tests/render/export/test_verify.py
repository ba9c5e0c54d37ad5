"""Verification finds what is wrong with a file, and nothing where nothing is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from editor_core.document import Snapshot
from editor_core.timing import TICKS_PER_SECOND
from render.export.catalogue import all_presets
from render.export.errors import VerifyError
from render.export.export import export
from render.export.report import Report
from render.export.verify import frame_pair, verify
from render.pool import TaskPool
from tests.render.export.films import Material, clip, film, two_shots
from tests.support.footage import HEIGHT, WIDTH, run_ffmpeg

AGAIN = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "14", "-bf", "2", "-colorspace", "bt709", "-color_primaries", "bt709",
         "-color_trc", "bt709", "-c:a", "copy")


@pytest.fixture(scope="module")
def exported(material: Material, pool: TaskPool, tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, Path]:
    """A film of eight seconds and its faultless file."""
    snapshot, _ = two_shots(material, 200)
    out = tmp_path_factory.mktemp("exported") / "film.mp4"
    export(snapshot, material.locations, out, settings={"speed": "ultrafast", "crf": 14}, pool=pool)
    return snapshot, out


def failures(report: Report) -> dict[str, Any]:
    """Failed checks by name."""
    assert report.ok == (not report.failures)
    return {check.name: check for check in report.failures}


def faulty(good: Path, folder: Path, *arguments: str) -> Path:
    """The file written again with a fault; its note stays."""
    out = folder / "film.mp4"
    run_ffmpeg("-i", good, *arguments, out)
    return out


def test_a_faultless_export_passes_every_check(exported: tuple[Snapshot, Path], material: Material, pool: TaskPool) -> None:
    snapshot, out = exported
    report = verify(out, snapshot, material.locations, pool)
    assert failures(report) == {}
    assert {check.name for check in report.checks} == {
        "format", "frames", "times", "duration", "decodes", "black", "frozen", "order", "areas", "fidelity", "samples", "offset",
        "level", "likeness", "holes", "loudness", "peak"}
    assert report.frames == 200 and report.preset == "h264"
    assert report.lines()[-1] == "The file is what the timeline says."


def test_the_report_is_plain_json(exported: tuple[Snapshot, Path], material: Material, pool: TaskPool) -> None:
    snapshot, out = exported
    report = verify(out, snapshot, material.locations, pool)
    plain = json.loads(json.dumps(report.plain()))
    assert plain["ok"] is True
    assert all({"name", "title", "ok", "measured", "limit", "timecode", "message"} <= set(check) for check in plain["checks"])
    assert msgspec.convert(plain, Report) == report


KINDS = [(preset.id, suffix) for preset in all_presets().values() for suffix in preset.suffixes]


@pytest.mark.parametrize(("preset", "suffix"), KINDS, ids=["".join(kind) for kind in KINDS])
def test_every_preset_makes_a_file_that_is_what_the_timeline_says_in_every_container(
        preset: str, suffix: str, material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, _ = two_shots(material, 60)
    found = all_presets()[preset]
    speed = {setting.name: setting.choices[0] for setting in found.settings if setting.name == "speed"}
    out = tmp_path / f"film{suffix}"
    result = export(snapshot, material.locations, out, preset, speed, pool=pool)
    assert all(Path(path).exists() for path in result.paths)
    report = verify(out, snapshot, material.locations, pool)
    assert failures(report) == {} and report.preset == preset


def test_an_exported_range_is_compared_with_that_range(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, _ = two_shots(material, 200)
    frame = material.rate.ticks_per_frame
    export(snapshot, material.locations, tmp_path / "part.mp4", settings={"speed": "ultrafast"}, start=60 * frame, end=120 * frame,
           pool=pool)
    assert failures(verify(tmp_path / "part.mp4", snapshot, material.locations, pool)) == {}


def test_a_frame_left_out_is_found_with_its_timecode(
        exported: tuple[Snapshot, Path], material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, good = exported
    bad = faulty(good, tmp_path, "-vf", "select=not(eq(n\\,110)),setpts=N/25/TB", *AGAIN)
    found = failures(verify(bad, snapshot, material.locations, pool))
    assert found["frames"].measured == 199 and found["frames"].limit == 200
    assert found["order"].timecode == "00:00:04:10" and "1 frame later" in found["order"].message


def test_a_hole_in_the_time_stamps_is_found(
        exported: tuple[Snapshot, Path], material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, good = exported
    bad = faulty(good, tmp_path, "-vf", "select=not(eq(n\\,110))", "-fps_mode", "passthrough", *AGAIN)
    found = failures(verify(bad, snapshot, material.locations, pool))
    assert found["times"].timecode == "00:00:04:10"


def test_frames_in_another_order_are_found(
        exported: tuple[Snapshot, Path], material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, good = exported
    swapped = "[0:v]split=4[a][b][c][d];[a]trim=end_frame=50[a1];[b]trim=51:52:start_frame=51:end_frame=52[b1];" \
              "[c]trim=start_frame=50:end_frame=51[c1];[d]trim=start_frame=52[d1];[a1][b1][c1][d1]concat=n=4,setpts=N/25/TB"
    bad = faulty(good, tmp_path, "-filter_complex", swapped.replace("51:52:", ""), "-map", "0:a", *AGAIN)
    found = failures(verify(bad, snapshot, material.locations, pool))
    assert found["order"].timecode == "00:00:02:00" and found["order"].measured == 2


def test_a_black_stretch_is_found(exported: tuple[Snapshot, Path], material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, good = exported
    bad = faulty(good, tmp_path, "-vf", "drawbox=t=fill:color=black:enable='between(n\\,130\\,134)'", *AGAIN)
    found = failures(verify(bad, snapshot, material.locations, pool))
    assert found["black"].measured == 5 and found["black"].timecode == "00:00:05:05"
    assert "areas" in found and "fidelity" in found
    pair = frame_pair(bad, snapshot, material.locations, pool, found["black"].ticks, height=HEIGHT)
    cut, shown = (np.frombuffer(pixels, np.uint8).reshape(pair.height, pair.width, 4) for pixels in (pair.cut, pair.file))
    assert pair.ticks == found["black"].ticks and (pair.width, pair.height) == (WIDTH, HEIGHT)
    assert shown[..., :3].max() < 40 < cut[..., :3].max() and cut[..., 3].min() == 255
    before = frame_pair(bad, snapshot, material.locations, pool, found["black"].ticks - 10 * material.rate.ticks_per_frame, height=90)
    cut, shown = (np.frombuffer(pixels, np.uint8).astype(int) for pixels in (before.cut, before.file))
    assert before.height == 90 and np.abs(cut - shown).mean() < 4


def test_a_picture_that_stands_still_is_found(
        exported: tuple[Snapshot, Path], material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, good = exported
    bad = faulty(good, tmp_path, "-vf", "select=not(between(n\\,90\\,99)),fps=25", *AGAIN)
    found = failures(verify(bad, snapshot, material.locations, pool))
    assert found["frozen"].measured == 11 and found["frozen"].timecode == "00:00:03:14"


def test_black_and_still_pictures_of_the_timeline_are_no_fault(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    rate = material.rate
    snapshot = film(material, clip("one", "v1", "first", 0, 25, rate=rate), clip("two", "v1", "second", 75, 25, rate=rate),
                    clip("card", "v1", "", 50, 25, kind="solid", color="#336699", rate=rate))
    export(snapshot, material.locations, tmp_path / "film.mp4", settings={"speed": "ultrafast"}, pool=pool)
    assert failures(verify(tmp_path / "film.mp4", snapshot, material.locations, pool)) == {}


def test_a_changed_area_is_found(exported: tuple[Snapshot, Path], material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, good = exported
    bad = faulty(good, tmp_path, "-vf", "drawbox=x=200:y=100:w=20:h=20:t=fill:color=white:enable='eq(n\\,77)'", *AGAIN)
    found = failures(verify(bad, snapshot, material.locations, pool))
    assert found["areas"].timecode == "00:00:03:02"


@pytest.mark.parametrize("milliseconds", [40, -40, 3])
def test_sound_that_is_shifted_is_found(
        milliseconds: int, exported: tuple[Snapshot, Path], material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, good = exported
    move = f"adelay={milliseconds}:all=1" if milliseconds > 0 else f"atrim=start={-milliseconds / 1000},asetpts=PTS-STARTPTS"
    bad = faulty(good, tmp_path, "-c:v", "copy", "-af", f"{move},apad,atrim=end=8", "-c:a", "aac", "-b:a", "192k")
    found = failures(verify(bad, snapshot, material.locations, pool))
    assert found["offset"].measured == pytest.approx(milliseconds / 1000, abs=0.0005)
    assert ("late" if milliseconds > 0 else "early") in found["offset"].message


def test_sound_of_another_level_is_found(exported: tuple[Snapshot, Path], material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, good = exported
    bad = faulty(good, tmp_path, "-c:v", "copy", "-af", "volume=4dB", "-c:a", "aac", "-b:a", "192k")
    found = failures(verify(bad, snapshot, material.locations, pool))
    assert {"level", "loudness", "peak"} <= set(found)
    assert found["loudness"].measured == pytest.approx(4, abs=0.3)


def test_a_second_of_silence_is_found(exported: tuple[Snapshot, Path], material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, good = exported
    bad = faulty(good, tmp_path, "-c:v", "copy", "-af", "volume=0:enable='between(t,4.5,5.5)'", "-c:a", "aac", "-b:a", "192k")
    report = verify(bad, snapshot, material.locations, pool)
    assert failures(report)["level"].timecode in ("00:00:04:00", "00:00:05:00")
    curve = report.loudness
    assert curve is not None and curve.step == TICKS_PER_SECOND // 10 and report.start == 0
    assert len(curve.file) == len(curve.mix) == pytest.approx(report.seconds * 10, abs=1)
    off = np.abs(np.subtract(curve.file, curve.mix))
    assert off[:44].max() < 1.0, "alike before the hole"
    assert 46 <= int(off.argmax()) <= 85 and off.max() > 1.0, "and not while the last three seconds hold it"


def test_a_file_that_ends_early_is_found(exported: tuple[Snapshot, Path], material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, good = exported
    bad = faulty(good, tmp_path, "-t", "6", *AGAIN)
    found = failures(verify(bad, snapshot, material.locations, pool))
    assert {"frames", "duration", "samples"} <= set(found)


def test_another_codec_size_or_rate_than_planned_is_found(
        exported: tuple[Snapshot, Path], material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, good = exported
    bad = faulty(good, tmp_path, "-vf", "scale=160:90", "-c:v", "mpeg4", "-q:v", "2", "-c:a", "copy")
    found = failures(verify(bad, snapshot, material.locations, pool))
    assert "mpeg4 160x90" in str(found["format"].measured) and "h264 320x180" in str(found["format"].limit)


def test_a_film_without_its_sound_is_found(
        exported: tuple[Snapshot, Path], material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, good = exported
    found = failures(verify(faulty(good, tmp_path, "-an", "-c:v", "copy"), snapshot, material.locations, pool))
    assert "sound" in found


def test_a_timeline_that_changed_since_the_export_is_found(
        exported: tuple[Snapshot, Path], material: Material, pool: TaskPool) -> None:
    _, out = exported
    other, _ = two_shots(material, 205)
    found = failures(verify(out, other, material.locations, pool))
    assert found["frames"].limit == 205 and "order" in found | {"order": 1}


def test_what_is_no_film_or_not_there_is_said(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, _ = two_shots(material, 60)
    with pytest.raises(VerifyError, match="There is no file"):
        verify(tmp_path / "film.mp4", snapshot, material.locations, pool)
    (tmp_path / "film.mp4").write_text("not a film")
    with pytest.raises(VerifyError, match=r"film\.mp4"):
        verify(tmp_path / "film.mp4", snapshot, material.locations, pool)

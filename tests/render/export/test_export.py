"""Exported files, read back by an independent program."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from editor_core.timing import Rate
from render.export.errors import Cancelled, NothingToExport, OfflineMedia, PresetError, SettingError, TargetError
from render.export.export import export
from render.export.progress import Progress
from render.pool import TaskPool
from tests.render.export.films import Material, clip, film, make_material, numbers_in, sound_of, two_shots
from tests.support.footage import find_clicks, run_ffmpeg

FAST = {"speed": "ultrafast", "crf": 18}


def test_every_frame_of_an_exported_film_shows_its_number(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, wanted = two_shots(material)
    result = export(snapshot, material.locations, tmp_path / "film.mp4", settings=FAST, pool=pool)
    assert numbers_in(tmp_path / "film.mp4") == wanted
    assert result.frames == 300 and result.paths == (str(tmp_path / "film.mp4"),) and result.size == (tmp_path / "film.mp4").stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"], "the work folder stayed behind"


def test_a_click_on_every_second_is_heard_within_a_millisecond_in_aac(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, _ = two_shots(material)
    export(snapshot, material.locations, tmp_path / "film.mp4", settings=FAST, pool=pool)
    sound = sound_of(tmp_path / "film.mp4")
    assert max(abs(offset) for offset in find_clicks(sound, 48000, range(1, 9))) <= 48


def test_a_click_on_every_second_is_at_its_sample_in_pcm(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, _ = two_shots(material, 150)
    export(snapshot, material.locations, tmp_path / "film.wav", "wav", pool=pool)
    sound = sound_of(tmp_path / "film.wav")
    assert len(sound) == 6 * 48000
    assert find_clicks(sound, 48000, range(1, 6)) == [0] * 5


def test_a_range_begins_and_ends_where_it_was_set(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, wanted = two_shots(material)
    frame = material.rate.ticks_per_frame
    result = export(snapshot, material.locations, tmp_path / "part.mov", "prores", start=100 * frame, end=175 * frame, pool=pool)
    assert result.frames == 75
    assert numbers_in(tmp_path / "part.mov") == wanted[100:175]
    assert len(sound_of(tmp_path / "part.mov")) == 3 * 48000
    assert find_clicks(sound_of(tmp_path / "part.mov"), 48000, [1, 2]) == [0, 0]


@pytest.mark.parametrize("rate", [Rate(24), Rate(30000, 1001), Rate(50), Rate(60000, 1001)], ids=str)
def test_frames_are_exact_at_every_rate(rate: Rate, pool: TaskPool, tmp_path: Path) -> None:
    made = make_material(tmp_path, rate, 90, 12)
    snapshot = film(made, clip("one", "v1", "first", 0, 31, 17, rate=rate), clip("two", "v1", "second", 31, 44, 5, rate=rate), rate=rate)
    export(snapshot, made.locations, tmp_path / "film.mp4", settings=FAST, pool=pool)
    assert numbers_in(tmp_path / "film.mp4") == [*range(17, 48), *range(1005, 1049)]
    shown = run_ffmpeg("-i", tmp_path / "film.mp4", "-map", "0:v", "-f", "framehash", "-hash", "adler32", "pipe:1").decode()
    assert f"#tb 0: {rate.den}/{rate.num}" in shown, "frames are not evenly spaced at the film's rate"


def test_footage_of_another_rate_shows_the_last_frame_at_or_before_each_time(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    rate = Rate(30)
    snapshot = film(material, clip("one", "v1", "first", 0, 60, 15, rate=rate), rate=rate)
    export(snapshot, material.locations, tmp_path / "film.mp4", settings=FAST, pool=pool)
    assert numbers_in(tmp_path / "film.mp4") == [(15 + number) * 25 // 30 for number in range(60)]


def test_another_frame_rate_repeats_or_leaves_out_frames(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, wanted = two_shots(material, 100)
    result = export(snapshot, material.locations, tmp_path / "film.mp4", settings={**FAST, "rate": "50"}, pool=pool)
    assert result.frames == 200
    assert numbers_in(tmp_path / "film.mp4") == [number for number in wanted for _ in range(2)]


def test_a_smaller_picture_keeps_its_shape(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, wanted = two_shots(material, 30)
    export(snapshot, material.locations, tmp_path / "film.webm", "vp9", {"height": 90, "speed": "ultrafast"}, pool=pool)
    assert numbers_in(tmp_path / "film.webm", 160, 90) == wanted


def test_one_frame_is_one_picture_and_a_range_is_numbered_pictures(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, wanted = two_shots(material)
    frame = material.rate.ticks_per_frame
    one = export(snapshot, material.locations, tmp_path / "still.png", "png", start=150 * frame, end=151 * frame, pool=pool)
    many = export(snapshot, material.locations, tmp_path / "shot.png", "png", start=118 * frame, end=122 * frame, pool=pool)
    assert one.paths == (str(tmp_path / "still.png"),)
    assert [Path(path).name for path in many.paths] == [f"shot-{number:04d}.png" for number in range(1, 5)]
    assert numbers_in(tmp_path / "still.png") == [wanted[150]]
    assert [numbers_in(Path(path))[0] for path in many.paths] == wanted[118:122]


def test_progress_counts_every_frame_and_ends_whole(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, _ = two_shots(material)
    seen: list[Progress] = []
    export(snapshot, material.locations, tmp_path / "film.mp4", settings=FAST, pool=pool, on_progress=seen.append)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert seen[-1].done == seen[-1].total == 300 and seen[-1].stage == "Joining"
    assert any(0 < p.done < 300 and p.fps > 0 and p.remaining for p in seen)


def test_cancelling_stops_within_a_second_and_leaves_nothing(material: Material, tmp_path: Path) -> None:
    snapshot, _ = two_shots(material)
    cancel = threading.Event()
    stopped: list[float] = []

    def stop(progress: Progress) -> None:
        if progress.done > 0 and not cancel.is_set():
            stopped.append(time.monotonic())
            cancel.set()

    with TaskPool(2) as own:
        with pytest.raises(Cancelled):
            export(snapshot, material.locations, tmp_path / "film.mp4", settings={"speed": "veryslow"}, pool=own, on_progress=stop,
                   cancel=cancel)
        ended = time.monotonic() - stopped[0]
    assert ended < 1.0
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_is_stopped_to_be_finished_another_time_goes_on_where_it_was(material: Material, tmp_path: Path) -> None:
    snapshot, wanted = two_shots(material)
    cancel = threading.Event()

    def stop(progress: Progress) -> None:
        if progress.done >= 160:
            cancel.set()

    with TaskPool(2) as own:
        with pytest.raises(Cancelled):
            export(snapshot, material.locations, tmp_path / "film.mp4", settings=FAST, pool=own, on_progress=stop, cancel=cancel,
                   keep_on_cancel=lambda: True)
        result = export(snapshot, material.locations, tmp_path / "film.mp4", settings=FAST, pool=own)
    assert result.kept > 0 and numbers_in(tmp_path / "film.mp4") == wanted
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_a_worker_killed_in_the_middle_costs_a_retry_and_no_frame(material: Material, tmp_path: Path) -> None:
    snapshot, wanted = two_shots(material)
    killed: list[int] = []

    def kill_one(progress: Progress) -> None:
        if progress.done > 20 and not killed:
            worker = next(p for p in psutil.Process().children() if "render.worker" in p.cmdline())
            killed.append(worker.pid)
            worker.kill()

    with TaskPool(2) as own:
        export(snapshot, material.locations, tmp_path / "film.mp4", settings={"speed": "slow"}, pool=own, on_progress=kill_one)
    assert killed
    assert numbers_in(tmp_path / "film.mp4") == wanted


def test_missing_media_is_refused_by_name_and_time(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, _ = two_shots(material)
    locations = {**material.locations, "second": tmp_path / "gone.mp4"}
    with pytest.raises(OfflineMedia, match=r"second\.mp4 \(at 00:00:04:20\).*[Rr]elink") as refused:
        export(snapshot, locations, tmp_path / "film.mp4", pool=pool)
    assert refused.value.assets == ("second",)
    assert list(tmp_path.iterdir()) == []


def test_missing_media_becomes_slates_where_that_is_wanted(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, wanted = two_shots(material, 50)
    locations = {**material.locations, "second": tmp_path / "gone.mp4"}
    result = export(snapshot, locations, tmp_path / "film.mp4", settings=FAST, pool=pool, allow_slates=True)
    shown = numbers_in(tmp_path / "film.mp4")
    assert shown[:20] == wanted[:20] and set(shown[20:]) == {-1}
    assert any("second.mp4" in warning and "slates" in warning for warning in result.warnings)


def test_media_that_turns_out_damaged_is_named(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, _ = two_shots(material, 50)
    (tmp_path / "second.mp4").write_bytes(b"not a film at all" * 100)
    with pytest.raises(OfflineMedia, match=r"second\.mp4"):
        export(snapshot, {**material.locations, "second": tmp_path / "second.mp4"}, tmp_path / "film.mp4", settings=FAST, pool=pool)
    assert not (tmp_path / "film.mp4").exists()


@pytest.mark.parametrize(("name", "preset", "settings", "error", "words"), [
    ("film.mp4", "h264", {"crf": 99}, SettingError, "crf=99 is outside 0 to 51"),
    ("film.mp4", "h264", {"speed": "warp"}, SettingError, "speed=warp is not one of ultrafast"),
    ("film.mp4", "h264", {"quality": 3}, SettingError, "h264 has no setting 'quality'"),
    ("film.mp4", "h264", {"width": 321}, SettingError, "width=321 is odd"),
    ("film.mp4", "h264", {"width": 300, "height": 300}, SettingError, "would distort"),
    ("film.mp4", "nonsense", {}, PresetError, "There is no preset 'nonsense'; there are h264"),
    ("film.webm", "h264", {}, PresetError, r"film.webm ends in .webm, but the preset h264 writes .mp4"),
    ("film", "h264", {}, PresetError, "film has no ending"),
    ("no/folder/film.mp4", "h264", {}, TargetError, "is not a folder"),
])
def test_what_cannot_be_done_is_said_before_anything_is_made(
        material: Material, pool: TaskPool, tmp_path: Path, name: str, preset: str, settings: dict[str, Any], error: type[Exception],
        words: str) -> None:
    snapshot, _ = two_shots(material, 50)
    with pytest.raises(error, match=words):
        export(snapshot, material.locations, tmp_path / name, preset, settings, pool=pool)
    assert list(tmp_path.iterdir()) == []


def test_a_source_of_the_film_is_never_overwritten(material: Material, pool: TaskPool) -> None:
    snapshot, _ = two_shots(material, 50)
    before = material.first.read_bytes()
    with pytest.raises(TargetError, match=r"first\.mp4 is media that the film is made from"):
        export(snapshot, material.locations, material.first, pool=pool)
    assert material.first.read_bytes() == before


def test_an_empty_timeline_and_an_empty_range_are_refused(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    with pytest.raises(NothingToExport, match="empty"):
        export(film(material), material.locations, tmp_path / "film.mp4", pool=pool)
    snapshot, _ = two_shots(material, 50)
    frame = material.rate.ticks_per_frame
    with pytest.raises(NothingToExport, match="between 00:00:03:00 and 00:00:02:00"):
        export(snapshot, material.locations, tmp_path / "film.mp4", start=75 * frame, end=90 * frame, pool=pool)


def test_a_film_without_sound_is_silent_and_one_without_picture_is_black(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    rate = material.rate
    silent = film(material, clip("one", "v1", "first", 0, 25, rate=rate))
    export(silent, material.locations, tmp_path / "silent.mp4", settings=FAST, pool=pool)
    assert not np.any(np.abs(sound_of(tmp_path / "silent.mp4")) > 1e-4)
    dark = film(material, clip("clicks", "a1", "sound", 0, 50, kind="audio", rate=rate))
    export(dark, material.locations, tmp_path / "dark.mp4", settings=FAST, pool=pool)
    assert set(numbers_in(tmp_path / "dark.mp4")) == {-1}
    assert find_clicks(sound_of(tmp_path / "dark.mp4"), 48000, [1])[0] in range(-48, 49)

"""An export that is killed goes on where it was, and gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from editor_core.document import Snapshot
from editor_core.schema import Clip
from render.export.errors import TargetError
from render.export.export import export
from render.export.work_folder import WorkFolder
from render.pool import TaskPool
from tests.render.export.exporter import write_job
from tests.render.export.films import Material, clip, film, numbers_in, two_shots

FAST = {"speed": "ultrafast", "crf": 26}
SHOTS, LENGTH = 6, 190
KILLS = int(os.environ.get("PROEDITOR_EXPORT_KILLS", "2"))
"""Films killed twice each at random moments; long runs set more."""


def long_film(material: Material) -> Snapshot:
    """Forty-five seconds in six shots, which makes six stretches."""
    rate = material.rate
    clips: list[Clip] = []
    for shot in range(SHOTS):
        asset = ("first", "second")[shot % 2]
        clips += [clip(f"shot{shot}", "v1", asset, shot * LENGTH, LENGTH, shot, rate=rate),
                  clip(f"heard{shot}", "a1", "sound", shot * LENGTH, LENGTH, kind="audio", rate=rate)]
    return film(material, *clips)


@pytest.fixture(scope="module")
def whole(material: Material, pool: TaskPool, tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, str, float]:
    """The film, the digest of its file made without interruption, and how long that took."""
    snapshot = long_film(material)
    out = tmp_path_factory.mktemp("whole") / "film.mp4"
    begun = time.monotonic()
    export(snapshot, material.locations, out, settings=FAST, pool=pool)
    took = time.monotonic() - begun
    assert len(numbers_in(out)) == SHOTS * LENGTH
    return snapshot, digest(out), took


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def start(job: Path, workers: int = 2) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "tests.render.export.exporter", str(job), str(workers)], stdout=subprocess.PIPE,
                            text=True, cwd=Path(__file__).parents[3])


def finished_stretches(folder: Path) -> int:
    return sum(1 for path in folder.glob("[0-9]*.mp4") if ".part" not in path.name) if folder.is_dir() else 0


def killed(job: Path, delay: float, out: Path) -> int:
    """Kills the export `delay` seconds after it began; stretches that were whole by then."""
    process = start(job)
    deadline = time.monotonic() + delay
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.005)
    process.kill()
    process.communicate(timeout=30)
    time.sleep(0.3)  # its workers notice at once that it is gone
    return finished_stretches(out.parent / f".{out.name}.proeditor-export")


def resumed(job: Path, workers: int = 2) -> int:
    """Runs the export to its end; frames kept from before."""
    output, _ = start(job, workers).communicate(timeout=120)
    kept: int = json.loads(output)["kept"]
    return kept


def test_a_killed_export_keeps_finished_stretches_and_gives_the_same_file(
        whole: tuple[Snapshot, str, float], material: Material, tmp_path: Path) -> None:
    snapshot, wanted, _ = whole
    out = tmp_path / "film.mp4"
    job = write_job(tmp_path, snapshot, material.locations, out, FAST)
    process = start(job)
    folder = tmp_path / ".film.mp4.proeditor-export"
    while finished_stretches(folder) < 2 and process.poll() is None:
        time.sleep(0.005)
    process.kill()
    process.communicate(timeout=30)
    assert not out.exists(), "nothing may be under the final name before the film is whole"
    kept = resumed(job, workers=1)
    assert kept >= 2 * LENGTH, "also with another number of workers"
    assert digest(out) == wanted
    assert not folder.exists()


@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_at_any_moment_the_file_is_the_same_in_the_end(
        seed: int, whole: tuple[Snapshot, str, float], material: Material, tmp_path: Path) -> None:
    snapshot, wanted, took = whole
    out = tmp_path / "film.mp4"
    job = write_job(tmp_path, snapshot, material.locations, out, FAST)
    dice = random.Random(seed)
    there = 0
    for _ in range(2):
        there = max(there, killed(job, dice.uniform(0.2, took + 1.0), out))
        if out.exists():
            assert digest(out) == wanted, "a partial film under the final name"
            out.unlink()
            there = 0
    assert resumed(job) >= there * LENGTH or there == 0
    assert digest(out) == wanted
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([job.name, "film.mp4", "records"])


def test_only_what_changed_is_made_again(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    before = long_film(material)
    out = tmp_path / "film.mp4"
    with WorkFolder(out):
        pass
    folder = tmp_path / ".film.mp4.proeditor-export"
    stash = tmp_path / "stash"

    def keep(progress: object) -> None:
        if finished_stretches(folder) == SHOTS and not stash.exists():
            shutil.copytree(folder, stash)

    export(before, material.locations, out, settings=FAST, pool=pool, on_progress=keep)
    stash.rename(folder)
    clips = [c for c in before.of_kind(Clip) if c.id != "shot3"]
    edited = film(material, *clips, clip("shot3", "v1", "first", 3 * LENGTH, LENGTH, 40, rate=material.rate))
    result = export(edited, material.locations, out, settings=FAST, pool=pool)
    assert result.kept == (SHOTS - 1) * LENGTH
    assert numbers_in(out)[3 * LENGTH:3 * LENGTH + 2] == [40, 41]


def test_stills_are_kept_too(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, wanted = two_shots(material, 200)
    out = tmp_path / "still.png"
    folder = tmp_path / ".still.png.proeditor-export"
    stash = tmp_path / "stash"

    def keep(progress: object) -> None:
        if not stash.exists() and sum(1 for path in folder.iterdir() if path.is_dir() and ".part" not in path.name) >= 2:
            shutil.copytree(folder, stash)

    first = export(snapshot, material.locations, out, "png", {"height": 90}, pool=pool, on_progress=keep)
    before = [Path(path).read_bytes() for path in first.paths]
    for path in first.paths:
        Path(path).unlink()
    stash.rename(folder)
    again = export(snapshot, material.locations, out, "png", {"height": 90}, pool=pool)
    assert again.kept > 0 and again.paths == first.paths
    assert [Path(path).read_bytes() for path in again.paths] == before
    assert numbers_in(Path(again.paths[0]), 160, 90) == wanted[:1]


def test_footage_that_changed_is_not_taken_for_the_old(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, _ = two_shots(material, 60)
    first = shutil.copy(material.first, tmp_path / "first.mp4")
    locations = {**material.locations, "first": Path(first)}
    out = tmp_path / "film.mp4"
    folder = tmp_path / ".film.mp4.proeditor-export"
    stash = tmp_path / "stash"

    def keep(progress: object) -> None:
        if finished_stretches(folder) and not stash.exists():
            shutil.copytree(folder, stash)

    export(snapshot, locations, out, settings=FAST, pool=pool, on_progress=keep)
    stash.rename(folder)
    shutil.copy(material.second, first)
    assert export(snapshot, locations, out, settings=FAST, pool=pool).kept == 0


def test_two_exports_to_one_name_do_not_disturb_each_other(material: Material, pool: TaskPool, tmp_path: Path) -> None:
    snapshot, _ = two_shots(material, 60)
    out = tmp_path / "film.mp4"
    with WorkFolder(out), pytest.raises(TargetError, match=r"film\.mp4 is being exported already"):
        export(snapshot, material.locations, out, settings=FAST, pool=pool)
    export(snapshot, material.locations, out, settings=FAST, pool=pool)
    assert out.exists()

"""Exports to disks that are full or cannot be written, on real file systems mounted for the test."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.render.export.exporter import write_job
from tests.render.export.films import Material, numbers_in, two_shots

FAST = {"speed": "ultrafast", "crf": 18}


def in_mount(options: str, disk: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Runs a shell script in a mount namespace of its own where `disk` is a small file system in memory."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare (Debian package util-linux) is not installed")
    probe = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)], capture_output=True, timeout=30)
    if probe.returncode:
        pytest.skip("this system lets nobody mount a file system of their own")
    words = f"mount -t tmpfs -o {options} tmpfs {disk} && cd {Path(__file__).parents[3]} && {script}"
    return subprocess.run(["unshare", "-rm", "sh", "-c", words], capture_output=True, text=True, timeout=120)


def test_a_full_disk_is_said_and_what_is_finished_is_kept(material: Material, tmp_path: Path) -> None:
    """The disk has room for two thirds of the film: for more than the two stretches that are made at a time, so that some are finished
    before it is full. Space is made by removing a file, which every user may do; mounting it anew in another size only root may."""
    disk, size, room = tmp_path / "disk", 16 << 20, 2 << 20
    disk.mkdir()
    snapshot, wanted = two_shots(material, 300)
    job = write_job(tmp_path, snapshot, material.locations, disk / "film.mp4", FAST)
    run = f"{sys.executable} -m tests.render.export.exporter {job}"
    script = (f"head -c {size - room} /dev/zero >{disk}/other; {run}; rm {disk}/other; ls -A {disk}; {run} && "
              f"cp {disk}/film.mp4 {tmp_path}/film.mp4")
    done = in_mount(f"size={size}", disk, script)
    first, *listed, last = done.stdout.splitlines()
    said = json.loads(first)
    assert said["error"] == "OutOfSpace" and "no space left" in said["message"].lower() and "film.mp4" in said["message"], done
    assert listed == [".film.mp4.proeditor-export"], f"nothing may be under the final name: {done}"
    made = json.loads(last)
    assert made["frames"] == 300 and 0 < made["kept"] < 300, done
    assert numbers_in(tmp_path / "film.mp4") == wanted


def test_a_disk_that_cannot_be_written_is_said(material: Material, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    snapshot, _ = two_shots(material, 50)
    job = write_job(tmp_path, snapshot, material.locations, disk / "film.mp4", FAST)
    done = in_mount("ro,size=1m", disk, f"{sys.executable} -m tests.render.export.exporter {job}")
    said = json.loads(done.stdout)
    assert said["error"] == "TargetError" and "cannot be written" in said["message"]

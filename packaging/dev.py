#!/usr/bin/env python3
"""Set-up, run and test of ProEditor from a fresh clone, with nothing but Python 3.11 to 3.13 and pip.

Owns: the virtual environment in .venv, pinned dependencies, the few system libraries, the check and long-run commands.
Refuses: anything the program itself does; only the standard library may be imported here.

    python3 packaging/dev.py setup     make .venv with the command `proeditor`
    python3 packaging/dev.py run       set-up, then the editor with the sample film (without a display: make, export, verify it)
    python3 packaging/dev.py test      set-up, then lint, types, import rules and tests (what .ci/run does)
    python3 packaging/dev.py bench | fuzz | soak [ARGS]     the long runs (`fuzz properties`: all property tests with new examples)
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
STAMP = VENV / ".proeditor-setup"
OLDEST, NEWEST = (3, 11), (3, 13)
INSTALL = "apt-get install -y --no-install-recommends"

LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""What PySide6 and Skia load at import on a bare Debian 12, by the package that brings it."""

WINDOW_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
}
"""What Qt's X11 plug-in loads when a window opens."""

TEST_PROGRAMS = {"Xvfb": "xvfb", "xauth": "xauth", "xdotool": "xdotool", "pulseaudio": "pulseaudio", "parec": "pulseaudio-utils"}
"""Programs that window and sound tests drive; tests that need a missing one are skipped and say so."""

BENCH_PROGRAMS = {"ffmpeg": "ffmpeg", "melt": "melt"}
"""Peers of the benchmark; rows without a peer say so."""


class SetupError(Exception):
    """Set-up cannot go on; the message says what is missing and what to type."""


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["setup", "run", "test", "lint", "bench", "fuzz", "soak"])
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="passed on")
    given = parser.parse_args()
    try:
        setup()
        return {"setup": finish, "run": run, "test": test, "lint": lint, "bench": bench, "fuzz": fuzz, "soak": soak}[given.what](given.rest)
    except SetupError as error:
        print(f"dev.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def setup() -> None:
    """The environment, up to date with pyproject.toml and constraints.txt. Quick when nothing changed."""
    python = usable_python()
    need(LIBRARIES, "Qt and Skia")
    wanted = fingerprint(python)
    if STAMP.exists() and STAMP.read_text() == wanted and (BIN / "proeditor").exists():
        return
    if not (BIN / "python").exists():
        say(f"Making {VENV.name} …")
        make_venv(python)
    say("Installing pinned dependencies (a few minutes the first time) …")
    pip("install", "-q", "-c", str(CONSTRAINTS), "-e", f"{ROOT}[dev]")
    STAMP.write_text(wanted)


def finish(_rest: list[str]) -> int:
    say(f"Ready: {BIN / 'proeditor'}")
    return 0


def usable_python() -> str:
    """An interpreter that the pinned packages have wheels for: this one, or one found on PATH."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return sys.executable
    for minor in (12, 11, 13):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    raise SetupError(f"Python 3.{OLDEST[1]} to 3.{NEWEST[1]} is needed; this is {sys.version.split()[0]}. "
                     "On Debian: apt-get install python3.11")


def fingerprint(python: str) -> str:
    digest = hashlib.sha256(python.encode())
    for path in (CONSTRAINTS, ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    digest.update(str(ROOT).encode())
    return digest.hexdigest()


def make_venv(python: str) -> None:
    """With pip inside where the standard library can; Debian splits ensurepip off, then pip from outside serves it."""
    whole = subprocess.run([python, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if whole.returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    bare = subprocess.run([python, "-m", "venv", "--without-pip", str(VENV)], capture_output=True, text=True)
    if bare.returncode:
        raise SetupError(f"no virtual environment could be made: {(bare.stderr or bare.stdout).strip()}\n"
                         "On Debian: apt-get install python3-venv")


def pip(*words: str) -> None:
    inside = subprocess.run([str(BIN / "python"), "-m", "pip", "--version"], capture_output=True).returncode == 0
    front = [str(BIN / "python"), "-m", "pip"] if inside else [usable_python(), "-m", "pip", "--python", str(BIN / "python")]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    if subprocess.run([*front, *words], env=environment).returncode:
        raise SetupError("pip could not install the dependencies (see above). A network and a package index are needed once; "
                         "if pip itself is missing: apt-get install python3-pip")


def loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def need(libraries: dict[str, str], what: str) -> None:
    """Shared libraries by soname; missing ones are installed where that is possible, or named. Raises SetupError."""
    if not sys.platform.startswith("linux"):
        return
    missing = sorted({package for name, package in libraries.items() if not loads(name)})
    if missing and not apt_install(missing):
        raise SetupError(f"{what} need system libraries that are missing. Type:\n    {as_root()}{INSTALL} {' '.join(missing)}")


def want_programs(programs: dict[str, str], why: str) -> None:
    """Programs that make more tests or benchmark rows possible; their lack is said, not fatal."""
    missing = sorted({package for name, package in programs.items() if not shutil.which(name)})
    if missing and not apt_install(missing):
        say(f"Without {' '.join(missing)} some {why} are skipped. To have them: "
            f"{as_root()}{INSTALL} {' '.join(missing)}")


def as_root() -> str:
    return "" if not hasattr(os, "geteuid") or os.geteuid() == 0 else "sudo "


def apt_install(packages: list[str]) -> bool:
    """True if all are installed now. Tries apt-get as root, or sudo where it asks nothing."""
    if not shutil.which("apt-get"):
        return False
    front = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if front and (not shutil.which("sudo") or subprocess.run([*front, "true"], capture_output=True).returncode):
        return False
    say(f"Installing system packages: {' '.join(packages)} …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = [*front, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    for attempt in range(2):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE).returncode == 0:
            return True
        if attempt == 0:
            subprocess.run([*front, "apt-get", "update", "-qq"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return False


def has_display() -> bool:
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run(rest: list[str]) -> int:
    """The editor with the sample film; without a display the sample film is made, exported and verified."""
    if has_display():
        need(WINDOW_LIBRARIES, "Windows")
        return subprocess.run([str(BIN / "proeditor"), "demo", *rest], cwd=ROOT).returncode
    return subprocess.run([str(BIN / "proeditor"), "demo", "--headless", *rest], cwd=ROOT).returncode


def lint(_rest: list[str]) -> int:
    steps = (
        ("ruff", [str(BIN / "ruff"), "check", "."]),
        ("types", [str(BIN / "mypy")]),
        ("import rules", [str(BIN / "lint-imports")]),
    )
    failed = [name for name, command in steps if step(name, command)]
    if failed:
        say(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


def test(rest: list[str]) -> int:
    """Everything that must pass before a change lands; more words go to pytest."""
    want_programs(TEST_PROGRAMS, "window and sound tests")
    if sys.platform.startswith("linux"):
        need(WINDOW_LIBRARIES, "Window tests")
    bad = lint([])
    workers = [] if rest else ["-n", "4", "--dist", "worksteal"]
    bad = step("tests", [str(BIN / "python"), "-m", "pytest", *workers, *rest]) or bad
    return 1 if bad else 0


def bench(rest: list[str]) -> int:
    want_programs(BENCH_PROGRAMS, "benchmark rows")
    return step("bench", [str(BIN / "python"), "-m", "tests.bench", *rest])


def fuzz(rest: list[str]) -> int:
    return step("fuzz", [str(BIN / "python"), "-m", "tests.fuzz", *rest])


def soak(rest: list[str]) -> int:
    return step("soak", [str(BIN / "python"), "-m", "tests.soak", *rest])


def step(name: str, command: list[str]) -> int:
    began = time.monotonic()
    say(f"== {name}")
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPATH": ""}
    code = subprocess.run(command, cwd=ROOT, env=environment).returncode
    say(f"== {name}: {'passed' if code == 0 else f'failed ({code})'} in {time.monotonic() - began:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())

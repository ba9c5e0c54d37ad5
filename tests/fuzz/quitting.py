"""Does the window end well whatever goes on? `python -m tests.fuzz.quitting --times 30 --seed 1`

Owns: real windows on virtual screens that play, export, import, share, look things up; they are quit by key, by their frame or by
signal at a random moment. The exit status is 0, nothing was said, no process and no lock is left, and the film opens again.
Refuses: judging what the window does meanwhile.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.support.command_line import CommandLine, make_clip
from tests.support.relays import RunningRelay
from tests.support.screen import Screen

PATIENCE = 30.0
"""Seconds within which a window that is quit must be gone."""


class Window:
    """A film, and the window that shows it."""

    def __init__(self, folder: Path, footage: Path, display: str, relay: str, rng: random.Random) -> None:
        self.folder, self.rng, self.footage, self.relay = folder, rng, footage, relay
        self.proeditor = CommandLine(folder / "home")
        self.environment = {**self.proeditor.environment, "DISPLAY": display, "PYTHONFAULTHANDLER": "1", "PROEDITOR_LAN": "127.0.0.1"}
        self.film = folder / "film.proedit"
        self.proeditor("new", self.film, "--size", "320x180", "--rate", "25")
        self.proeditor("import", self.film, footage, "--json")
        asset = self.proeditor("import", self.film, footage, "--json").json["assets"][0]["asset"]
        for _ in range(4):
            self.proeditor("run", self.film, "clip.append", json.dumps({"asset": asset}))

    def open(self) -> None:
        self.said = (self.folder / "said").open("w+")
        self.process = subprocess.Popen([sys.executable, "-m", "app.cli", str(self.film)], env=self.environment, stdout=self.said,
                                        stderr=self.said, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))

    def seen(self) -> None:
        self.xdotool("search", "--sync", "--onlyvisible", "--pid", str(self.process.pid))

    def xdotool(self, *words: str) -> str:
        return subprocess.run(["xdotool", *words], env=self.environment, capture_output=True, text=True, timeout=60).stdout

    def key(self, *keys: str) -> None:
        self.xdotool("key", "--delay", "60", *keys)

    def wait(self, least: float, most: float) -> None:
        time.sleep(self.rng.uniform(least, most))

    def end(self, how: str) -> None:
        if how == "key":
            self.key("ctrl+q")
        elif how == "frame":
            for one in self.xdotool("search", "--onlyvisible", "--pid", str(self.process.pid)).split():
                close(self.environment["DISPLAY"], int(one))
        else:
            self.process.send_signal(getattr(signal, how))

    def judge(self, how: str) -> str:
        """What was wrong with its end, "" for nothing."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        began = time.monotonic()
        self.end(how)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            self.process.wait()
            return f"it is still there after {PATIENCE:.0f} s: {self._told()}"
        took = time.monotonic() - began
        _, alive = psutil.wait_procs(children, timeout=10)
        left = sorted(path.name for path in self.folder.glob("film.proedit*"))
        self._after = f"{took:.1f} s"
        if self.process.returncode:
            return f"exit status {self.process.returncode}: {self._told()}"
        if self._told():
            return f"it said {self._told()}"
        if alive or left != ["film.proedit"]:
            return f"left behind: {[child.cmdline() for child in alive if child.is_running()]} {left}"
        problems = self.proeditor("problems", self.film, "--json").json["problems"]
        return f"the film has problems: {problems}" if problems else ""

    @property
    def after(self) -> str:
        return getattr(self, "_after", "")

    def _told(self) -> str:
        self.said.flush()
        logs = [path.read_text(errors="replace") for path in (self.folder / "home").rglob("*.log")]
        bad = [line for text in logs for line in text.splitlines() if "Traceback" in line or " ERROR" in line or "CRITICAL" in line]
        return ((self.folder / "said").read_text(errors="replace") + "\n".join(bad)).strip()[-3000:]


class _Message(ctypes.Structure):
    """XClientMessageEvent, as long as an XEvent."""

    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int), ("display", ctypes.c_void_p),
                ("window", ctypes.c_ulong), ("message_type", ctypes.c_ulong), ("format", ctypes.c_int), ("data", ctypes.c_long * 24)]


def close(display: str, window: int) -> None:
    """What the cross on a window's frame says to the program: no window manager is here to say it."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    opened = ctypes.c_void_p(x11.XOpenDisplay(display.encode()))
    atoms = [x11.XInternAtom(opened, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")]
    message = _Message(type=33, window=window, message_type=atoms[0], format=32)
    message.data[0] = atoms[1]
    x11.XSendEvent(opened, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(message))
    x11.XCloseDisplay(opened)


def nothing(window: Window) -> None:
    """While it starts, or soon after."""
    window.wait(0.0, 2.0)


def playing(window: Window) -> None:
    window.key("space")
    window.wait(0.0, 2.0)


def exporting(window: Window) -> None:
    window.key("ctrl+m")
    window.wait(0.5, 1.0)
    window.key("ctrl+Return")
    window.wait(0.0, 2.0)


def copying(window: Window) -> None:
    window.key("ctrl+a", "ctrl+c", "ctrl+v", "ctrl+z")
    window.wait(0.0, 0.5)


def asking(window: Window) -> None:
    window.key("ctrl+p")
    window.xdotool("type", "--delay", "40", "mark")
    window.wait(0.0, 0.5)


def looking_round(window: Window) -> None:
    for key in ("alt+shift+5", "alt+shift+6", "alt+shift+1"):
        window.key(key)
        window.wait(0.0, 0.5)


def importing(window: Window) -> None:
    window.proeditor.start("import", str(window.film), str(window.footage.with_name("other.mp4"))).communicate(timeout=60)
    window.wait(0.0, 0.5)


def scrubbing(window: Window) -> None:
    window.key(*["l"] * 3, *["Right"] * 20, "k", *["j"] * 4)


def sharing(window: Window) -> None:
    """Others join by another process; the window is online meanwhile."""
    window.proeditor("run", window.film, "marker.add", '{"at": "1s", "text": "here"}')
    window.key("space")
    window.wait(0.5, 2.5)


GOINGS_ON: tuple[Callable[[Window], None], ...] = (
    nothing, playing, exporting, copying, asking, looking_round, importing, scrubbing, sharing)
ENDS = ("key", "key", "frame", "SIGTERM", "SIGINT")


def play(number: int, seed: int, folder: Path, footage: Path, relay: str) -> str:
    """A line about one window; it begins with "bad" if something was wrong."""
    rng = random.Random(f"{seed} {number}")
    goes_on, how = GOINGS_ON[number % len(GOINGS_ON)], rng.choice(ENDS)
    shared = rng.choice(["", "--lan", relay]) if goes_on is not sharing else rng.choice(["--lan", relay])
    with Screen() as screen:
        window = Window(folder, footage, screen.display, relay, rng)
        if shared:
            window.proeditor("share", window.film, *(["--lan"] if shared == "--lan" else ["--relay", shared]), "--json",
                             PROEDITOR_LAN="127.0.0.1")
        window.open()
        window.seen()
        if goes_on is not nothing:
            window.wait(1.0, 2.0)
        goes_on(window)
        if window.process.poll() is not None:
            found = f"it ended by itself with {window.process.returncode}: {window._told()}"
        else:
            found = window.judge(how)
    about = f"{number}: {goes_on.__name__}{' shared' if shared else ''}, by {how}, {window.after}"
    return f"bad {about}: {found}" if found else f"well {about}"


def main() -> int:
    """Exit status 1 if any window ended badly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", type=int, default=0, dest="first")
    given, _ = parser.parse_known_args()
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).parents[2]))
    bad = 0
    with tempfile.TemporaryDirectory(prefix="proedit-quit-") as name:
        root = Path(name)
        footage = root / "a.mp4"
        make_clip(footage)
        make_clip(root / "other.mp4", 20)
        with RunningRelay(root / "relay") as relay:
            for number in range(given.first, given.first + given.times):
                folder = root / str(number)
                folder.mkdir()
                line = play(number, given.seed, folder, footage, relay.address)
                bad += line.startswith("bad")
                print(line, flush=True)
    print(f"{bad} of {given.times} windows ended badly; repeat with --times {given.times} --seed {given.seed}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

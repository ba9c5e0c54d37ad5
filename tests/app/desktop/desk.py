"""The window over a real project file, without a display.

Owns: one application, the main window with real media processes, waiting for things to happen, watching for leaks.
Refuses: pretending; only the sound device is one that nobody hears. Tests marked `still` have neither render nor sound server, which
take longer to start than the window.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app import bootstrap
from app.desktop.bridge import Settings, Workbench
from app.desktop.session import Tools
from app.desktop.shell.main_window import MainWindow
from app.desktop.start import application, keymap_of
from app.desktop.theme.theme import Theme
from app.services.identity import Profile
from app.services.jobs import JobQueue
from app.services.places import Places
from editor_core.timing import TICKS_PER_SECOND
from render.playback.client import RenderClient
from render.playback.sound import SoundClient
from render.pool import TaskPool
from tests.app.desktop.still import Silence, StillRender

S = TICKS_PER_SECOND


class Desk:
    """A window with a project. `bench` is the workbench of the project that is open."""

    def __init__(self, folder: Path, *, still: bool = False) -> None:
        self.app = application()
        self.folder = folder
        places = Places(folder / "config", folder / "cache", folder / "logs")
        for one in (places.config, places.cache, places.logs):
            one.mkdir(parents=True, exist_ok=True)
        self.parts = bootstrap.Parts(places, Profile(id="uTester", name="Tester"), bootstrap.new_session(), bootstrap.commands())
        self.pool = TaskPool(2)
        self.queue = JobQueue()
        self.settings = Settings(folder / "config" / "window.ini")
        self.theme = Theme(folder / "look")
        self.theme.apply()
        makers = bootstrap.window_makers(self.parts)
        self.tools = Tools(self.settings, self.theme, keymap_of(self.settings), self.queue, self.pool,
                           StillRender if still else RenderClient, Silence if still else lambda: SoundClient(backend="null"),
                           places.cache, sharing=makers.sharing)
        self.window = MainWindow(makers, self.tools)
        self.window.resize(1920, 1080)

    @property
    def bench(self) -> Workbench:
        assert self.window.session is not None
        return self.window.session.bench

    @property
    def page(self) -> Any:
        return self.window.page

    def panel(self, name: str) -> Any:
        """The widget of a panel, in whichever workspace it is."""
        return next(space.panels[name].content for space in self.page.spaces.values() if name in space.panels)

    def new(self, name: str = "Film", **shape: Any) -> Path:
        """Makes a project, opens it and shows the window."""
        path = self.folder / f"{name}.proedit"
        project = bootstrap.create_project(self.parts, path, name=name, **{"width": 320, "height": 180, "rate": "25", **shape})
        project.close()
        self.open(path)
        return path

    def open(self, path: Path) -> None:
        assert self.window.open_project(path)
        self.window.show()
        self.settle()

    def asset(self, name: str = "lake.mp4", seconds: float = 20, sound: bool = True, **video: Any) -> str:
        """Media as probing would have found it; the file itself is not there."""
        fields: dict[str, Any] = {"name": name, "hash": f"quick:{name}", "duration": round(seconds * S)}
        fields["video"] = {"index": 0, "codec": "h264", "width": 320, "height": 180, "rate": {"num": 25}, **video}
        if sound:
            fields["audio"] = [{"index": 1, "codec": "aac", "sample_rate": 48000, "channels": 2}]
        return str(self.bench.run("asset.add", fields)["asset"])

    def settle(self, seconds: float = 0.05) -> None:
        """Lets queued work happen: for so long, and as often as an idle machine does in that time, so that a busy one gets as far."""
        until, turns = time.monotonic() + seconds, seconds / 0.005
        while time.monotonic() < until or turns > 0:
            self.app.processEvents()
            time.sleep(0.002)
            turns -= 1

    def wait(self, ready: Callable[[], Any], seconds: float = 40.0) -> Any:
        """Runs the event loop until `ready()` is true; fails after `seconds`."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.app.processEvents()
            found = ready()
            if found:
                return found
            time.sleep(0.004)
        raise AssertionError(f"did not happen within {seconds} s: {ready}")

    def key(self, key: str, target: QWidget | None = None) -> None:
        """Presses a key such as `Ctrl+K` where the focus is."""
        *modifiers, name = key.replace("++", "+Plus").split("+")
        held = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            held |= {"Ctrl": Qt.KeyboardModifier.ControlModifier, "Shift": Qt.KeyboardModifier.ShiftModifier,
                     "Alt": Qt.KeyboardModifier.AltModifier}[modifier]
        QTest.keyClick(target or self.app.focusWidget() or self.window, getattr(Qt.Key, f"Key_{name}"), held)
        self.settle(0.02)

    def type(self, text: str, target: QWidget | None = None) -> None:
        QTest.keyClicks(target or self.app.focusWidget(), text)
        self.settle(0.02)

    def drag(self, widget: QWidget, start: QPoint, end: QPoint, steps: int = 8) -> None:
        """Presses at `start`, moves to `end`, releases."""
        QTest.mousePress(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
        for n in range(1, steps + 1):
            QTest.mouseMove(widget, start + (end - start) * n / steps)
            self.settle(0.012)
        QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
        self.settle(0.06)

    def close(self) -> None:
        self.window.take_down()
        self.queue.close()
        self.pool.close()
        self.app.processEvents()


def top_levels() -> set[QWidget]:
    """Windows that are alive, without those Qt keeps for itself."""
    gc.collect()
    if not gc.get_freeze_count():
        gc.freeze()  # what was there before the first window, modules above all, is not looked through again for each
    app = application()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    app.processEvents()
    return {w for w in app.topLevelWidgets() if w.metaObject().className() not in ("QTipLabel", "QDesktopScreenWidget")}


@pytest.fixture
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A window without a project. At the end nothing of it is left."""
    before = top_levels()
    made = Desk(tmp_path, still=request.node.get_closest_marker("still") is not None)
    yield made
    made.close()
    del made
    left = top_levels() - before
    assert not left, f"left behind: {[(type(w).__name__, w.objectName()) for w in left]}"


@pytest.fixture
def film(desk: Desk) -> Desk:
    """A project with two shots of one file on V1 and A1: 0-4 s and 4-8 s of picture, linked to their sound."""
    desk.new()
    lake = desk.asset()
    for start in (2, 10):
        desk.bench.run("clip.append", {"asset": lake, "source_start": start * S, "source_duration": 4 * S})
    desk.settle()
    return desk


__all__ = ["Desk", "S", "desk", "film", "top_levels"]

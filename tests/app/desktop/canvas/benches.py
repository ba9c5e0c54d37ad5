"""A workbench over a project in memory, for tests of the canvas.

Owns: a real document, door, selection, transport and actions; pictures and sound that never come. Refuses: storage and workers.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

import app.desktop.canvas
import app.desktop.shell.actions
from app.desktop.bridge import (
    Actions,
    Deck,
    FrameFeed,
    Jobs,
    Keymap,
    Levels,
    Post,
    Problems,
    Saving,
    Selection,
    Settings,
    SourceDeck,
    Targets,
    Tiles,
    ToolBox,
    Transport,
    Workbench,
)
from app.desktop.bridge.actions import discover as discover_actions
from app.desktop.bridge.discussion import Discussion
from app.desktop.bridge.keymap import read_file
from app.desktop.bridge.media_watch import MediaWatch
from app.desktop.theme.theme import Theme
from app.services.jobs import JobQueue
from editor_core.commands.context import Actor
from editor_core.commands.door import CommandDoor
from editor_core.commands.registry import discover
from editor_core.document import ChangeSet, Document, History, Stamp
from editor_core.document.new_project import new_records
from editor_core.schema import AudioStream, Clip, MediaReference, Record, Track, VideoStream
from editor_core.timing import TICKS_PER_SECOND, Rate, TimeRange
from tests.app.desktop.still import Silence, StillRender
from tests.support.talking import talk

S = TICKS_PER_SECOND
FRAME = S // 25
KEYMAP = Path(__file__).parents[4] / "resources/keymaps/proeditor.json"


class PaintedTiles:
    """Thumbnails and waveforms made on the spot: a colour per moment, a steady hum."""

    def thumbnails(self, asset: str, times: tuple[int, ...], height: int, done: Callable[..., None]) -> None:
        width = height * 16 // 9
        made = []
        for at in times:
            pixel = bytes((60 + at // S * 13 % 160, 90 + hash(asset) % 80, 140, 255))
            made.append((at, width, height, pixel * (width * height)))
        done(made)

    def waveform(self, asset: str, done: Callable[[Any, int], None], stream: int = 0) -> None:
        steps = np.arange(60 * 60 * 50, dtype=np.float32)
        level = 0.25 + 0.2 * np.sin(steps / 9) + 0.3 * np.abs(np.sin(steps / 61))
        done(np.stack([-level, level, level * 0.5], axis=1).astype(np.float32), S // 50)


class PlannedImports(QObject):
    """Says that files were imported when the test says so."""

    finished = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Path] = []

    def add(self, paths: Iterable[Path]) -> bool:
        self.asked += paths
        return True


class Noting:
    """Remembers which commands ran, with their arguments."""

    def __init__(self, door: CommandDoor) -> None:
        self.ran: list[tuple[str, dict[str, Any]]] = []
        real = door.execute

        def execute(command: str, args: Mapping[str, Any] | None = None, **more: Any) -> Any:
            outcome = real(command, args, **more)
            self.ran.append((command, dict(args or {})))
            return outcome

        door.execute = execute  # type: ignore[method-assign]


def counting() -> Callable[[str], str]:
    numbers = itertools.count(1)
    return lambda prefix: f"{prefix}{next(numbers)}"


def media(asset: str, name: str, seconds: float = 60, *, sound: bool = True, picture: bool = True, still: bool = False,
          size: tuple[int, int] = (1920, 1080), variable: bool = False) -> MediaReference:
    """A media reference as probing would give it."""
    video = VideoStream(index=0, codec="h264", width=size[0], height=size[1], variable=variable) if picture else None
    audio = (AudioStream(index=1, codec="aac", sample_rate=48000, channels=2),) if sound else ()
    return MediaReference(id=asset, name=name, hash=f"quick:{asset}", duration=0 if still else round(seconds * S), still=still,
                          video=video, audio=audio)


def film(*more: Record) -> list[Record]:
    """Project, timeline at 25 fps, V1 (`k2`), A1 (`k3`), and what is added."""
    return [*new_records(counting(), name="Film", rate=Rate(25)), *more]


def shot(clip: str, start: float, length: float, *, asset: str = "m1", track: str = "k2", kind: str = "video", source: float = 10,
         link: str = "", **fields: Any) -> Clip:
    """A clip; times in seconds."""
    return Clip(id=clip, track=track, kind=kind, start=round(start * S), asset=asset, link=link,
                source_range=TimeRange(round(source * S), round(length * S)), **fields)


def track(track_id: str, kind: str, order: str, **fields: Any) -> Track:
    return Track(id=track_id, timeline="t1", kind=kind, order=order, **fields)


def make_bench(folder: Path, records: Iterable[Record], theme: str = "dark") -> Workbench:
    """A workbench over records; what the canvas has no use for (exporting) is not there. Needs a QApplication."""
    document = Document(records)
    changes: dict[Stamp, ChangeSet] = {}
    door = CommandDoor(document, discover(), History(changes.__getitem__), actor=Actor(id="me"), session=7)
    document.subscribe(lambda change, before, after: changes.__setitem__(change.stamp, change))
    post = Post()
    render, silence = StillRender(), Silence()
    timeline = document.snapshot.timeline
    frames = FrameFeed(render, lambda: (timeline.width, timeline.height), post)
    transport = Transport(silence, frames, lambda: document.snapshot.timeline.rate, lambda: document.snapshot.end())
    look = Theme(folder / "theme", theme)
    source = SourceDeck(lambda: (StillRender(), Silence()), lambda: document.snapshot, dict, post)
    parts: dict[str, Any] = {field.name: None for field in dataclasses.fields(Workbench) if field.default is dataclasses.MISSING
                             and field.default_factory is dataclasses.MISSING}
    parts |= {
        "door": door, "document": document, "selection": Selection(), "tools": ToolBox(), "targets": Targets(lambda: document.snapshot),
        "program": Deck(transport, frames), "source": source, "levels": Levels(), "tiles": Tiles(PaintedTiles(), post),
        "jobs": Jobs(JobQueue(), post), "imports": PlannedImports(), "media": MediaWatch(dict, post), "problems": Problems(),
        "saving": Saving(post), "settings": Settings(folder / "settings.ini"), "theme": look, "post": post}
    bench = Workbench(**parts)
    document.subscribe(lambda change, before, after: bench.signals.changed.emit(change, before, after))
    specs = [*discover_actions(app.desktop.shell.actions), *discover_actions(app.desktop.canvas)]
    said = talk()
    bench.door.talk = lambda: said
    bench.late["comments"] = Discussion(bench, said)
    bench.late["actions"] = Actions(bench, specs, Keymap(read_file(KEYMAP)))
    bench.late["render"] = render
    return bench
